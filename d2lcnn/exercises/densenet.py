"""The exercises of notebook 12."""
import numpy
from mxnet import np

from ..costs import summary
from . import Exercise

growth = Exercise(
    {"last layer reads": 84, "leave the block": 96, "connections": 21},
    [("The channels that came in are kept as well: 24 more of them are read, and 24 more leave.",
      {"last layer reads": 60, "leave the block": 72, "connections": 21}),
     ("The last layer cannot read its own 12 channels: five layers stand before it.",
      {"last layer reads": 96, "leave the block": 96, "connections": 21}),
     ("That is a chain: layer 1 reads one source, layer 2 two, and so on, so add up 1 to 6.",
      {"last layer reads": 84, "leave the block": 96, "connections": 6}),
     ("Channels are added, not multiplied: every layer adds 12.",
      {"last layer reads": 24 * 5 * 12, "leave the block": 24 * 6 * 12, "connections": 21})])


class Step:
    """A function with a name that can be shown: a weighted sum over the channels, `weight` the first one's."""

    def __init__(self, weight):
        self.weight = weight

    def __call__(self, x):
        factors = self.weight * (1 + numpy.arange(x.shape[1], dtype="float32"))
        return (x * np.array(factors.reshape(-1, 1, 1))).sum(axis=1, keepdims=True)

    def __repr__(self):
        return f"{self.weight} · (channel 0 + 2 · channel 1 + …)"


def _dense_block(x, functions):
    for f in functions:
        x = np.concatenate((x, f(x)), axis=1)
    return x


def _each_reads_the_input(x, functions):
    return np.concatenate([x, *[f(x) for f in functions]], axis=1)


def _a_chain(x, functions):
    parts = [x]
    for f in functions:
        parts.append(f(parts[-1]))
    return np.concatenate(parts, axis=1)


def _newest_first(x, functions):
    for f in functions:
        x = np.concatenate((f(x), x), axis=1)
    return x


def _added(x, functions):
    for f in functions:
        x = x + f(x)
    return x


def _only_the_new(x, functions):
    return _dense_block(x, functions)[:, x.shape[1]:]


def _image(*channels):
    return np.array([[[[value, 0.0]] for value in channels]])


dense_block = Exercise(
    _dense_block,
    [("Each function must read all that has been joined so far: yours read only the input.", _each_reads_the_input),
     ("Each function must read all that has been joined so far: yours read only what the one before them made.",
      _a_chain),
     ("The order is turned around: the input comes first, the newest channels last.", _newest_first),
     ("That is a residual block: join x and f(x), do not add them.", _added),
     ("The input is missing in what you return.", _only_the_new)],
    [(_image(1.0, 2.0), [Step(1)]), (_image(1.0), [Step(1), Step(2)]),
     (_image(1.0, -1.0), [Step(1), Step(2), Step(3)])])


def _shapes(net):
    """What each layer with parameters makes, a block being one layer, and all parameters together."""
    rows = summary(net, (1, 3, 32, 32), depth=1)
    return [*[tuple(map(int, row.shape[1:])) for row in rows if row.parameters], rows.parameters]


tiny_densenet = Exercise(
    [(24, 32, 32), (72, 32, 32), (36, 16, 16), (84, 16, 16), (42, 8, 8), (90, 8, 8), (90, 8, 8), (10,), 77_056],
    [("The second transition gets 36 + 4 · 12 = 84 channels: half of that is 42.",
      [(24, 32, 32), (72, 32, 32), (36, 16, 16), (84, 16, 16), (36, 8, 8), (84, 8, 8), (84, 8, 8), (10,), 73_834]),
     ("The first transition goes back to 24 channels: it should make half of the 72 that it gets.",
      [(24, 32, 32), (72, 32, 32), (24, 16, 16), (72, 16, 16), (24, 8, 8), (72, 8, 8), (72, 8, 8), (10,), 60_922]),
     ("There is a pooling too much: the first block works on 32 × 32 pixels.",
      [(24, 32, 32), (72, 16, 16), (36, 8, 8), (84, 8, 8), (42, 4, 4), (90, 4, 4), (90, 4, 4), (10,), 77_056]),
     ("BatchNorm and ReLU are missing after the last block: its newest channels come straight from a convolution.",
      [(24, 32, 32), (72, 32, 32), (36, 16, 16), (84, 16, 16), (42, 8, 8), (90, 8, 8), (10,), 76_876])],
    view=_shapes)
