"""The exercises of notebook 18."""
from . import Exercise

combine = Exercise(
    lambda a, m, b, n: (m * a + n * b) / (m + n),
    [("That is the mean of the two: a part with more images must count more.", lambda a, m, b, n: (a + b) / 2),
     ("That is the gradient of the sum over all images: divide by their number.", lambda a, m, b, n: m * a + n * b),
     ("The sum of two means is no mean: weigh each by its number of images.", lambda a, m, b, n: a + b),
     ("The weights are the wrong way round: a comes from m images.", lambda a, m, b, n: (n * a + m * b) / (m + n))],
    [(1.0, 32, 3.0, 32), (1.0, 10, 4.0, 30), (-2.0, 5, 0.5, 1)])

bytes_sent = Exercise(
    lambda size, n: 2 * (n - 1) * size / n,
    [("That is only the first time round: the complete pieces have to be handed on, too.",
      lambda size, n: (n - 1) * size / n),
     ("A message is a piece, size / n bytes, not everything.", lambda size, n: 2 * (n - 1) * size),
     ("There are n - 1 rounds each time: the last neighbor is where it began.", lambda size, n: 2 * size)],
    [(100.0, 2), (8.0, 4), (102.0, 256)])
