"""The exercises of notebook 02."""
import math

import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _corr2d(X, K):
    X, K = to_numpy(X), to_numpy(K)
    return (numpy.lib.stride_tricks.sliding_window_view(X, K.shape) * K).sum(axis=(2, 3))


corr2d = Exercise(
    _corr2d,
    [("The kernel is flipped. Mathematicians call that a convolution; here, lay K on the window as it is.",
      lambda X, K: _corr2d(X, K[::-1, ::-1])),
     ("The products are averaged: add them up with sum, not mean.",
      lambda X, K: _corr2d(X, K) / K.size),
     ("The last row and column are missing: a window of k rows fits n - k + 1 times into n rows.",
      lambda X, K: _corr2d(X, K)[:-1, :-1]),
     ("Every output is the sum of its whole window: multiply the window by K before you add.",
      lambda X, K: _corr2d(X, K * 0 + 1))],
    [(np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2)),
     (np.array([[3, 1, 4, 1], [5, 9, 2, 6], [5, 3, 5, 8], [9, 7, 9, 3], [2, 3, 8, 4]]), np.array([[1, -1, 2]])),
     (np.array([[3, 1, 4, 1], [5, 9, 2, 6], [5, 3, 5, 8], [9, 7, 9, 3]]),
      np.array([[1, 2, 0], [0, -1, 1], [2, 1, 3]]))])


SOBEL_X = numpy.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def _edge(right, down):
    return right * SOBEL_X + down * SOBEL_X.T


edge_kernel = Exercise(
    lambda angle: _edge(math.cos(math.radians(angle)), math.sin(math.radians(angle))),
    [("math.cos takes radians, not degrees: math.radians(angle) converts.",
      lambda angle: _edge(math.cos(angle), math.sin(angle))),
     ("Sine and cosine have changed places: at 0 degrees the kernel must be sobel_x itself.",
      lambda angle: _edge(math.sin(math.radians(angle)), math.cos(math.radians(angle)))),
     ("That is sobel_x at every angle: mix in sobel_y, by the sine of the angle.",
      lambda angle: _edge(math.cos(math.radians(angle)), 0))],
    [(0,), (90,), (45,), (200,)])


weights = Exercise(
    {"dense": 784 * 576, "convolution": 25},
    [("A dense layer has a weight for every pair of an input and an output: multiply the two numbers.",
      {"dense": 784 + 576, "convolution": 25}),
     ("The dense output is too large: windows of 5 × 5 fit 24 × 24 times into 28 × 28 pixels.",
      {"dense": 784 * 784, "convolution": 25}),
     ("The convolution uses the same weights at every place: count the numbers in one kernel.",
      {"dense": 784 * 576, "convolution": 25 * 576}),
     ("5 × 5 is 25.", {"dense": 784 * 576, "convolution": 10})])
