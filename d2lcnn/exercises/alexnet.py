"""The exercises of notebook 07."""
from mxnet import np

from ..device import to_numpy
from . import Exercise

sides = Exercise(
    [55, 27, 27, 13, 13, 13, 13, 6],
    [("One is missing each time: a window of k fits n - k + 1 times, so (n - k) / stride + 1 times with a stride.",
      [54, 25, 24, 10, 9, 8, 7, 2]),
     ("The convolution of 5 × 5 has padding 2: it keeps the size.", [55, 27, 23, 11, 11, 11, 11, 5]),
     ("The convolutions of 3 × 3 have padding 1: they keep the size.", [55, 27, 27, 13, 11, 9, 7, 3]),
     ("That begins with 224 pixels: take 227.", [54, 26, 26, 12, 12, 12, 12, 5]),
     ("The windows of the poolings move by 2, not by 3.", [55, 18, 18, 6, 6, 6, 6, 2])])


def _step(w, v, g, lr, momentum=0.9, weight_decay=0.0005):
    w, v, g = (to_numpy(value).astype("float64") for value in (w, v, g))
    v = momentum * v - lr * (g + weight_decay * w)
    return w + v, v


step = Exercise(
    _step,
    [("The old velocity is forgotten: 0.9 of it stays.", lambda w, v, g, lr: _step(w, v, g, lr, momentum=0)),
     ("The weight decay is missing: 0.0005 times the weight is added to the gradient.",
      lambda w, v, g, lr: _step(w, v, g, lr, weight_decay=0)),
     ("The sign is wrong: a step goes against the gradient.", lambda w, v, g, lr: _step(w, v, g, -lr)),
     ("The weight moves by the new velocity, not by the old one.",
      lambda w, v, g, lr: (to_numpy(w) + to_numpy(v), _step(w, v, g, lr)[1])),
     ("The velocity is what the weight moves by: the learning rate is already in it.",
      lambda w, v, g, lr: (to_numpy(w) + lr * _step(w, v, g, lr)[1], _step(w, v, g, lr)[1]))],
    [(np.array(1.0), np.array(0.0), np.array(2.0), 0.1), (np.array(10.0), np.array(-1.0), np.array(2.0), 0.1),
     (np.array([100.0, -200.0]), np.array([0.5, 0.0]), np.array([1.0, -1.0]), 0.5)], tolerance=1e-6)


def _dropout(X, U, p):
    X, U = to_numpy(X), to_numpy(U)
    return (U >= p) * X / (1 - p)


dropout = Exercise(
    _dropout,
    [("The mean gets smaller: multiply what stays by 1 / (1 - p).", lambda X, U, p: (1 - p) * _dropout(X, U, p)),
     ("What stays is made smaller: divide by 1 - p, do not multiply by it.",
      lambda X, U, p: (1 - p) ** 2 * _dropout(X, U, p)),
     ("It is the other way round: a share of p is dropped, where the random number is below p.",
      lambda X, U, p: (to_numpy(U) < p) * to_numpy(X) / (1 - p)),
     ("Divide by the share that stays, which is 1 - p.", lambda X, U, p: _dropout(X, U, p) * (1 - p) / p)],
    [(np.array([1.0, 1.0, 1.0, 1.0]), np.array([0.1, 0.7, 0.3, 0.9]), 0.2),
     (np.array([2.0, -3.0, 5.0]), np.array([0.4, 0.1, 0.8]), 0.75),
     (np.ones((2, 3)), np.array([[0.9, 0.2, 0.6], [0.4, 0.7, 0.1]]), 0.5)])
