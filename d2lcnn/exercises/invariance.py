"""The exercises of notebook 15 and, of mixup, of lab 07_against_overfitting."""
import numpy
from mxnet import np

from ..device import to_numpy
from . import Exercise


def _erased(X, rows, columns):
    Y = to_numpy(X).copy()
    Y[rows, columns] = 0
    return Y


_X = np.arange(1.0, 31).reshape(5, 6)

erase = Exercise(
    lambda X, top, left, side: _erased(X, slice(top, top + side), slice(left, left + side)),
    [("Only the corners or the diagonal are black: a square has side × side pixels.",
      lambda X, top, left, side: _erased(X, list(range(top, min(top + side, len(X)))),
                                         list(range(left, left + min(top + side, len(X)) - top)))),
     ("Whole rows are black: give the columns of the square, too.",
      lambda X, top, left, side: _erased(X, slice(top, top + side), slice(None))),
     ("The square is one pixel too large: a slice ends before its second number, so top : top + side is enough.",
      lambda X, top, left, side: _erased(X, slice(top, top + side + 1), slice(left, left + side + 1))),
     ("Top and left are exchanged: rows come first.",
      lambda X, top, left, side: _erased(X, slice(left, left + side), slice(top, top + side))),
     ("The second number of a slice is where it ends, not how long it is: top : top + side.",
      lambda X, top, left, side: _erased(X, slice(top, side), slice(left, side))),
     ("Everything else is black: the square should be.",
      lambda X, top, left, side: to_numpy(X) - _erased(X, slice(top, top + side), slice(left, left + side)))],
    [(_X, 0, 2, 2), (_X, 1, 2, 3), (_X, 2, 0, 1)])


def _standardize(X):
    X = to_numpy(X).astype(float)
    return (X - X.mean()) / X.std()


standardize = Exercise(
    _standardize,
    [("The mean is 0 now, but the standard deviation is not 1 yet: divide by it.",
      lambda X: to_numpy(X).astype(float) - to_numpy(X).mean()),
     ("Subtract the mean before you divide.", lambda X: to_numpy(X).astype(float) / to_numpy(X).std()),
     ("That divides by the variance: the standard deviation is its root.",
      lambda X: (to_numpy(X).astype(float) - to_numpy(X).mean()) / to_numpy(X).var()),
     ("That stretches the image from 0 to 1: use the mean and the standard deviation.",
      lambda X: (to_numpy(X).astype(float) - to_numpy(X).min()) / numpy.ptp(to_numpy(X))),
     ("Each column has a mean of its own there: take one mean over the whole image.",
      lambda X: (to_numpy(X).astype(float) - to_numpy(X).mean(axis=0)) / to_numpy(X).std(axis=0))],
    [(np.array([[0.0, 1.0], [4.0, 3.0]]),), (np.array([[0.1, 0.1, 0.9], [0.5, 0.2, 0.4]]),)])


def _mixed(A, B, share):
    return share * to_numpy(A).astype(float) + (1 - share) * to_numpy(B)


_pixels, _labels = np.array([[0.0, 1.0], [0.5, 0.5]]), np.array([1.0, 0.0, 0.0])
_others, _other_labels = np.array([[1.0, 1.0], [0.0, 0.25]]), np.array([0.0, 0.0, 1.0])

mixup = Exercise(
    lambda X, y, X2, y2, share: (_mixed(X, X2, share), _mixed(y, y2, share)),
    [("The image is mixed, but the label is not: if a quarter of the picture is a ship, a quarter of the label is.",
      lambda X, y, X2, y2, share: (_mixed(X, X2, share), to_numpy(y))),
     ("The shares are exchanged: share belongs to the first image, 1 - share to the second.",
      lambda X, y, X2, y2, share: (_mixed(X2, X, share), _mixed(y2, y, share))),
     ("That adds the whole second image: give it the rest, 1 - share.",
      lambda X, y, X2, y2, share: (share * to_numpy(X) + to_numpy(X2), share * to_numpy(y) + to_numpy(y2))),
     ("That is half of each, whatever the share is.",
      lambda X, y, X2, y2, share: (_mixed(X, X2, 0.5), _mixed(y, y2, 0.5)))],
    [(_pixels, _labels, _others, _other_labels, 1.0), (_pixels, _labels, _others, _other_labels, 0.75),
     (_others, _other_labels, _pixels, _labels, 0.4)])
