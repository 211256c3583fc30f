"""The exercises of notebook 14."""
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _relu(z):
    return np.maximum(z, 0)


def _mean_square(f, z):
    return float((to_numpy(f(z)).astype(float) ** 2).mean())


def _variance(f, z, n):
    return 1 / (n * _mean_square(f, z))


variance = Exercise(
    _variance,
    [("That is the variance for a single input: a unit adds up n products, so divide by n.",
      lambda f, z, n: 1 / _mean_square(f, z)),
     ("That is the square root, the standard deviation: the variance is asked for.",
      lambda f, z, n: _variance(f, z, n) ** 0.5),
     ("The other way round: the more f keeps of a square, the smaller the weights must be.",
      lambda f, z, n: _mean_square(f, z) / n),
     ("Square first, then take the mean: the mean of f(z) itself may be 0.",
      lambda f, z, n: 1 / (n * float(to_numpy(f(z)).mean()) ** 2 + 1e-12)),
     ("That is He's rule, right for ReLU alone: another f keeps another share of the squares.",
      lambda f, z, n: 2 / n)],
    [(lambda z: z, np.array([-1.0, 1.0]), 4), (_relu, np.array([-2.0, 2.0]), 10),
     (np.tanh, np.array([-1.5, -0.5, 0.5, 1.5]), 100)], tolerance=1e-5)


first_dense = Exercise(
    {"inputs": 1.0, "outputs": 3.33, "mean": 1.54},
    [("ReLU halves the average square: the factor is n v / 2 with n = 400.",
      {"inputs": 2.0, "outputs": 6.67, "mean": 3.08}),
     ("n stands for the products that a unit adds up, 400, in all three; only v changes.",
      {"inputs": 1.0, "outputs": 1.0, "mean": 1.0}),
     ("The other way round: fewer outputs make v = 2/120 larger than 2/400, so the signal grows.",
      {"inputs": 1.0, "outputs": 0.3, "mean": 0.65}),
     ("That is the factor of the size. The average square is asked for: no square root.",
      {"inputs": 1.0, "outputs": 1.83, "mean": 1.24})], tolerance=0.005)
