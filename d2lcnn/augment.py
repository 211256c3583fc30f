"""Random changes of training images, on the device: flips, shifts, turns, size, light, erasing. See notebook 15."""
import math
from numbers import Real

import mxnet as mx
import numpy
from mxnet import np

from .validate import is_count

__all__ = ["Augmentation", "warp"]


class Augmentation:
    """What is drawn anew for every image and epoch, each by its strength; 0 leaves it out.

    `flip`: the probability of a mirror image. `shift`: pixels up, down, left and right at most; what comes in from
    outside is black (a padded crop). `rotate`: degrees to either side at most. `scale`, `brightness`, `contrast`: the
    largest change, as a share: 0.2 multiplies the size, the values, or their distances from the image's mean, by 0.8
    to 1.2. `erase`: the side in pixels of a square that is made black (cutout; DeVries and Taylor, 2017). Raises
    ValueError for a strength out of range.
    """

    LIMITS = {"flip": (1, Real), "shift": (1000, int), "rotate": (180, Real), "scale": (0.9, Real),
              "brightness": (1, Real), "contrast": (1, Real), "erase": (1000, int)}

    def __init__(self, **strengths):
        for name, value in strengths.items():
            if name not in self.LIMITS:
                raise ValueError(f"there is no augmentation {name!r}: take {', '.join(self.LIMITS)}")
            most, kind = self.LIMITS[name]
            if not ((is_count(value, 0) if kind is int else isinstance(value, Real)) and 0 <= value <= most):
                what = "a whole number" if kind is int else "a number"
                raise ValueError(f"{name} must be {what} in 0..{most}, got {value!r}")
            strengths[name] = int(value) if kind is int else value  # MXNet does not pad by NumPy's whole numbers
        self.strengths = dict.fromkeys(self.LIMITS, 0) | strengths

    def __repr__(self):
        return ", ".join(f"{name}={value}" for name, value in self.strengths.items() if value)

    def draw(self, n, device):
        """Return the random numbers of `n` images from NumPy's generator: (moves, changes), arrays on `device`.

        `moves` are int32 of shape (3, n): mirrored or not, rows down, columns to the right. `changes` are float32 of
        shape (6, n), each in -1..1: angle, brightness, contrast, the place of the square in rows and columns, size.
        """
        shift = self.strengths["shift"]
        mirrored = numpy.random.rand(n) < self.strengths["flip"]
        moves = numpy.stack([mirrored, *numpy.random.randint(-shift, shift + 1, (2, n))])
        changes = numpy.random.uniform(-1, 1, (6, n))
        # all of an epoch at once: a copy to the device waits for all queued work
        return np.array(moves, dtype="int32", ctx=device), np.array(changes, dtype="float32", ctx=device)

    def prepared(self, images):
        """Return what `gather` takes of `images`, uint8 of shape (n, height, width, channels).

        If they are to be mirrored or shifted, these are their pixels, with `shift` black ones around each image, of
        shape (n * (height + 2 shift) * (width + 2 shift), channels). It is done once: MXNet's reshape
        copies it, which takes longer than a step of training.
        """
        shift = self.strengths["shift"]
        if not (self.strengths["flip"] or shift):
            return images
        return np.pad(images, ((0, 0), (shift, shift), (shift, shift), (0, 0))).reshape(-1, images.shape[3])

    def gather(self, prepared, size, index, moves):
        """Return the images `index`, mirrored and shifted: (batch, height, width, channels), as bytes.

        `size` is height and width of the images. Nothing is computed but the address of each pixel.
        """
        if not (self.strengths["flip"] or self.strengths["shift"]):
            return np.take(prepared, index, axis=0)
        shift = self.strengths["shift"]
        high, wide = (side + 2 * shift for side in size)
        mirrored, down, right = (move.reshape(-1, 1, 1) for move in moves)
        rows = np.arange(shift, high - shift, dtype="int32", ctx=prepared.ctx).reshape(1, -1, 1) - down
        columns = np.arange(shift, wide - shift, dtype="int32", ctx=prepared.ctx).reshape(1, 1, -1) - right
        columns = columns + mirrored * (wide - 1 - 2 * columns - 2 * right)
        first = index.reshape(-1, 1, 1) * (high * wide)
        return np.take(prepared, (first + rows * wide) + columns, axis=0)

    def change(self, X, changes):
        """Return the images `X`, float of shape (batch, channels, height, width) in 0..1, warped, relit, erased."""
        s, (angle, brightness, contrast, row, column, size) = self.strengths, changes
        if s["rotate"] or s["scale"]:
            X = warp(X, s["rotate"] * angle, 1 + s["scale"] * size)
        if s["brightness"]:
            X = X * (1 + s["brightness"] * brightness.reshape(-1, 1, 1, 1))
        if s["contrast"]:
            mean = X.mean(axis=(1, 2, 3), keepdims=True)
            X = mean + (X - mean) * (1 + s["contrast"] * contrast.reshape(-1, 1, 1, 1))
        if s["brightness"] or s["contrast"]:
            X = np.clip(X, 0, 1)
        if s["erase"]:
            high, wide = (_inside(place, side, s["erase"]) for place, side in zip((row, column), X.shape[2:],
                                                                                  strict=True))
            X = X * (1 - high.reshape(len(X), 1, -1, 1) * wide.reshape(len(X), 1, 1, -1))
        return X


def warp(X, angle=0, scale=1):
    """Return images (batch, channels, height, width) turned around their middle and made larger or smaller.

    `angle` is in degrees, counterclockwise; `scale` 2 doubles the size. Each is a number, or an array with one for
    each image. What comes in from outside is black, values between pixels are interpolated bilinearly. Raises
    ValueError for images of one row or column.
    """
    angle = np.zeros(len(X), ctx=X.ctx) + angle * math.pi / 180
    cos, sin, zero = np.cos(angle) / scale, np.sin(angle) / scale, np.zeros_like(angle)
    high, wide = (side - 1 for side in X.shape[2:])  # between the middles of the outermost pixels
    if not (high and wide):  # MXNet's grid would be nan
        raise ValueError(f"images of {high + 1} x {wide + 1} pixels cannot be turned or scaled: resize them first")
    matrix = np.stack([cos, -sin * (high / wide), zero, sin * (wide / high), cos, zero], axis=1)
    grid = mx.nd.GridGenerator(matrix.as_nd_ndarray(), transform_type="affine", target_shape=X.shape[2:])
    return mx.nd.BilinearSampler(X.as_nd_ndarray(), grid).as_np_ndarray()


def _inside(place, side, length):
    """For each of the places in -1..1, which of `side` pixels lie within `length` pixels around it: (batch, side)."""
    middle = (place.reshape(-1, 1) + 1) / 2 * side
    distance = abs(np.arange(side, ctx=place.ctx).reshape(1, -1) + 0.5 - middle)
    return (distance < length / 2).astype("float32")
