"""Real images from the `data` folder. First used in notebook 00."""
from io import BytesIO
from numbers import Integral

import numpy
from matplotlib import pyplot as plt
from mxnet import np, npx

from .device import to_numpy, try_gpu
from .files import read

__all__ = ["FASHION_MNIST_LABELS", "Batches", "load_data_fashion_mnist", "load_data_mnist", "photo"]

FASHION_MNIST_LABELS = ("t-shirt", "trouser", "pullover", "dress", "coat",
                        "sandal", "shirt", "sneaker", "bag", "ankle boot")


def photo(name):
    """Return a photograph, 'cat' or 'coffee', as a float32 array of shape (height, width, 3) with values in 0..1."""
    if name not in ("cat", "coffee"):
        raise ValueError(f"no photograph {name!r}: take 'cat' or 'coffee'")
    return np.array(plt.imread(BytesIO(read(f"photos/{name}.png")), format="png"))


class Batches:
    """Iterate over `(X, y)`: X float32 of shape (batch, channels, height, width) in 0..1, y int32 of shape (batch,).

    The set stays on the device as bytes; each batch is gathered, scaled and resized there when its turn comes, so no
    resized copy of the set ever exists. `images` is uint8 of shape (n, height, width, channels), `labels` int of
    shape (n,). With `shuffle`, every pass takes a new order from NumPy's generator (see `set_seed`).
    """

    def __init__(self, images, labels, batch_size, resize=None, shuffle=False, device=None):
        images, labels = to_numpy(images), to_numpy(labels)
        if not (isinstance(batch_size, Integral) and batch_size >= 1):
            raise ValueError(f"batch_size must be a whole number of at least 1, got {batch_size!r}")
        if not (resize is None or isinstance(resize, Integral) and resize >= 1):
            raise ValueError(f"resize must be None or a number of pixels of at least 1, got {resize!r}")
        if images.ndim != 4 or images.dtype != numpy.uint8:
            raise ValueError("images must be uint8 of shape (n, height, width, channels), "
                             f"got {images.dtype} of shape {images.shape}")
        if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
            raise ValueError(f"labels must be {len(images)} integers, one per image, "
                             f"got {labels.dtype} of shape {labels.shape}")
        self.device = device or try_gpu()
        self.images = np.array(images, dtype="uint8", ctx=self.device)
        self.labels = np.array(labels, dtype="int32", ctx=self.device)
        self.batch_size, self.resize, self.shuffle = batch_size, resize, shuffle

    def __len__(self):
        """The number of batches in one pass; the last one may be smaller."""
        return -(-len(self.labels) // self.batch_size)

    def __iter__(self):
        n = len(self.labels)
        order = numpy.random.permutation(n) if self.shuffle else numpy.arange(n)
        order = np.array(order, dtype="int32", ctx=self.device)  # at once: such a copy waits for all work under way
        labels = np.take(self.labels, order)
        for start in range(0, n, self.batch_size):
            index = order[start:start + self.batch_size]
            X = np.take(self.images, index, axis=0)
            if self.resize:
                X = npx.image.resize(X.astype("float32"), (self.resize, self.resize))
            X = npx.image.to_tensor(X)  # 0..255 to 0..1, and channels before height and width
            yield X, labels[start:start + self.batch_size]


def _in_turns(labels, examples, seed):
    """Indices of `examples` images in a seeded random order in which the classes take turns."""
    order = numpy.random.RandomState(seed).permutation(len(labels))
    turn = numpy.empty(len(labels), int)
    for label in numpy.unique(labels):
        own = labels[order] == label
        turn[own] = numpy.arange(own.sum())
    return order[numpy.argsort(turn, kind="stable")][:examples]


def _load(folder, batch_size, resize, examples, seed, device):
    if not (examples is None or isinstance(examples, Integral) and 10 <= examples <= 60_000):
        raise ValueError(f"examples must be None or a number in 10..60000, got {examples!r}")
    iterators = []
    for part, size in (("train", 60_000), ("t10k", 10_000)):
        images = numpy.frombuffer(read(f"{folder}/{part}-images-idx3-ubyte.gz"), numpy.uint8, offset=16)
        labels = numpy.frombuffer(read(f"{folder}/{part}-labels-idx1-ubyte.gz"), numpy.uint8, offset=8)
        images = images.reshape(size, 28, 28, 1)
        if examples:
            chosen = _in_turns(labels, max(10, examples * size // 60_000), seed)
            images, labels = images[chosen], labels[chosen]
        iterators.append(Batches(images, labels, batch_size, resize, part == "train", device))
    return iterators


def load_data_mnist(batch_size, resize=None, examples=None, seed=0, device=None):
    """Return MNIST's training and test set (LeCun, Cortes and Burges) as two `Batches`, the first one shuffled.

    60,000 and 10,000 gray images of 28 x 28 pixels in 10 classes; `resize` is the side in pixels to scale them to.
    `examples` takes that many training images and the same share of the test images (at least 10), all classes alike,
    chosen by `seed`. `device` defaults to `try_gpu()`. Raises ValueError for `examples` outside 10..60000, and what
    `files.read` and `Batches` raise. See notebook 06.
    """
    return _load("mnist", batch_size, resize, examples, seed, device)


def load_data_fashion_mnist(batch_size, resize=None, examples=None, seed=0, device=None):
    """Return Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017), as `load_data_mnist` does; d2l's function of that name.

    `FASHION_MNIST_LABELS` names the classes.
    """
    return _load("fashion-mnist", batch_size, resize, examples, seed, device)
