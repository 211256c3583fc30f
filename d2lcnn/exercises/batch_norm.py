"""The exercises of notebook 10."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _normalize(X, eps=1e-5):
    X = to_numpy(X)
    return (X - X.mean(axis=0)) / numpy.sqrt(X.var(axis=0) + eps)


def _rows(X, eps=1e-5):
    return _normalize(to_numpy(X).T, eps).T


def _by_variance(X, eps=1e-5):
    X = to_numpy(X)
    return (X - X.mean(axis=0)) / (X.var(axis=0) + eps)


def _all(X, eps=1e-5):
    X = to_numpy(X)
    return (X - X.mean()) / numpy.sqrt(X.var() + eps)


normalize = Exercise(
    _normalize,
    [("That normalizes each example. Normalize each feature: mean and variance over axis 0.", _rows),
     ("One mean for all numbers: each column needs its own, take axis=0.", _all),
     ("That divides by the variance: take its square root.", _by_variance),
     ("The means are right, but the columns keep their size: divide by the standard deviation.",
      lambda X, eps=1e-5: to_numpy(X) - to_numpy(X).mean(axis=0)),
     ("Without eps a constant column divides 0 by 0.",
      lambda X, eps=1e-5: _normalize(X, 0))],
    [(np.array([[1.0, 100], [2, 200], [3, 300], [4, 400]]),), (np.array([[1.0, 0, 3], [2, 1, -2]]),),
     (np.array([[1.0, 0.1], [2, 0.2], [4, 0.5], [9, 0.1]]), 1.0)])


def _fold(W, b, gamma, beta, mean, var, eps=1e-5):
    W, b, gamma, beta, mean, var = map(to_numpy, (W, b, gamma, beta, mean, var))
    factor = gamma / numpy.sqrt(var + eps)
    return W * factor[:, None], (b - mean) * factor + beta


def _without_old_bias(W, b, gamma, beta, mean, var, eps=1e-5):
    return _fold(W, 0 * b, gamma, beta, mean, var, eps)


def _bias_not_scaled(W, b, gamma, beta, mean, var, eps=1e-5):
    W, _ = _fold(W, b, gamma, beta, mean, var, eps)
    return W, to_numpy(b) - to_numpy(mean) + to_numpy(beta)


def _by_var(W, b, gamma, beta, mean, var, eps=1e-5):
    return _fold(W, b, gamma, beta, mean, to_numpy(var) ** 2, eps)


def _columns(W, b, gamma, beta, mean, var, eps=1e-5):
    factor = to_numpy(gamma) / numpy.sqrt(to_numpy(var) + eps)
    return to_numpy(W) * factor, _fold(W, b, gamma, beta, mean, var, eps)[1]


fold = Exercise(
    _fold,
    [("The old bias is forgotten: (b - mean) is scaled, too.", _without_old_bias),
     ("The bias and the mean are scaled by gamma / sqrt(var + eps) as well; only beta is not.", _bias_not_scaled),
     ("var is the variance: divide by its square root.", _by_var),
     ("The factor belongs to an output, so to a row of W: multiply by factor[:, None].", _columns)],
    [(np.array([[2.0]]), np.array([1.0]), np.array([3.0]), np.array([5.0]), np.array([4.0]), np.array([4.0])),
     (np.array([[1.0, 2], [3, 4]]), np.array([1.0, -1]), np.array([1.0, 2]), np.array([0.0, 1]), np.array([2.0, 0]),
      np.array([0.25, 9]))])

added = Exercise(
    {"parameters": 452, "statistics": 452},
    [("Each feature has two of each: gamma and beta, and a running mean and variance.",
      {"parameters": 226, "statistics": 226}),
     ("The last dense layer has no normalization: its ten scores do not count.",
      {"parameters": 472, "statistics": 472}),
     ("The running mean and variance are not parameters: no gradient changes them. Do not count them twice.",
      {"parameters": 904, "statistics": 452}),
     ("A channel is one feature, however many pixels it has: 6 and 16 in the convolutions.",
      {"parameters": 2 * (6 * 784 + 16 * 100 + 204), "statistics": 2 * (6 * 784 + 16 * 100 + 204)})])
