"""The exercises of the labs of notebook 08."""
import math

from . import Exercise

he = Exercise(
    lambda channels, k: math.sqrt(2 / (channels * k * k)),
    [("That is the variance: its square root is asked for.", lambda channels, k: 2 / (channels * k * k)),
     ("An output number is a sum over all places of the kernel, too: n = channels · k · k.",
      lambda channels, k: math.sqrt(2 / channels)),
     ("That keeps the size without a ReLU: ReLU halves the average square, so take 2 / n.",
      lambda channels, k: math.sqrt(1 / (channels * k * k))),
     ("The kernel has k rows and k columns: n = channels · k · k.",
      lambda channels, k: math.sqrt(2 / (channels * k)))],
    [(2, 1), (3, 3), (64, 3), (96, 5)])


def _block_weights(kernel_sizes, c, d, follow=True, area=True):
    weights = 0
    for size in kernel_sizes:
        weights += (size * size if area else size) * c * d
        c = d if follow else c
    return weights


block_weights = Exercise(
    _block_weights,
    [("The second convolution reads the d channels that the first one has made.",
      lambda kernel_sizes, c, d: _block_weights(kernel_sizes, c, d, follow=False)),
     ("A kernel has size · size weights.", lambda kernel_sizes, c, d: _block_weights(kernel_sizes, c, d, area=False)),
     ("The first convolution reads c channels.", lambda kernel_sizes, c, d: _block_weights(kernel_sizes, d, d)),
     ("The biases are not asked for.",
      lambda kernel_sizes, c, d: _block_weights(kernel_sizes, c, d) + d * len(kernel_sizes))],
    [([1], 2, 3), ([3, 3], 1, 2), ([5], 16, 32), ([3, 3, 1], 8, 16)])


def _smallest_side(layers, forwards=False, padded=True, floor=1):
    side = 1
    for k, stride, padding in layers if forwards else reversed(layers):
        side = max(floor, (side - 1) * stride + k - 2 * padding * padded)
    return side


smallest_side = Exercise(
    _smallest_side,
    [("Go from the last layer to the first.", lambda layers: _smallest_side(layers, forwards=True)),
     ("Padding adds pixels on both sides, so that fewer are needed.",
      lambda layers: _smallest_side(layers, padded=False)),
     ("An image has at least one pixel.", lambda layers: _smallest_side(layers, floor=-99)),
     ("That is the product of the strides: kernels that reach farther need more.",
      lambda layers: math.prod(stride for _, stride, _ in layers))],
    [([(3, 1, 0)],), ([(5, 1, 1), (2, 2, 0), (2, 2, 0)],), ([(3, 1, 0), (2, 2, 0), (3, 1, 0)],),
     ([(2, 2, 0), (7, 1, 0)],), ([(3, 1, 2)],), (5 * [(3, 1, 1), (2, 2, 0)],)])
