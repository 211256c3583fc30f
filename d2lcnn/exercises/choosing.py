"""The exercises of notebook 13."""
import math

from . import Exercise

ROWS = [{"lr": 0.01, "train_acc": 0.90, "held_out_acc": 0.81, "test_acc": 0.80},
        {"lr": 0.03, "train_acc": 0.88, "held_out_acc": 0.84, "test_acc": 0.82},
        {"lr": 0.1, "train_acc": 0.86, "held_out_acc": 0.83, "test_acc": 0.85},
        {"lr": 0.3, "train_acc": 0.60, "held_out_acc": 0.61, "test_acc": 0.60}]


def _best(key):
    return lambda rows: max(rows, key=lambda row: row[key])["lr"]


best_rate = Exercise(
    _best("held_out_acc"),
    [("The test images have chosen this rate: then they are no test any more.", _best("test_acc")),
     ("On the training images, a network that memorizes looks best.", _best("train_acc")),
     ("That is the best accuracy: return the rate that led to it.",
      lambda rows: max(row["held_out_acc"] for row in rows)),
     ("That is the worst rate of all.", lambda rows: min(rows, key=lambda row: row["held_out_acc"])["lr"])],
    [(ROWS[:2],), (ROWS,), (ROWS[::-1],)])

apart_by_luck = Exercise(
    lambda n: 2 / math.comb(2 * n, n),
    [("Either of the two networks may have the upper dots: that makes two orders.", lambda n: 1 / math.comb(2 * n, n)),
     ("The dots of one network may change places among themselves: count the choices of places, not all orders.",
      lambda n: 2 / math.factorial(2 * n)),
     ("There are 2n places, of which n belong to the first network.", lambda n: 2 / 2**n)],
    [(1,), (2,), (3,), (5,)])


def _on_front(speeds, accuracies):
    networks = list(zip(speeds, accuracies, strict=True))
    return [not any(s > speed and a > accuracy for s, a in networks) for speed, accuracy in networks]


def _not(flags):
    return [not flag for flag in flags]


on_front = Exercise(
    _on_front,
    [("The other way round: True means that no other network is faster and more accurate.",
      lambda speeds, accuracies: _not(_on_front(speeds, accuracies))),
     ("Faster *or* more accurate is too strict: another one must be both to cross a network out.",
      lambda speeds, accuracies: [not any(s > speed or a > accuracy for s, a in zip(speeds, accuracies, strict=True))
                                  for speed, accuracy in zip(speeds, accuracies, strict=True)]),
     ("Only the most accurate network is left: a faster one may be on the front, too.",
      lambda speeds, accuracies: [a == max(accuracies) for a in accuracies])],
    [([1, 2], [0.9, 0.8]), ([1, 2, 3], [0.7, 0.9, 0.8]), ([5, 4, 3, 2, 1], [0.5, 0.6, 0.55, 0.8, 0.7])])
