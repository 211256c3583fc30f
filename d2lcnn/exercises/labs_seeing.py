"""The exercises of the labs of notebook 17."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _fool(X, start, gradient, step, limit):
    X, start, gradient = map(to_numpy, (X, start, gradient))
    return numpy.clip(numpy.clip(X + step * numpy.sign(gradient), start - limit, start + limit), 0, 1)


def _variant(direction=numpy.sign, bound=True, clip=True):
    def wrong(X, start, gradient, step, limit):
        X, start, gradient = map(to_numpy, (X, start, gradient))
        X = X + step * direction(gradient)
        X = numpy.clip(X, start - limit, start + limit) if bound else X
        return numpy.clip(X, 0, 1) if clip else X
    return wrong


_START = np.array([0.5, 0.5, 0.5, 0.01, 0.99])

fool = Exercise(
    _fool,
    [("That goes down: the score of the wrong class is to rise, so add.", _variant(lambda g: -numpy.sign(g))),
     ("Take the sign of the gradient: every pixel moves by the same amount.", _variant(lambda g: g)),
     ("The limit is missing: no pixel may move further from the start than that.", _variant(bound=False)),
     ("Pixels must stay between 0 and 1.", _variant(clip=False))],
    [(_START, _START, np.array([2.0, -0.1, 0.0, 1.0, -1.0]), 0.02, 0.05),
     (_START + 0.04 * np.array([1, -1, 0, -0.1, 0.1]), _START, np.array([2.0, -0.1, 0.3, 3.0, -1.0]), 0.02, 0.05),
     (_START, _START, np.array([1.0, -1.0, 1.0, -1.0, 1.0]), 0.02, 0.05)])


def _auc(inside, outside, tie=0.5):
    inside, outside = to_numpy(inside).reshape(-1, 1), to_numpy(outside).reshape(1, -1)
    return (inside > outside).mean() + tie * (inside == outside).mean()


auc = Exercise(
    _auc,
    [("The other way round: count the pairs in which the picture of the kind has the larger number.",
      lambda inside, outside: _auc(outside, inside)),
     ("A tie counts one half.", lambda inside, outside: _auc(inside, outside, 0)),
     ("A tie counts one half, not one.", lambda inside, outside: _auc(inside, outside, 1)),
     ("Divide by the number of pairs, to get a share.",
      lambda inside, outside: _auc(inside, outside) * len(inside) * len(outside))],
    [(np.array([3.0, 1.0]), np.array([2.0, 0.0])), (np.array([1.0, 2.0]), np.array([1.0, 0.0, 5.0])),
     (np.arange(6.0) ** 2, np.arange(9.0))])
