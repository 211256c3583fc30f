"""The exercise of the lab that belongs to notebook 16."""
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _shuffle(X, groups):
    X = to_numpy(X)
    n, c, h, w = X.shape
    return X.reshape(n, groups, c // groups, h, w).swapaxes(1, 2).reshape(n, c, h, w)


shuffle = Exercise(
    _shuffle,
    [("Nothing has moved: exchange the two axes before you join them.", lambda X, groups: to_numpy(X)),
     ("That undoes a shuffle: the table has groups rows and c // groups columns.",
      lambda X, groups: _shuffle(X, X.shape[1] // groups)),
     ("The channels stand in the reverse order.", lambda X, groups: to_numpy(X)[:, ::-1]),
     ("Rows and columns of the images have been exchanged, too: exchange only the two axes of channels.",
      lambda X, groups: _shuffle(X, groups).swapaxes(2, 3))],
    [(np.arange(6).reshape(1, 6, 1, 1), 2), (np.arange(12 * 4).reshape(1, 12, 2, 2), 3),
     (np.arange(2 * 8 * 4).reshape(2, 8, 2, 2), 2)])
