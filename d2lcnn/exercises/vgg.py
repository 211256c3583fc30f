"""The exercises of notebook 08."""
from ..costs import summary
from . import Exercise

stack = Exercise(
    {"layers": 5, "weights of the 3 × 3 layers": 184_320, "weights of one 11 × 11 layer": 495_616},
    [("A layer of 3 × 3 widens the field by 2 pixels: 3, 5, 7, 9, 11.",
      {"layers": 4, "weights of the 3 × 3 layers": 147_456, "weights of one 11 × 11 layer": 495_616}),
     ("Count a kernel for every pair of an input and an output channel: 64 · 64 of them.",
      {"layers": 5, "weights of the 3 × 3 layers": 45, "weights of one 11 × 11 layer": 121}),
     ("Each of the 64 output channels reads all 64 input channels.",
      {"layers": 5, "weights of the 3 × 3 layers": 5 * 64 * 9, "weights of one 11 × 11 layer": 64 * 121}),
     ("Those are the weights of one of the five layers.",
      {"layers": 5, "weights of the 3 × 3 layers": 36_864, "weights of one 11 × 11 layer": 495_616}),
     ("The biases are not asked for.",
      {"layers": 5, "weights of the 3 × 3 layers": 184_640, "weights of one 11 × 11 layer": 495_680})])


def _field(layers, start=1, early=False, strides=True):
    field, step = start, 1
    for kernel_size, stride in layers:
        step *= stride if early else 1
        field += (kernel_size - 1) * step
        step *= stride if strides and not early else 1
    return field


receptive_field = Exercise(
    _field,
    [("The strides are missing: after a stride of 2, a step is two pixels of the image.",
      lambda layers: _field(layers, strides=False)),
     ("A stride changes the step for the layers after it: widen the field first, then multiply the step.",
      lambda layers: _field(layers, early=True)),
     ("Without any layer a number sees its own pixel: start with a field of 1.",
      lambda layers: _field(layers, start=0)),
     ("A kernel of size k adds k - 1 steps, not k: it covers one that was already there.",
      lambda layers: 1 + sum(kernel_size for kernel_size, _ in layers))],
    [([(3, 1)],), ([(3, 1), (3, 1)],), ([(2, 2), (3, 1)],), ([(3, 1), (3, 1), (2, 2), (3, 1), (2, 2), (5, 1)],),
     ([(11, 4), (3, 2), (5, 1)],)])


def _rows(net):
    return [row.shape[1:] for row in summary(net, (1, 3, 64, 64)) if row.parameters or row.kernel]


def _right(convolutions=2, hidden=True, classes=5, sizes=(64, 32, 16, 8), channels=(32, 64, 128, 256)):
    shapes = []
    for size, c in zip(sizes, channels, strict=True):
        shapes += convolutions * [(c, size, size)] + [(c, size // 2, size // 2)]
    return shapes + hidden * [(512,)] + [(classes,)]


small_vgg = Exercise(
    _right(),
    [("Each block has two convolutions, not one.", _right(convolutions=1)),
     ("The last layer needs one output per class: five.", _right(classes=10)),
     ("The dense layer of 512 units before the last one is missing.", _right(hidden=False)),
     ("There are four blocks, with 32, 64, 128 and 256 channels: the last one is missing.",
      _right(sizes=(64, 32, 16), channels=(32, 64, 128)))],
    view=_rows)
