"""The exercises of the labs on batch normalization."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _divide_then_subtract(x):
    x = to_numpy(x).astype(float)
    x = x / numpy.sqrt((x * x).mean())
    return x - x.mean()


def _subtract_then_divide(x):
    x = to_numpy(x).astype(float)
    return (x - x.mean()) / x.std()


divide_then_subtract = Exercise(
    _divide_then_subtract,
    [("That subtracts first, or divides by the standard deviation: divide by the size, the root of the mean square.",
      _subtract_then_divide),
     ("The mean must be that of the divided numbers.",
      lambda x: to_numpy(x) / numpy.sqrt((to_numpy(x) ** 2).mean()) - to_numpy(x).mean()),
     ("The mean is still there: subtract it.", lambda x: to_numpy(x) / numpy.sqrt((to_numpy(x) ** 2).mean()))],
    [(np.array([1.0, 3]),), (np.array([1.0, 2, 4, 9]),), (np.array([100.0, 101, 102]),)])

relative_step = Exercise(
    lambda a: 1 / a**2,
    [("That is the factor of the gradient. The weights themselves are a times as large, too.", lambda a: 1 / a),
     ("The other way round: longer weights move less.", lambda a: a**2),
     ("The function does not change, but the relative change does.", lambda a: 1.0)],
    [(2.0,), (10.0,), (0.5,)])

new_length = Exercise(
    lambda length, gradient, lr: (length**2 + (lr * gradient) ** 2) ** 0.5,
    [("At a right angle lengths do not add up: take Pythagoras.",
      lambda length, gradient, lr: length + lr * gradient),
     ("The step is the learning rate times the gradient.",
      lambda length, gradient, lr: (length**2 + gradient**2) ** 0.5),
     ("The square root is missing.", lambda length, gradient, lr: length**2 + (lr * gradient) ** 2),
     ("The gradient is at a right angle: the step cannot make the vector shorter.",
      lambda length, gradient, lr: length - lr * gradient)],
    [(3.0, 4.0, 1.0), (5.0, 1.2, 10.0), (1.0, 0.0, 0.1)])


def _backward(d, X, gamma, eps=1e-5, mean=True, spread=True):
    d, X, gamma = (to_numpy(a).astype(float) for a in (d, X, gamma))
    s = numpy.sqrt(X.var(axis=0) + eps)
    X_hat = (X - X.mean(axis=0)) / s
    d_X = gamma / s * (d - mean * d.mean(axis=0) - spread * X_hat * (d * X_hat).mean(axis=0))
    return d_X, (d * X_hat).sum(axis=0), d.sum(axis=0)


def _sums(d, X, gamma, eps=1e-5):
    d_X, d_gamma, d_beta = _backward(d, X, gamma, eps)
    return d_X, d_gamma / len(d_X), d_beta / len(d_X)


def _without_gamma(d, X, gamma, eps=1e-5):
    return _backward(d, X, 0 * to_numpy(gamma) + 1, eps)


backward = Exercise(
    _backward,
    [("The mean and the deviation are taken for constants: they depend on the inputs as well.",
      lambda d, X, gamma, eps=1e-5: _backward(d, X, gamma, eps, mean=False, spread=False)),
     ("The mean depends on the inputs, too: subtract the mean of d.",
      lambda d, X, gamma, eps=1e-5: _backward(d, X, gamma, eps, mean=False)),
     ("The deviation depends on the inputs, too: the part in the direction of X_hat is missing.",
      lambda d, X, gamma, eps=1e-5: _backward(d, X, gamma, eps, spread=False)),
     ("The gradients of gamma and beta are sums over the examples, not means.", _sums),
     ("gamma is missing in the gradient of the inputs.", _without_gamma)],
    [(np.array([[1.0], [0.0]]), np.array([[0.0], [2.0]]), np.array([2.0])),
     (np.array([[1.0], [0.0], [2.0]]), np.array([[0.0], [2.0], [7.0]]), np.array([2.0])),
     (np.array([[1.0, -1], [0, 2], [3, 1], [2, 0]]), np.array([[1.0, 0], [2, 5], [4, 1], [9, -2]]),
      np.array([1.5, 0.5]))],
    tolerance=1e-3)

axes = Exercise(
    {"batch": (0, 2, 3), "layer": (1, 2, 3), "instance": (2, 3)},
    [("Batch and layer are exchanged: batch normalization averages over the examples, axis 0.",
      {"batch": (1, 2, 3), "layer": (0, 2, 3), "instance": (2, 3)}),
     ("Those are the axes that are kept. Asked for are those to average over.",
      {"batch": (1,), "layer": (0,), "instance": (0, 1)}),
     ("Rows and columns are averaged over in all three: 2 and 3 belong to each tuple.",
      {"batch": (0,), "layer": (1,), "instance": ()}),
     ("Instance normalization averages over rows and columns only.",
      {"batch": (0, 2, 3), "layer": (1, 2, 3), "instance": (0, 1, 2, 3)})])

steps = Exercise(
    lambda images, epochs, batch_size: epochs * -(-images // batch_size),
    [("The last, smaller batch of an epoch is a step, too: round up.",
      lambda images, epochs, batch_size: epochs * (images // batch_size)),
     ("That is one epoch: there are several.", lambda images, epochs, batch_size: -(-images // batch_size)),
     ("That counts images. A step takes a whole batch of them.",
      lambda images, epochs, batch_size: images * epochs),
     ("Each epoch ends with its own smaller batch: round up for an epoch, then multiply.",
      lambda images, epochs, batch_size: -(-images * epochs // batch_size))],
    [(6_000, 2, 1_000), (6_000, 2, 1_024), (6_000, 2, 64), (100, 3, 30)])

noise = Exercise(
    lambda deviation, batch_size: deviation / batch_size**0.5,
    [("The deviation of a mean falls with the square root of the number of values.",
      lambda deviation, batch_size: deviation / batch_size),
     ("That is the variance of the mean: take its square root.",
      lambda deviation, batch_size: deviation**2 / batch_size),
     ("The deviation of the values counts as well: multiply by it.",
      lambda deviation, batch_size: 1 / batch_size**0.5)],
    [(1.0, 4), (1.0, 64), (3.0, 256)])

shifted = Exercise(
    {"mean": 0, "standard deviation": 1},
    [("The mean of +1 and -1, equally often, is 0.", {"mean": 1, "standard deviation": 1}),
     ("The distances from the mean are 1 each time, so their typical size is 1, not 0.",
      {"mean": 0, "standard deviation": 0}),
     ("+1 and -1 are 1 away from their mean, not 2.", {"mean": 0, "standard deviation": 2})])
