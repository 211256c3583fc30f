"""The exercises of notebook 09."""
from ..costs import summary
from . import Exercise

work = Exercise(
    lambda c_in, c_mid, c_out, k, pixels: (c_in * c_mid + c_mid * c_out * k * k) * pixels,
    [("The 1 × 1 convolution also does some work: c_in · c_mid at each place.",
      lambda c_in, c_mid, c_out, k, pixels: c_mid * c_out * k * k * pixels),
     ("The second convolution reads the c_mid channels that the first one makes, not c_in.",
      lambda c_in, c_mid, c_out, k, pixels: (c_in * c_mid + c_in * c_out * k * k) * pixels),
     ("Only the second convolution has kernels of k × k: the first one has a single weight per pair of channels.",
      lambda c_in, c_mid, c_out, k, pixels: (c_in * c_mid + c_mid * c_out) * k * k * pixels),
     ("Those are the weights: each of them is used at every place.",
      lambda c_in, c_mid, c_out, k, pixels: c_in * c_mid + c_mid * c_out * k * k),
     ("A kernel that is k wide is also k high: k² weights.",
      lambda c_in, c_mid, c_out, k, pixels: (c_in * c_mid + c_mid * c_out * k) * pixels)],
    [(2, 1, 3, 3, 1), (192, 16, 32, 5, 784), (64, 8, 64, 3, 49)])

depth = Exercise(
    22,
    [("Those are all layers with weights: of the six in a block, a signal passes two at most.", 58),
     ("That counts the poolings between the stages and the last one, too: they have no weights.", 27),
     ("The dense layer at the end has weights as well.", 21),
     ("A block is two layers deep: a 1 × 1 convolution, then 3 × 3 or 5 × 5.", 13),
     ("The stem has three convolutions with weights.", 20)])


def _block(net):
    rows = summary(net, (1, 32, 14, 14))
    return {"layers": sorted((list(row.kernel), list(row.shape[1:]), row.parameters) for row in rows if row.kernel),
            "pooling": sorted(row.layer.split()[-1] for row in rows if not row.parameters and row.kernel),
            "out": list(summary(net, (1, 32, 14, 14), depth=0)[0].shape[1:])}


def _right(kernel=3, squeezed=8, pooled=8, pooling="AvgPool2D", size=14):
    return {"layers": sorted([
        ([1, 1], [16, 14, 14], 528), ([1, 1], [squeezed, 14, 14], 33 * squeezed),
        ([kernel, kernel], [24, size, size], 24 * (kernel * kernel * squeezed + 1)),
        ([3, 3], [32, 14, 14], 0), *([([1, 1], [pooled, 14, 14], 33 * pooled)] if pooled else [])]),
        "pooling": [pooling], "out": [40 + (pooled or 32), 14, 14]}


three_paths = Exercise(
    _right(),
    [("The pooling should take means: nn.AvgPool2D.", _right(pooling="MaxPool2D")),
     ("The pooling path ends with a 1 × 1 convolution of 8 channels.", _right(pooled=0)),
     ("The path `three` has 3 × 3 kernels, not 5 × 5.", _right(kernel=5)),
     ("The 1 × 1 convolution of the path `three` makes 8 channels.", _right(squeezed=16))],
    view=_block)
