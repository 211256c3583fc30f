"""The exercises of the labs of notebook 07."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise

groups = Exercise(
    {"with groups": 307_456, "without": 614_656},
    [("The biases are missing: one for each of the 256 output channels.",
      {"with groups": 307_200, "without": 614_400}),
     ("There are 256 output channels in any case: only the channels that each of them reads are halved.",
      {"with groups": 128 * (48 * 25 + 1), "without": 614_656}),
     ("With two groups, each output channel reads half of the input channels, 48.",
      {"with groups": 614_656, "without": 614_656}),
     ("A kernel of 5 × 5 has 25 weights for each channel it reads.",
      {"with groups": 256 * (48 * 5 + 1), "without": 256 * (96 * 5 + 1)})])

lrn_divisors = Exercise(
    [2.0005 ** 0.75, 1.5 ** 0.75],
    [("The power is missing: the sum is raised to β = 0.75.", [2.0005, 1.5]),
     ("All five channels are in the sum: it is 5, not 1.", [2.0001 ** 0.75, 1.1 ** 0.75]),
     ("Take k = 1 and α = 0.1 for the second one, k = 2 and α = 10⁻⁴ for the first.", [1.5 ** 0.75, 2.0005 ** 0.75])],
    tolerance=1e-5)


def _stalled(accuracies, patience):
    return len(accuracies) - 1 - accuracies.index(max(accuracies)) >= patience


stalled = Exercise(
    _stalled,
    [("That asks only whether the last epoch was worse than the one before it.",
      lambda accuracies, patience: len(accuracies) > 1 and accuracies[-1] < accuracies[-2]),
     ("One too late: with a patience of 2, it has stalled when two epochs have come after the best one.",
      lambda accuracies, patience: len(accuracies) - 1 - accuracies.index(max(accuracies)) > patience),
     ("One too early: the best epoch itself does not count.",
      lambda accuracies, patience: len(accuracies) - accuracies.index(max(accuracies)) >= patience),
     ("It is the other way round: True means that nothing got better.",
      lambda accuracies, patience: not _stalled(accuracies, patience))],
    [([0.5], 1), ([0.5, 0.6, 0.55], 2), ([0.5, 0.6, 0.55, 0.58], 2), ([0.7, 0.6, 0.61, 0.62], 3),
     ([0.5, 0.4, 0.6], 2)])


def _arrived(losses, target):
    last = losses[-20:]
    return sum(last) / len(last) < target


arrived = Exercise(
    _arrived,
    [("A single batch can be easy by chance: take the mean of the last 20.",
      lambda losses, target: losses[-1] < target),
     ("That is the mean of all batches: it still contains the large losses of the beginning.",
      lambda losses, target: sum(losses) / len(losses) < target),
     ("Those are the first 20 batches: the last ones are losses[-20:].",
      lambda losses, target: sum(losses[:20]) / len(losses[:20]) < target),
     ("With fewer than 20 batches, divide by their number.",
      lambda losses, target: sum(losses[-20:]) / 20 < target)],
    [([2.0], 0.5), ([2.0] * 19 + [0.1], 0.5), ([2.0] * 30 + [0.4] * 20, 0.5), ([0.4] * 20 + [2.0] * 20, 0.5)])


def _committee(probabilities):
    return to_numpy(probabilities).sum(axis=0).argmax(axis=1)


def _vote(probabilities):
    answers = to_numpy(probabilities).argmax(axis=2)
    return numpy.array([numpy.bincount(column).argmax() for column in answers.T])


committee = Exercise(
    _committee,
    [("That is a vote: each network counts the same, however sure it is. Add up the probabilities.", _vote),
     ("The networks are the first axis: add up over axis 0.",
      lambda probabilities: to_numpy(probabilities).sum(axis=1).argmax(axis=1)),
     ("Those are the sums: which class has the largest one?",
      lambda probabilities: to_numpy(probabilities).sum(axis=0)),
     ("That is one network alone.", lambda probabilities: to_numpy(probabilities)[0].argmax(axis=1))],
    [(np.array([[[0.6, 0.4]], [[0.1, 0.9]]]),),
     (np.array([[[0.5, 0.45, 0.05], [0.1, 0.1, 0.8]], [[0.5, 0.45, 0.05], [0.3, 0.4, 0.3]],
                [[0.05, 0.9, 0.05], [0.2, 0.5, 0.3]]]),)])


def _smooth(label, classes, epsilon):
    targets = numpy.full(classes, epsilon / classes)
    targets[label] += 1 - epsilon
    return targets


def _shared(label, classes, epsilon):
    targets = numpy.full(classes, epsilon / (classes - 1))
    targets[label] = 1 - epsilon
    return targets


smooth = Exercise(
    _smooth,
    [("The part ε goes to all classes alike, the right one included.", _shared),
     ("The probabilities must add up to 1: the right class also keeps its share of ε.",
      lambda label, classes, epsilon: _smooth(label, classes, epsilon) - epsilon / classes * numpy.eye(classes)[label]),
     ("That is the label without smoothing.", lambda label, classes, epsilon: numpy.eye(classes)[label]),
     ("Each class gets ε divided by the number of classes, not ε.",
      lambda label, classes, epsilon: numpy.full(classes, epsilon) + (1 - epsilon) * numpy.eye(classes)[label])],
    [(0, 2, 0.2), (1, 5, 0.1), (9, 10, 0.3)])


def _top_k_error(scores, y, k):
    scores, y = to_numpy(scores), to_numpy(y).astype(int)
    larger = (scores > scores[numpy.arange(len(y)), y][:, None]).sum(axis=1)
    return float((larger >= k).mean())


top_k_error = Exercise(
    _top_k_error,
    [("That is the share of hits: the error is the share of misses.",
      lambda scores, y, k: 1 - _top_k_error(scores, y, k)),
     ("That is the number of misses: divide by the number of images.",
      lambda scores, y, k: len(y) * _top_k_error(scores, y, k)),
     ("One guess too many: it is a miss if k or more classes have a larger score.",
      lambda scores, y, k: _top_k_error(scores, y, k + 1)),
     ("One guess too few: the right class itself is one of the k.",
      lambda scores, y, k: _top_k_error(scores, y, k - 1) if k > 1 else 1.0)],
    [(np.array([[0.1, 0.7, 0.2]]), np.array([1]), 1),
     (np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.3, 0.5], [0.3, 0.6, 0.1]]), np.array([2, 0, 0, 2]), 1),
     (np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.3, 0.5], [0.3, 0.6, 0.1]]), np.array([2, 0, 0, 2]), 2)])

units_left = Exercise(
    {"left": 102.4, "factor": 5},
    [("80 % are switched off: 20 % are left.", {"left": 409.6, "factor": 1.25}),
     ("A fifth is left, so what is left is multiplied by 5 = 1 / 0.2.", {"left": 102.4, "factor": 1.25}),
     ("The factor makes the sum larger again: divide by the share that is left, do not multiply by it.",
      {"left": 102.4, "factor": 0.2})], tolerance=0.01)

memory = Exercise(
    [953_731 * 128 * 4 * 2 / 2**20, 62_378_344 * 4 * 3 / 2**20],
    [("Each number of the images has a gradient, too: twice as many.",
      [953_731 * 128 * 4 / 2**20, 62_378_344 * 4 * 3 / 2**20]),
     ("There are 128 images in a batch.", [953_731 * 4 * 2 / 2**20, 62_378_344 * 4 * 3 / 2**20]),
     ("The parameters are there once, whatever the batch size.",
      [953_731 * 128 * 4 * 2 / 2**20, 62_378_344 * 128 * 4 * 3 / 2**20]),
     ("A parameter needs three numbers: its value, its gradient and its velocity.",
      [953_731 * 128 * 4 * 2 / 2**20, 62_378_344 * 4 / 2**20]),
     ("A float32 number takes 4 bytes.", [953_731 * 128 * 2 / 2**20, 62_378_344 * 3 / 2**20])], tolerance=0.02)

zfnet_sides = Exercise(
    [110, 55, 26, 13, 13, 13, 13, 6],
    [("The first convolution has padding 1.", [109, 55, 26, 13, 13, 13, 13, 6]),
     ("The first two poolings have padding 1.", [110, 54, 25, 12, 12, 12, 12, 5]),
     ("The second convolution has a stride of 2 as well.", [110, 55, 51, 26, 26, 26, 26, 12]),
     ("The last pooling has no padding.", [110, 55, 26, 13, 13, 13, 13, 7])])
