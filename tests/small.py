"""Small networks and data that several test files share."""
from d2lcnn import Batches, set_seed

import mxnet as mx
import numpy
from mxnet import gluon, init, np, npx
from mxnet.gluon import nn

CPU = npx.cpu()


def sequence(*layers):
    """A network of these layers, not initialized."""
    net = nn.HybridSequential()
    net.add(*layers)
    return net


def symbol_block(outputs=3, inputs=4):
    """A dense layer as a graph without layers, as `gluon.SymbolBlock.imports` makes of a file; initialized."""
    X = mx.sym.var("data", dtype="float32").as_np_ndarray()
    net = gluon.SymbolBlock(nn.Dense(outputs)(X), [X])
    net.initialize(ctx=CPU)
    net(np.zeros((1, inputs)))
    return net


def small_net(outputs=3, dropout=0.0, channels=4):
    """A network that has everything a run must keep: a convolution, running statistics, dropout; not initialized."""
    return sequence(nn.Conv2D(channels, 3, activation="relu"), nn.BatchNorm(), nn.Dropout(dropout), nn.Dense(outputs))


def ready(net=None, seed=0):
    """The network with seeded weights."""
    net = net or small_net()
    set_seed(seed)
    net.initialize(init.Xavier(), ctx=CPU, force_reinit=True)
    net(np.zeros((1, 1, 8, 8)))
    return net


def small_data(n=18, batch_size=4, shuffle=True, seed=0, **options):
    """Batches of `n` gray images of 8 x 8 random pixels in 3 classes."""
    random = numpy.random.RandomState(seed)
    images = random.randint(0, 256, (n, 8, 8, 1)).astype("uint8")
    return Batches(images, numpy.arange(n) % 3, batch_size, shuffle=shuffle, device=CPU, **options)


def weights(net):
    """Copies of all parameters and running statistics."""
    npx.waitall()  # a forward pass under way may change their layout in memory
    return [p.data().asnumpy() for p in net.collect_params().values()]


def equal(first, second):
    """Whether two lists of arrays are equal bit for bit."""
    return len(first) == len(second) and all(numpy.array_equal(a, b) for a, b in zip(first, second, strict=True))


def timeless(history):
    """What a history says apart from times, which differ between two runs."""
    return {name: value for name, value in vars(history).items() if name not in ("seconds", "images_per_s", "sums")}
