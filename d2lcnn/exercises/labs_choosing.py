"""The exercises of the labs of lesson 13."""
import statistics

from . import Exercise


def _with(error):
    return lambda scores: (statistics.mean(scores), error(scores))


mean_and_error = Exercise(
    _with(lambda scores: statistics.stdev(scores) / len(scores) ** 0.5),
    [("That is the standard deviation of one run: divide it by the root of the number of runs.",
      _with(statistics.stdev)),
     ("Divide the sum of squares by n - 1, not by n.",
      _with(lambda scores: statistics.pstdev(scores) / len(scores) ** 0.5)),
     ("The standard deviation is the root of the mean square: the root is missing.",
      _with(lambda scores: statistics.variance(scores) / len(scores) ** 0.5)),
     ("Divide by the root of the number of runs, not by the number.",
      _with(lambda scores: statistics.stdev(scores) / len(scores))),
     ("The order is the other way round: first the mean, then its error.",
      lambda scores: (statistics.stdev(scores) / len(scores) ** 0.5, statistics.mean(scores)))],
    [([1.0, 3.0],), ([0.8, 0.9, 0.85, 0.81],), ([2.0, 2.0, 5.0],)])
