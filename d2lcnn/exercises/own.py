"""The exercises of notebook 19."""
from mxnet import np

from ..device import to_numpy
from . import Exercise

parameters = Exercise(
    3843,
    [("The biases are missing: one for each class.", 3840),
     ("That is for a single class: there are three.", 1281),
     ("These are the features of one photograph: each class has a weight for each of them.", 1280),
     ("That is the old last layer, with its 1,000 classes.", 1_281_000)])


def _name_of(probabilities, classes, threshold):
    probabilities = to_numpy(probabilities)
    return classes[probabilities.argmax()] if probabilities.max() >= threshold else "unknown"


def _number(probabilities, classes, threshold):
    return int(to_numpy(probabilities).argmax())


name_of = Exercise(
    _name_of,
    [("That is the place of the class: return its name.", _number),
     ("The threshold is not used.", lambda probabilities, classes, threshold: _name_of(probabilities, classes, 0)),
     ("It is the other way round: unknown is what lies below the threshold.",
      lambda probabilities, classes, threshold: "unknown" if to_numpy(probabilities).max() >= threshold
      else classes[to_numpy(probabilities).argmax()]),
     ("At least means that the threshold itself is enough: compare with >=.",
      lambda probabilities, classes, threshold: _name_of(probabilities, classes, threshold + 1e-9)),
     ("That is the least probable class: take the largest probability.",
      lambda probabilities, classes, threshold: classes[to_numpy(probabilities).argmin()])],
    [(np.array([0.1, 0.9]), ("cup", "bottle"), 0.8), (np.array([0.5, 0.3, 0.2]), ("cat", "dog", "hen"), 0.6),
     (np.array([0.5, 0.25, 0.25]), ("cat", "dog", "hen"), 0.5)])
