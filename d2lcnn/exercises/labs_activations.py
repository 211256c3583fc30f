"""The exercise of the lab that belongs to notebook 14."""
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _dead_units(sums):
    return int((to_numpy(sums) <= 0).all(axis=0).sum())


dead_units = Exercise(
    _dead_units,
    [("That counts the images for which all units are negative: the images are the rows, so look down, axis=0.",
      lambda sums: int((to_numpy(sums) <= 0).all(axis=1).sum())),
     ("That counts the units that are negative for some image: a dead one is negative for all.",
      lambda sums: int((to_numpy(sums) <= 0).any(axis=0).sum())),
     ("That counts single numbers, not units.", lambda sums: int((to_numpy(sums) <= 0).sum())),
     ("Those are the units that live: count the others.",
      lambda sums: int((to_numpy(sums) > 0).any(axis=0).sum()))],
    [(np.array([[-1.0, 2, -3, -1, 1], [-2, -1, 0, -3, 1], [-1, 4, -2, 1, -1]]),), (np.ones((3, 2)),),
     (-np.ones((4, 3)),)])
