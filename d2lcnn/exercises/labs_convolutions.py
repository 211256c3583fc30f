"""The exercises of the labs of notebook 02."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _corr2d(X, K):
    X, K = to_numpy(X), to_numpy(K)
    return (numpy.lib.stride_tricks.sliding_window_view(X, K.shape) * K).sum(axis=(2, 3))


convolution = Exercise(
    lambda X, K: _corr2d(X, to_numpy(K)[::-1, ::-1]),
    [("That is the correlation: turn the kernel before you lay it on the window.", _corr2d),
     ("The kernel is turned upside down only: turn it left to right as well.",
      lambda X, K: _corr2d(X, to_numpy(K)[::-1])),
     ("The kernel is turned left to right only: turn it upside down as well.",
      lambda X, K: _corr2d(X, to_numpy(K)[:, ::-1])),
     ("Rows and columns of the kernel are exchanged: turn it with K[::-1, ::-1], not with K.T.",
      lambda X, K: _corr2d(X, to_numpy(K).T))],
    [(np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2)),
     (np.array([[3, 1, 4, 1], [5, 9, 2, 6], [5, 3, 5, 8], [9, 7, 9, 3]]),
      np.array([[1, 2, 0], [0, -1, 1], [2, 1, 3]]))])


def _full(G, K):
    rows, columns = to_numpy(K).shape
    return _corr2d(numpy.pad(to_numpy(G), ((rows - 1, rows - 1), (columns - 1, columns - 1))), K)


input_gradient = Exercise(
    lambda G, K: _full(G, to_numpy(K)[::-1, ::-1]),
    [("The kernel is not turned. The pixel right of the window's corner was read with K[0, 1], so what comes back to "
      "it from there comes with K[0, 1]: add a copy of K for every output.", _full),
     ("Where two copies of K overlap, the later one has replaced the earlier one: add with +=.",
      lambda G, K: _stamped(G, K, add=False)),
     ("The windows overlap, so copies of K must, too: the next one begins one pixel further.",
      lambda G, K: numpy.kron(to_numpy(G), to_numpy(K)))],
    [(np.array([[1, 10]]), np.array([[1, 2]])), (np.array([[1, 0], [0, 2]]), np.arange(4).reshape(2, 2)),
     (np.array([[1, -1, 2], [0, 3, 1]]), np.array([[1, 2, 0], [0, -1, 1], [2, 1, 3]]))])


def _stamped(G, K, add):
    G, K = to_numpy(G), to_numpy(K)
    dX = numpy.zeros((len(G) + len(K) - 1, G.shape[1] + K.shape[1] - 1))
    for (i, j), g in numpy.ndenumerate(G):
        part = dX[i:i + len(K), j:j + K.shape[1]]
        part[:] = add * part + g * K
    return dX


pixels_read = Exercise(
    lambda k, width: k * (width + k - 1) / width,
    [("That is the number for the whole strip: divide it by the number of outputs.",
      lambda k, width: k * (width + k - 1)),
     ("The last window reaches k - 1 pixels beyond the place where it begins: the strip is wider than the outputs.",
      lambda k, width: k * width / width),
     ("That is without a strip: every output reads its own k × k pixels.", lambda k, width: float(k * k)),
     ("The strip is k rows high.", lambda k, width: (width + k - 1) / width)],
    [(3, 1), (3, 2), (5, 4), (3, 100)])


def _field(size, dilations):
    return 1 + sum((size - 1) * dilation for dilation in dilations)


field = Exercise(
    _field,
    [("The output's own sample is missing: add 1.", lambda size, dilations: _field(size, dilations) - 1),
     ("A kernel of `size` weights has only size - 1 steps between them.",
      lambda size, dilations: 1 + size * sum(dilations)),
     ("That is the last layer alone: each layer below makes the field larger, too.",
      lambda size, dilations: _field(size, dilations[-1:])),
     ("That is without holes: a step of a layer is as long as its dilation.",
      lambda size, dilations: 1 + (size - 1) * len(dilations))],
    [(2, [1]), (3, [2]), (2, [1, 2, 4]), (3, [1, 2, 4, 8])])
