"""The exercises of notebook 17."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _cam(maps, weights):
    return numpy.tensordot(to_numpy(weights), to_numpy(maps), axes=1)


_SMALL = np.array([[[1.0, 0, 0], [2, 0, 1]], [[0.0, 3, 0], [1, 0, 0]]])  # two maps of 2 x 3

cam = Exercise(
    _cam,
    [("That is the mean vote: all votes are asked for, so keep rows and columns.",
      lambda maps, weights: _cam(maps, weights).mean()),
     ("The weights are missing: each map counts as much as its weight for this class says.",
      lambda maps, weights: to_numpy(maps).sum(axis=0)),
     ("A vote is the sum over the channels, not their mean.",
      lambda maps, weights: _cam(maps, weights) / len(weights)),
     ("The channels have not been added up yet: the result has one number for each place.",
      lambda maps, weights: to_numpy(weights).reshape(-1, 1, 1) * to_numpy(maps)),
     ("Votes against the class belong to the sum, too: no ReLU here.",
      lambda maps, weights: numpy.maximum(_cam(maps, weights), 0))],
    [(_SMALL, np.array([1.0, -1.0])), (_SMALL, np.array([2.0, 0.5])),
     (np.arange(75.0).reshape(3, 5, 5) % 7, np.array([0.5, -2.0, 1.0]))])


def _heat_map(maps, gradients):
    return numpy.maximum(_cam(maps, to_numpy(gradients).mean(axis=(1, 2))), 0)


heat_map = Exercise(
    _heat_map,
    [("The ReLU is missing: negative numbers become 0.",
      lambda maps, gradients: _cam(maps, to_numpy(gradients).mean(axis=(1, 2)))),
     ("Each map gets one weight, the mean of its gradients: do not multiply place by place.",
      lambda maps, gradients: numpy.maximum((to_numpy(maps) * to_numpy(gradients)).sum(axis=0), 0)),
     ("The weight of a map is the mean of its gradients, not their sum.",
      lambda maps, gradients: numpy.maximum(_cam(maps, to_numpy(gradients).sum(axis=(1, 2))), 0)),
     ("ReLU comes last: before the sum it takes away what speaks against the class at this place.",
      lambda maps, gradients: numpy.maximum(
          to_numpy(maps) * to_numpy(gradients).mean(axis=(1, 2), keepdims=True), 0).sum(axis=0))],
    [(_SMALL, np.array([[[1.0, 2, 3], [0, 0, 0]], [[0.0, -3, -3], [0, 0, 0]]])),
     (_SMALL, np.array([[[0.0, 0, 3], [0, 0, -9]], [[0.0, 6, 0], [0, 0, 0]]])),
     (np.arange(75.0).reshape(3, 5, 5) % 7, np.sin(np.arange(75.0)).reshape(3, 5, 5))])
