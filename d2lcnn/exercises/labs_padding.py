"""The exercises of the labs of notebook 03."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _transposed(X, K, stride, step=None, add=True):
    X, K = to_numpy(X), to_numpy(K)
    Y = numpy.zeros([(n - 1) * stride + k for n, k in zip(X.shape, K.shape, strict=True)])
    for (i, j), x in numpy.ndenumerate(X):
        top, left = (step or stride) * i, (step or stride) * j
        part = Y[top:top + len(K), left:left + K.shape[1]]
        part[:] = add * part + x * K
    return Y


transposed = Exercise(
    _transposed,
    [("Where stamps overlap, the later one has replaced the earlier one: add with +=.",
      lambda X, K, stride: _transposed(X, K, stride, add=False)),
     ("The stamps move by one pixel: let them move by stride.",
      lambda X, K, stride: _transposed(X, K, stride, step=1)),
     ("The kernel is turned: stamp it as it is.",
      lambda X, K, stride: _transposed(X, to_numpy(K)[::-1, ::-1], stride)),
     ("Every stamp is the kernel itself: multiply it by its pixel.",
      lambda X, K, stride: _transposed(to_numpy(X) * 0 + 1, K, stride))],
    [(np.array([[1, 2]]), np.array([[1, 10, 100]]), 2),
     (np.array([[1, 2], [3, 4]]), np.array([[0, 1], [2, 3]]), 2),
     (np.array([[1, -1, 2], [0, 3, 1]]), np.array([[1, 2, 0], [0, -1, 1], [2, 1, 3]]), 2),
     (np.array([[1, 2], [3, 4]]), np.array([[1, 1, 1], [1, 2, 1], [1, 1, 3]]), 1)])


def _missing(n, k, s):
    return (-(-n // s) - 1) * s + k - n


def _halves(missing):
    return missing // 2, missing - missing // 2


same_zeros = Exercise(
    lambda n, k, s: _halves(max(_missing(n, k, s), 0)),
    [("If the number is odd, the additional zero comes after the image.",
      lambda n, k, s: _halves(max(_missing(n, k, s), 0))[::-1]),
     ("That is right for a stride of 1 only: with a larger one there are fewer windows.",
      lambda n, k, s: _halves(k - 1)),
     ("The number of windows is n / s rounded up, not down.",
      lambda n, k, s: _halves(max((n // s - 1) * s + k - n, 0))),
     ("Where nothing is missing, both numbers are 0, not negative: take max(…, 0).",
      lambda n, k, s: _halves(_missing(n, k, s)))],
    [(5, 3, 1), (4, 2, 1), (4, 3, 2), (5, 3, 2), (5, 2, 2), (4, 1, 2), (7, 3, 3)])
