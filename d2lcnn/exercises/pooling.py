"""The exercises of notebook 05."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _windows(X, size, stride):
    return numpy.lib.stride_tricks.sliding_window_view(to_numpy(X), (size, size))[::stride, ::stride]


max_pool = Exercise(
    lambda X, size, stride: _windows(X, size, stride).max(axis=(2, 3)),
    [("That is the mean of each window: max pooling keeps the largest value.",
      lambda X, size, stride: _windows(X, size, stride).mean(axis=(2, 3))),
     ("The window moves by one pixel each time: let it move by stride.",
      lambda X, size, stride: _windows(X, size, 1).max(axis=(2, 3))),
     ("The window moves by its own size: let it move by stride.",
      lambda X, size, stride: _windows(X, size, size).max(axis=(2, 3))),
     ("That is the sum of each window: max pooling keeps the largest value.",
      lambda X, size, stride: _windows(X, size, stride).sum(axis=(2, 3)))],
    [(np.array([[1, 5], [2, -3]]), 2, 2),
     (np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]), 2, 2),
     (np.array([[1, 1, 2, 4, 0], [5, 6, 7, 8, 1], [3, 2, 1, 0, 9], [1, 2, 3, 4, 5], [0, -1, -2, -3, -4]]), 3, 2),
     (np.array([[3, 1, 2], [0, 4, 1], [2, 2, 5]]), 2, 1)])


def _relu(x):
    return numpy.maximum(to_numpy(x), 0)


larger = Exercise(
    lambda a, b: numpy.maximum(a, b),
    [("That is right only if a is the larger one, or both are positive: try a = -1 and b = -2.",
      lambda a, b: _relu(a - b) + _relu(b)),
     ("That is how much larger a is; something must be added to it.", lambda a, b: _relu(a - b)),
     ("That is the sum of the positive numbers.", lambda a, b: _relu(a) + _relu(b)),
     ("That is the smaller one.", lambda a, b: numpy.minimum(a, b))],
    [(3.0, 1.0), (1.0, 3.0), (-1.0, -2.0), (-4.0, 2.0)])

regions = Exercise(
    4,
    [("That is 32 / 16 windows beside each other; there are as many below each other.", 2),
     ("That is a window's size: count the windows.", 256),
     ("The window moves by its own size, so windows do not overlap.", 17 * 17),
     ("One number per channel is what global pooling leaves.", 1),
     ("The convolutions have made 32 × 32 pixels out of 40 × 40, and 32 / 16 is 2.", 6.25)])
