"""The exercises of notebook 04."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _corr2d(X, K):
    return (numpy.lib.stride_tricks.sliding_window_view(to_numpy(X), to_numpy(K).shape) * to_numpy(K)).sum(axis=(2, 3))


def _corr2d_multi_in(X, K):
    return sum(_corr2d(x, k) for x, k in zip(to_numpy(X), to_numpy(K), strict=True))


X = np.array([[[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]]])

corr2d_multi_in = Exercise(
    _corr2d_multi_in,
    [("Each channel has an output of its own here: add the outputs of all channels up.",
      lambda X, K: numpy.stack([_corr2d(x, k) for x, k in zip(to_numpy(X), to_numpy(K), strict=True)])),
     ("All channels use the first kernel: channel i of the image belongs to channel i of the kernel.",
      lambda X, K: sum(_corr2d(x, to_numpy(K)[0]) for x in to_numpy(X))),
     ("Only the first channel is read.", lambda X, K: _corr2d(to_numpy(X)[0], to_numpy(K)[0])),
     ("That is the mean over the channels: add them up.",
      lambda X, K: _corr2d_multi_in(X, K) / len(to_numpy(K)))],
    [(X, np.array([[[0, 1], [2, 3]], [[1, 2], [3, 4]]])),
     (np.arange(36).reshape(3, 3, 4) % 5, np.array([[[1, -1]], [[2, 0]], [[0, 3]]]))])

cost = Exercise(
    {"parameters": 10 * (3 * 5 * 5 + 1), "multiply-adds": 10 * 3 * 5 * 5 * 32 * 32},
    [("The biases are missing: one per output channel.",
      {"parameters": 750, "multiply-adds": 768_000}),
     ("Each of the 10 kernels reads all 3 channels: 3 × 5 × 5 weights, not 5 × 5.",
      {"parameters": 10 * 26, "multiply-adds": 10 * 25 * 32 * 32}),
     ("Padding 2 keeps 32 × 32 places; without it there would be 28 × 28.",
      {"parameters": 760, "multiply-adds": 750 * 28 * 28}),
     ("The multiply-adds count every use of a weight: multiply by the number of places.",
      {"parameters": 760, "multiply-adds": 750})])

cyan_minus_red = Exercise(
    lambda R, G, B: 0.5 * G + 0.5 * B - R,
    [("That is cyan with red: subtract red.", lambda R, G, B: 0.5 * G + 0.5 * B + R),
     ("That is yellow minus blue, as in the text: cyan is green and blue together.",
      lambda R, G, B: 0.5 * R + 0.5 * G - B),
     ("Take half of green and half of blue, so that white gives 0.", lambda R, G, B: G + B - R),
     ("The sign is the wrong way round: cyan must be positive.", lambda R, G, B: R - 0.5 * G - 0.5 * B),
     ("Blue counts, too: cyan is green and blue together.", lambda R, G, B: G - R)],
    [(0.0, 1.0, 1.0), (1.0, 0.0, 0.0), (0.2, 0.4, 0.6), (1.0, 1.0, 1.0)],
    view=lambda value: round(float(value), 6))
