"""The exercises of notebook 06."""
import math

import numpy
from mxnet import np

from ..costs import summary
from ..device import to_numpy
from . import Exercise

parameters = Exercise(
    {"second convolution": 2416, "first dense layer": 48120},
    [("The biases are missing: each output channel and each unit has one.",
      {"second convolution": 2400, "first dense layer": 48000}),
     ("A kernel of the second convolution reads all 6 channels that come in: 6 × 5 × 5 weights each, not 5 × 5.",
      {"second convolution": 16 * 26, "first dense layer": 48120}),
     ("The dense layer has 16 × 5 × 5 = 400 inputs: pooling has halved 10 × 10.",
      {"second convolution": 2416, "first dense layer": 120 * (16 * 10 * 10 + 1)}),
     ("That counts multiply-adds: a shared weight is one parameter, however often it is used.",
      {"second convolution": 240_000, "first dense layer": 48_000})])


def _cross_entropy(scores, label):
    scores = to_numpy(scores).astype(float)
    return math.log(numpy.exp(scores - scores.max()).sum()) + scores.max() - scores[label]


cross_entropy = Exercise(
    _cross_entropy,
    [("The sign is missing: the logarithm of a probability is negative, and the loss is minus that.",
      lambda scores, label: -_cross_entropy(scores, label)),
     ("That is the probability itself: the loss is minus its logarithm.",
      lambda scores, label: math.exp(-_cross_entropy(scores, label))),
     ("The score itself is no probability: divide its exponential by the sum of all exponentials first.",
      lambda scores, label: -float(scores[label])),
     ("The logarithm has another base: take the natural one, np.log.",
      lambda scores, label: _cross_entropy(scores, label) / math.log(10))],
    [(np.array([0.0, 0.0]), 0), (np.array([2.0, 0.0, -1.0]), 0), (np.array([2.0, 0.0, -1.0]), 2),
     (np.zeros(10), 7)])


def _shapes(net):
    return [row.shape[1:] for row in summary(net, (1, 3, 32, 32)) if row.parameters]


color_lenet = Exercise(
    [(6, 28, 28), (16, 10, 10), (120,), (84,), (5,)],
    [("The first convolution still has padding 2: without it, 32 × 32 become 28 × 28, as in the paper.",
      [(6, 32, 32), (16, 12, 12), (120,), (84,), (5,)]),
     ("The last layer needs one output per class: five.",
      [(6, 28, 28), (16, 10, 10), (120,), (84,), (10,)]),
     ("An activation function does not change shapes, a layer does: there is a layer too few.",
      [(6, 28, 28), (16, 10, 10), (120,), (5,)])],
    view=_shapes)
