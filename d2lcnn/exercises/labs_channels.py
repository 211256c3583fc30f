"""The exercises of the labs of notebook 04."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise

volume = Exercise(
    {"first": -2, "second": 4},
    [("The biases are missing: add −1 and 1, once for each filter.", {"first": -1, "second": 3}),
     ("The bias is added once for each filter, not once for each channel.", {"first": -4, "second": 6}),
     ("That is the window that begins at row 1: with a stride of 2, row 1 of the output begins at row 2.",
      {"first": 4, "second": 3}),
     ("The padding is missing: that is the window that begins at row 2 and column 0 of the image itself.",
      {"first": -3, "second": 3})])


def _outer(answer):
    column, row = (to_numpy(part).reshape(-1) for part in answer)
    return numpy.outer(column, row)


split = Exercise(
    lambda K: (to_numpy(K)[:, :1], to_numpy(K)[:1] / to_numpy(K)[0, 0]),
    [("The product of the first column and the first row is K times its upper left number: divide one of them by it.",
      lambda K: (to_numpy(K)[:, :1], to_numpy(K)[:1])),
     ("Both are divided by the upper left number: divide one of them only.",
      lambda K: (to_numpy(K)[:, :1] / to_numpy(K)[0, 0], to_numpy(K)[:1] / to_numpy(K)[0, 0])),
     ("The means of the rows and of the columns have the right shape, but not the right size.",
      lambda K: (to_numpy(K).mean(axis=1), to_numpy(K).mean(axis=0)))],
    [(np.array([[2, 4], [1, 2]]),), (np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),),
     (np.array([[3, 1, 2, 1], [6, 2, 4, 2], [-3, -1, -2, -1]]),)],
    view=_outer)

separable_cost = Exercise(
    lambda c_i, c_o, k, m: c_i * m * m * (k * k + c_o),
    [("That is the first step alone: add the 1 × 1 convolution.", lambda c_i, c_o, k, m: c_i * k * k * m * m),
     ("That is the second step alone: add the depthwise convolution.", lambda c_i, c_o, k, m: c_i * c_o * m * m),
     ("That is the usual convolution: in the first step, every channel has one kernel only.",
      lambda c_i, c_o, k, m: c_i * c_o * k * k * m * m),
     ("Those are the weights: each is used at every one of the m × m places.",
      lambda c_i, c_o, k, m: c_i * (k * k + c_o)),
     ("The first step makes as many channels as it reads, c_i, not c_o.",
      lambda c_i, c_o, k, m: m * m * c_o * (k * k + c_i))],
    [(1, 2, 3, 2), (3, 10, 5, 32), (100, 50, 5, 64)])
