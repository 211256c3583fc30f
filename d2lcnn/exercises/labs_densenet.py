"""The exercises of the labs of lesson 12."""
from mxnet import np

from . import Exercise


def _with(fill):
    """The function that replaces the first n channels by what `fill` makes of all of them."""
    def cut_oldest(features, n):
        cut = features.copy()
        cut[:, :n] = (np.zeros_like(features) + fill(features))[:, :n]
        return cut
    return cut_oldest


def _newest(features, n):
    cut = features.copy()
    cut[:, features.shape[1] - n:] = features.mean(axis=(0, 2, 3), keepdims=True)[:, features.shape[1] - n:]
    return cut


def _features(images, channels):
    numbers = np.arange(images * channels * 2).reshape(images, channels, 1, 2)
    return numbers * numbers


def _right(features, n):
    return _with(lambda features: features.mean(axis=(0, 2, 3), keepdims=True))(features, n)


cut_oldest = Exercise(
    lambda features, n: _right(features, n),
    [("Zero is not the mean: the next layer would get a number that it has never seen.",
      _with(lambda features: 0 * features)),
     ("That is a mean for each image: images would still differ. Take it over axis 0, too.",
      _with(lambda features: features.mean(axis=(2, 3), keepdims=True))),
     ("That is a mean for each pixel: take it over rows and columns (axes 2 and 3), too.",
      _with(lambda features: features.mean(axis=0, keepdims=True))),
     ("Each channel has its own mean: yours is one number for all of them.",
      _with(lambda features: features.mean())),
     ("Those are the newest channels: the oldest stand first.", _newest)],
    [(_features(2, 2), 1), (_features(2, 3), 2), (_features(3, 2), 1)])
