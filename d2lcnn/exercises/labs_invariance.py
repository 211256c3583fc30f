"""The exercises of the labs of notebook 15."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _padded(mode):
    return lambda n, pad: numpy.pad(numpy.arange(n), pad, mode)


wrap = Exercise(
    _padded("wrap"),
    [("That mirrors the row at its ends. In a ring, the pixel to the left of the first one is the last one.",
      _padded("symmetric")),
     ("That mirrors the row around its outermost pixels. In a ring, the last pixel stands to the left of the first.",
      _padded("reflect")),
     ("That repeats the outermost pixels. In a ring, the last pixel stands to the left of the first.", _padded("edge")),
     ("The right places on the left, but nothing on the right: there the row begins anew.",
      lambda n, pad: numpy.concatenate([numpy.arange(n - pad, n), numpy.arange(n)])),
     ("Left and right are exchanged: on the left stands what is last in the row.",
      lambda n, pad: numpy.concatenate([numpy.arange(pad), numpy.arange(n), numpy.arange(n - pad, n)]))],
    [(4, 1), (5, 2), (6, 3)])


def _votes(P):
    votes = to_numpy(P).argmax(axis=2)
    return numpy.array([numpy.bincount(column, minlength=to_numpy(P).shape[2]).argmax() for column in votes.T])


_P = np.array([[[0.6, 0.4, 0.0], [0.2, 0.3, 0.5]], [[0.6, 0.4, 0.0], [0.2, 0.5, 0.3]],
               [[0.0, 0.5, 0.5], [0.2, 0.5, 0.3]]])

mean_answer = Exercise(
    lambda P: to_numpy(P).mean(axis=0).argmax(axis=1),
    [("Those are the mean probabilities: the answer is the class with the largest one, by argmax.",
      lambda P: to_numpy(P).mean(axis=0)),
     ("That is the first view alone: take the mean over all views.", lambda P: to_numpy(P)[0].argmax(axis=1)),
     ("That is how probable the answer is: which class it is says argmax.",
      lambda P: to_numpy(P).mean(axis=0).max(axis=1)),
     ("That lets the views vote. Take the mean of their probabilities, so that a view that is unsure counts less.",
      _votes),
     ("The mean is taken over the images: the views are the first axis.",
      lambda P: to_numpy(P).mean(axis=1).argmax(axis=1))],
    [(_P,), (np.array([[[0.1, 0.9], [0.8, 0.2]], [[0.7, 0.3], [0.9, 0.1]]]),)])
