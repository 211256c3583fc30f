"""The exercises of the labs of notebook 05."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise

average = Exercise(
    {"weights": numpy.full((2, 2), 0.25), "bias": 0.0},
    [("That adds the four pixels up: the mean is a quarter of their sum.",
      {"weights": numpy.ones((2, 2)), "bias": 0.0}),
     ("The mean of four pixels takes a quarter of each: the weights must add up to 1.",
      {"weights": numpy.full((2, 2), 0.5), "bias": 0.0}),
     ("The weights are right, but the bias is added to every answer: a black image has the mean 0.",
      {"weights": numpy.full((2, 2), 0.25), "bias": 0.25}),
     ("That keeps one pixel of each window and skips the other three.",
      {"weights": numpy.array([[1.0, 0], [0, 0]]), "bias": 0.0})])

l2 = Exercise(
    lambda A: numpy.sqrt((to_numpy(A).astype(float) ** 2).mean(axis=2)),
    [("That is the root of the sum: take the mean of the squares, so that windows of any size compare.",
      lambda A: numpy.sqrt((to_numpy(A).astype(float) ** 2).sum(axis=2))),
     ("The root is missing.", lambda A: (to_numpy(A).astype(float) ** 2).mean(axis=2)),
     ("That squares the mean: square first, then take the mean.", lambda A: numpy.abs(to_numpy(A).mean(axis=2))),
     ("That is the mean over another axis: the numbers of a window lie on axis 2.",
      lambda A: numpy.sqrt((to_numpy(A).astype(float) ** 2).mean(axis=0)))],
    [(np.array([[[3.0, 4, 0, 0]]]), ), (np.array([[[1.0, -1, 1, -1], [2, 0, 0, 0]]]), ),
     (np.array([[[1.0, 2, 3, 4], [30, 0, 2, 0]], [[0, 0, 0, 0], [5, 5, 5, 5]]]), )])
