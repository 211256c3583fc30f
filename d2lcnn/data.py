"""Images in batches: the course's own from the folder `data`, or yours. First used in notebook 00."""
import copy
import functools
import zlib
from io import BytesIO
from pathlib import Path

import numpy
from mxnet import np, npx
from PIL import Image

from .augment import Augmentation
from .device import one_device, to_numpy, try_gpu
from .files import SHA256, read
from .validate import is_count, is_listed

__all__ = ["CIFAR10_LABELS", "FASHION_MNIST_LABELS", "Batches", "load_data_cifar10", "load_data_fashion_mnist",
           "load_data_mnist", "load_full_cifar10", "photo"]

CIFAR10_LABELS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

FASHION_MNIST_LABELS = ("t-shirt", "trouser", "pullover", "dress", "coat",
                        "sandal", "shirt", "sneaker", "bag", "ankle boot")


def photo(name):
    """Return a photograph of `data/photos`, such as 'cat', as a float32 array (height, width, 3) with values in 0..1.

    Raises ValueError with the names there are for another one.
    """
    photos = {Path(file).stem: file for file in SHA256 if file.startswith("photos/") and not file.endswith(".csv")}
    if name not in photos:
        raise ValueError(f"no photograph {name!r}: take one of {', '.join(photos)}")
    with Image.open(BytesIO(read(photos[name]))) as image:
        return np.array(numpy.asarray(image.convert("RGB"), "float32") / 255)


class Batches:
    """Iterate over `(X, y)`: X float32 of shape (batch, channels, height, width) in 0..1, y int32 of shape (batch,).

    `images` is uint8 of shape (n, height, width, channels), gray (1 channel) or color (3); `labels` are n whole
    numbers from 0 on; `classes` may name them. `resize` is the side in pixels of the square that images are scaled to,
    bilinearly, averaging over areas where that makes them smaller (as Pillow's BILINEAR). With `shuffle`, every pass
    takes a new order from NumPy's generator (see `set_seed`). The set stays on the device as bytes; each batch is
    gathered, scaled and resized there when its turn comes, so no resized copy of the set ever exists. Raises
    ValueError for other arrays.
    """

    def __init__(self, images, labels, batch_size, resize=None, shuffle=False, device=None, *, classes=None):
        images, labels = to_numpy(images), to_numpy(labels)
        if not is_count(batch_size):
            raise ValueError(f"batch_size must be a whole number of at least 1, got {batch_size!r}")
        if not (resize is None or is_count(resize)):
            raise ValueError(f"resize must be None or a number of pixels of at least 1, got {resize!r}")
        _check_images(images)
        if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
            raise ValueError(f"labels must be {len(images)} integers, one per image, "
                             f"got {labels.dtype} of shape {labels.shape}")
        if not (classes is None or is_listed(classes)):
            raise ValueError(f"classes must be names, one for each class in their order, got {classes!r}")
        most = len(classes) - 1 if classes is not None else 2**31 - 1
        wrong = numpy.flatnonzero((labels < 0) | (labels > most))
        if len(wrong):
            raise ValueError(f"labels must lie in 0..{most}, got {labels[wrong[0]]} at index {wrong[0]}")
        self.device = one_device(device) or try_gpu()
        self.images = np.array(images, dtype="uint8", ctx=self.device)
        self.labels = np.array(labels, dtype="int32", ctx=self.device)
        self.batch_size, self.resize, self.shuffle = int(batch_size), resize, shuffle
        self.classes = None if classes is None else tuple(classes)
        self.augmentation = Augmentation()
        self._prepared = self.images  # as the augmentation takes them

    def __len__(self):
        """The number of batches in one pass; the last one may be smaller."""
        return -(-len(self.labels) // self.batch_size)

    def __repr__(self):
        n, high, wide, channels = self.images.shape
        augmented = f".augmented({self.augmentation})" if repr(self.augmentation) else ""
        return (f"Batches({n} images of {high} x {wide} x {channels}, batch_size={self.batch_size}, "
                f"resize={self.resize}, shuffle={self.shuffle}){augmented}")

    def __iter__(self):
        n = len(self.labels)
        order = numpy.random.permutation(n) if self.shuffle else numpy.arange(n)
        order = np.array(order, dtype="int32", ctx=self.device)  # one copy per epoch: each waits for all queued work
        labels, augments = np.take(self.labels, order), bool(repr(self.augmentation))
        if augments:
            moves, changes = self.augmentation.draw(n, self.device)
        for start in range(0, n, self.batch_size):
            part = slice(start, start + self.batch_size)
            if augments:
                X = self.augmentation.gather(self._prepared, self.images.shape[1:3], order[part], moves[:, part])
                yield self.augmentation.change(self._scale(X), changes[:, part]), labels[part]
            else:
                yield self._scale(np.take(self.images, order[part], axis=0)), labels[part]

    def _scale(self, X):
        """Bytes to 0..1, channels before height and width, and resized."""
        if self.resize and max(X.shape[1:3]) > self.resize:
            return _shrink(npx.image.to_tensor(X), self.resize)
        if self.resize:
            X = npx.image.resize(X.astype("float32"), (self.resize, self.resize))
        return npx.image.to_tensor(X)

    def augmented(self, **strengths):
        """Return the same batches with random changes of the images, such as `augmented(flip=0.5, shift=2)`.

        The names and strengths are those of `Augmentation`. They act in training and when you iterate yourself;
        `evaluate_accuracy`, `predict` and their siblings look at the images as they are. Everything is drawn from
        NumPy's generator at the start of a pass.
        """
        changed = copy.copy(self)
        changed.augmentation = Augmentation(**strengths)
        changed._prepared = changed.augmentation.prepared(self.images)
        return changed

    def plain(self):
        """Return the same batches in order and without augmentation."""
        changed = copy.copy(self)
        changed.shuffle, changed.augmentation, changed._prepared = False, Augmentation(), self.images
        return changed

    def split(self, n, seed=0):
        """Return two `Batches`: all but `n` images, and those `n`, plain, to validate with.

        They are chosen by `seed`, all classes alike. Raises ValueError if `n` leaves either part empty.
        """
        if not (is_count(n) and n < len(self.labels)):
            raise ValueError(f"n must be a number of images in 1..{len(self.labels) - 1}, got {n!r}")
        chosen = numpy.zeros(len(self.labels), bool)
        chosen[_in_turns(self.labels.asnumpy(), n, seed)] = True
        return self._part(~chosen), self._part(chosen).plain()

    def part(self, i, n):
        """Return one of `n` equally large parts, number `i` from 0 on: every n-th image. Up to n - 1 are left out.

        Raises ValueError where that leaves no image.
        """
        if not (is_count(n) and is_count(i, 0) and i < n <= len(self.labels)):
            raise ValueError(f"part {i!r} of {n!r}: there must be 1..{len(self.labels)} parts, counted from 0")
        chosen = numpy.zeros(len(self.labels), bool)
        chosen[i:len(self.labels) // n * n:n] = True
        return self._part(chosen)

    def _part(self, chosen):
        images, labels = self.images.asnumpy()[chosen], self.labels.asnumpy()[chosen]
        part = Batches(images, labels, self.batch_size, self.resize, self.shuffle, self.device, classes=self.classes)
        return part.augmented(**self.augmentation.strengths)

    def mean_and_std(self):
        """Return mean and standard deviation of each channel over all images, as two NumPy arrays (channels,) in 0..1.

        They are what `Normalization` takes.
        """
        images, values = self.images.asnumpy(), numpy.arange(256) / 255
        shares = numpy.array([numpy.bincount(images[..., c].ravel(), minlength=256) for c in range(images.shape[3])])
        shares = shares / shares.sum(axis=1, keepdims=True)
        mean = shares @ values
        return mean, numpy.sqrt((shares * (values - mean[:, None]) ** 2).sum(axis=1))

    def crc32(self):
        """Return the CRC-32 of all images and labels, by which a checkpoint recognizes its data."""
        return zlib.crc32(self.labels.asnumpy(), zlib.crc32(self.images.asnumpy()))


def _check_images(images):
    """Raise ValueError if these are not bytes of shape (n, height, width, 1 or 3): no layout is guessed."""
    if images.ndim != 4 or images.dtype != numpy.uint8 or images.shape[3] not in (1, 3):
        hint = ": channels come last, so images.transpose(0, 2, 3, 1)" if images.ndim == 4 and images.shape[1] in (
            1, 3) else ": images[..., None] adds the axis of gray ones" if images.ndim == 3 else ""
        raise ValueError("images must be uint8 of shape (n, height, width, 1) or (n, height, width, 3), "
                         f"got {images.dtype} of shape {images.shape}{hint}")


def images_to_array(images, dtype="float32"):
    """Return float images of shape (n, channels, height, width) as `dtype`, uint8 ones as `Batches` yields them.

    Without the first axis it is one image, and stays one. Raises ValueError for others.
    """
    array = to_numpy(images)
    if array.dtype == numpy.uint8 and array.ndim in (3, 4):
        _check_images(array[None] if array.ndim == 3 and array.shape[2] in (1, 3) else array)
        return npx.image.to_tensor(np.array(array, dtype="uint8")).astype(dtype, copy=False)
    if array.dtype.kind != "f" or array.ndim not in (3, 4):
        raise ValueError("images must be float of shape (n, channels, height, width), or uint8 of shape "
                         f"(n, height, width, channels), got {array.dtype} of shape {array.shape}")
    return np.array(array, dtype=dtype)


@functools.cache
def _triangle(size, target, device):
    """The matrix (target, size) that makes `size` pixels `target` smaller ones: means weighted by a triangle."""
    scale = size / target
    middles = (numpy.arange(target)[:, None] + 0.5) * scale
    weights = numpy.maximum(0, 1 - abs(numpy.arange(size) + 0.5 - middles) / max(1, scale))
    return np.array(weights / weights.sum(axis=1, keepdims=True), dtype="float32", ctx=device)


def _shrink(X, side):
    """Resize X of shape (batch, channels, height, width) to (side, side), as Pillow's BILINEAR does."""
    rows, columns = (_triangle(size, side, X.ctx) for size in X.shape[2:])
    return np.matmul(rows, np.matmul(X, columns.T))


def _in_turns(labels, examples, seed):
    """Indices of `examples` images in a seeded random order in which the classes take turns."""
    order = numpy.random.RandomState(seed).permutation(len(labels))
    turn = numpy.empty(len(labels), int)
    for label in numpy.unique(labels):
        own = labels[order] == label
        turn[own] = numpy.arange(own.sum())
    return order[numpy.argsort(turn, kind="stable")][:examples]


@functools.cache
def _mnist(folder):
    """Images (n, 28, 28, 1) and labels of MNIST's or Fashion-MNIST's two parts, unpacked and checked once."""
    parts = []
    for part in ("train", "t10k"):
        images = numpy.frombuffer(read(f"{folder}/{part}-images-idx3-ubyte.gz"), numpy.uint8, offset=16)
        labels = numpy.frombuffer(read(f"{folder}/{part}-labels-idx1-ubyte.gz"), numpy.uint8, offset=8)
        parts.append((images.reshape(-1, 28, 28, 1), labels))
    return parts


@functools.cache
def _cifar10_part():
    return [_from_rows(read(f"cifar10/{part}.bin.gz")) for part in ("train", "test")]


def _from_rows(content):
    """Images (n, 32, 32, 3) and labels in CIFAR-10's own format: 1 + 3 x 32 x 32 bytes each, channels first."""
    rows = numpy.frombuffer(content, numpy.uint8).reshape(-1, 3073)
    return rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), rows[:, 0]


def _batches(parts, classes, batch_size, resize, examples, seed, device):
    """Training and test `Batches`, or of `examples` training images and the same share of the test images."""
    most = len(parts[0][0])
    if not (examples is None or is_count(examples, 10) and examples <= most):
        raise ValueError(f"examples must be None or a number in 10..{most}, got {examples!r}")
    iterators = []
    for i, (images, labels) in enumerate(parts):
        if examples:
            chosen = _in_turns(labels, max(10, examples * len(labels) // most), seed)
            images, labels = images[chosen], labels[chosen]
        iterators.append(Batches(images, labels, batch_size, resize, i == 0, device, classes=classes))
    return iterators


def load_data_mnist(batch_size, resize=None, examples=None, seed=0, device=None):
    """Return MNIST's training and test set (LeCun, Cortes and Burges) as two `Batches`, the first one shuffled.

    60,000 and 10,000 gray images of 28 x 28 pixels in 10 classes; `resize` is the side in pixels to scale them to.
    `examples` takes that many training images and the same share of the test images (at least 10), all classes alike,
    chosen by `seed`. `device` defaults to `try_gpu()`. Raises ValueError for `examples` outside 10..60000, and what
    `files.read` and `Batches` raise. See notebook 06.
    """
    return _batches(_mnist("mnist"), tuple("0123456789"), batch_size, resize, examples, seed, device)


def load_data_fashion_mnist(batch_size, resize=None, examples=None, seed=0, device=None):
    """Return Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017), as `load_data_mnist` does; d2l's function of that name.

    `FASHION_MNIST_LABELS` names the classes.
    """
    return _batches(_mnist("fashion-mnist"), FASHION_MNIST_LABELS, batch_size, resize, examples, seed, device)


def load_data_cifar10(batch_size, resize=None, examples=None, seed=0, device=None):
    """Return a part of CIFAR-10 (Krizhevsky, 2009) as two `Batches`, as `load_data_mnist` does.

    10,000 training and 2,000 test images in color of 32 x 32 pixels, equally many of each class of `CIFAR10_LABELS`;
    so `examples` is at most 10,000. `load_full_cifar10` takes all 60,000 images. See notebook 15.
    """
    return _batches(_cifar10_part(), CIFAR10_LABELS, batch_size, resize, examples, seed, device)


def load_full_cifar10(folder, batch_size, resize=None, examples=None, seed=0, device=None):
    """Return all of CIFAR-10, 50,000 training and 10,000 test images, as `load_data_cifar10` returns a part.

    `folder` holds the six files of the set's binary version, `data_batch_1.bin` to `data_batch_5.bin` and
    `test_batch.bin`; `data/cifar10/make_part.py` says how to get them. Raises FileNotFoundError if one is missing and
    ValueError if they do not hold 5,000 training and 1,000 test images of each class.
    """
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
    missing = [name for name in names if not (Path(folder) / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{folder} has no {missing[0]}: it must hold the files of cifar-10-binary.tar.gz, "
                                "see data/cifar10/make_part.py")
    *train, test = [(Path(folder) / name).read_bytes() for name in names]
    contents = b"".join(train), test
    for content, each in zip(contents, (5_000, 1_000), strict=True):
        counts = numpy.bincount(numpy.frombuffer(content, numpy.uint8)[::3073], minlength=10)
        if len(content) != 30_730 * each or set(counts) != {each}:
            raise ValueError(f"the files in {folder} are truncated or altered: they do not hold {each:,} images of "
                             "each class in records of 3,073 bytes")
    return _batches(list(map(_from_rows, contents)), CIFAR10_LABELS, batch_size, resize, examples, seed, device)
