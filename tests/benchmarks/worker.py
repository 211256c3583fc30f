"""One measurement in a process of its own: `python -m tests.benchmarks.worker VARIANT NETWORK STEPS` prints JSON.

Variants: train (d2lcnn.train), augmented (the same with flips and shifts of 2 pixels), bare (the step alone, one
resident batch), d2l (its train_ch6 and loader), eager, channels_last, compile (PyTorch, one resident batch), limit
(NETWORK: product or convolution), macs (of one image).
"""
import contextlib
import functools
import gzip
import importlib
import itertools
import json
import os
import resource
import sys
import time
import warnings
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data" / "fashion-mnist"
WARM = 3  # steps before the clock starts
NETWORKS = {  # name: module and function in d2lcnn.models, pixels, batch size, learning rate
    "LeNet": ("lenet", "lenet", 28, 256, 0.1), "AlexNet": ("alexnet", "alexnet", 224, 128, 0.01),
    "VGG-11/4": ("vgg", "vgg11", 224, 64, 0.01), "NiN": ("nin", "nin", 224, 64, 0.01),
    "GoogLeNet": ("googlenet", "googlenet", 96, 128, 0.01), "ResNet-18": ("resnet", "resnet18", 96, 128, 0.01),
    "DenseNet": ("densenet", "densenet_small", 96, 128, 0.01)}


class Part:
    """An iterator with a length whose passes end after `counts` batches; it notes when batch `warm` of the last began.

    `train` first looks at one batch: such a look starts a pass as well, which `looks` counts.
    """

    def __init__(self, batches, counts, warm, looks=0):
        self.batches, self.length, self.warm, self.counts = batches, counts[-1], warm, iter((1,) * looks + counts)

    def __len__(self):
        return self.length

    def __iter__(self):
        for i, batch in enumerate(itertools.islice(self.batches, next(self.counts))):
            if i == self.warm:
                self.start = time.perf_counter()
            yield batch
        self.end = time.perf_counter()


def parts(loaders, pixels, steps, looks=0):
    """The training and the test set cut down, but LeNet's (28 pixels): there two epochs with evaluation are whole.

    The others take one pass, whose first steps do not count.
    """
    counts = ((235, 235), (40, 40)) if pixels == 28 else ((WARM + steps,), (1,))
    warm = (0 if pixels == 28 else WARM, 0)
    return [Part(*each, looks) for each in zip(loaders, counts, warm, strict=True)]


def train(build, pixels, batch, lr, steps, **strengths):
    import d2lcnn
    d2lcnn.progress._in_notebook = lambda: True  # draw the live curve as a reader sees it
    images, test = d2lcnn.load_data_fashion_mnist(batch, resize(pixels))
    train_iter, test_iter = parts((images.augmented(**strengths), test), pixels, steps, looks=1)
    d2lcnn.train(ready(build()), train_iter, test_iter, 2 if pixels == 28 else 1, lr)
    images = 60_000 if pixels == 28 else batch * steps
    return {"rate": images / (test_iter.start - train_iter.start), "epoch": time.perf_counter() - train_iter.start}


def d2l(build, pixels, batch, lr, steps):
    from mxnet import npx
    from mxnet.gluon.data.vision import datasets
    npx.set_np()
    from d2l import mxnet as book
    datasets.download = lambda url, **_: str(DATA / url.rsplit("/", 1)[1])  # the only change: local files
    train_iter, test_iter = parts(book.load_data_fashion_mnist(batch, resize(pixels)), pixels, steps)
    book.train_ch6(build(), train_iter, test_iter, 2 if pixels == 28 else 1, lr, book.try_gpu())
    images = 60_000 if pixels == 28 else batch * steps
    return {"rate": images / (train_iter.end - train_iter.start), "epoch": time.perf_counter() - train_iter.start}


def as_a_reader_of_d2l():
    """Import MXNet before d2lcnn, and undo what d2lcnn sets for it: d2l's readers have neither."""
    import mxnet  # noqa: F401
    before = dict(os.environ)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MXNet was imported before d2lcnn
        import d2lcnn  # noqa: F401
    os.environ.clear()
    os.environ.update(before)


def bare(build, pixels, batch, lr, steps):
    import d2lcnn

    from mxnet import autograd, gluon, npx
    X, y = next(iter(d2lcnn.load_data_fashion_mnist(batch, resize(pixels))[0]))
    net, loss = ready(build()), gluon.loss.SoftmaxCrossEntropyLoss()
    for block in net, loss:
        block.hybridize(static_alloc=True, static_shape=True)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr})

    def step():
        with autograd.record():
            l = loss(net(X), y)  # noqa: E741
        l.backward()
        trainer.step(batch)
    return {"rate": batch * timed(step, steps, npx.waitall)}


def step_of_torch(mode, build, pixels, batch, lr, steps):
    import numpy
    import torch
    from torch.nn.functional import cross_entropy, interpolate
    torch.manual_seed(0)
    images, y = (numpy.frombuffer(gzip.open(DATA / f"train-{name}.gz").read(), numpy.uint8, offset=offset).astype(kind)
                 for name, offset, kind in (("images-idx3-ubyte", 16, "float32"), ("labels-idx1-ubyte", 8, "int64")))
    X = interpolate(torch.from_numpy(images[:batch * 784] / 255).reshape(batch, 1, 28, 28), (pixels, pixels))
    y, net = torch.from_numpy(y[:batch]), build()
    net(X)  # fixes the shapes
    net.apply(lambda m: torch.nn.init.xavier_uniform_(m.weight) if isinstance(m, torch.nn.Linear | torch.nn.Conv2d)
              else None)
    if mode == "channels_last":
        net, X = net.to(memory_format=torch.channels_last), X.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(net.parameters(), lr)
    run = torch.compile(net) if mode == "compile" else net

    def step():
        optimizer.zero_grad()
        cross_entropy(run(X), y).backward()
        optimizer.step()
    return {"rate": batch * timed(step, steps)}


def limit(kind):
    """Multiply-adds per second of a large operation of MXNet."""
    from mxnet import np, npx
    from mxnet.gluon import nn
    if kind == "product":
        a, b, macs = np.ones((4096, 4096)), np.ones((4096, 4096)), 4096**3
        return {"rate": macs * timed(lambda: np.dot(a, b), 5, npx.waitall)}
    layer = ready(nn.Conv2D(256, 3, padding=1))
    layer.hybridize(static_alloc=True, static_shape=True)
    X = np.ones((32, 256, 56, 56))
    return {"rate": 32 * 256 * 56 * 56 * 256 * 9 * timed(lambda: layer(X), 5, npx.waitall)}


def macs(build, pixels, *_):
    import d2lcnn
    return {"rate": d2lcnn.summary(build(), (1, 1, pixels, pixels)).macs}


def resize(pixels):
    return None if pixels == 28 else pixels


def ready(net):
    import mxnet
    mxnet.random.seed(0)
    net.initialize(mxnet.init.Xavier())
    return net


def timed(step, steps, wait=lambda: None):
    """Steps per second, after a few to warm up."""
    for count in WARM, steps:
        start = time.perf_counter()
        for _ in range(count):
            step()
        wait()
    return steps / (time.perf_counter() - start)


def main(variant, network, steps):
    with contextlib.redirect_stdout(sys.stderr):
        if variant == "limit":
            import d2lcnn  # noqa: F401, before MXNet: it sets the threads
            result = limit(network)
        else:
            module, function, *setting = NETWORKS[network]
            augmented = functools.partial(train, flip=0.5, shift=2)
            run = {"train": train, "augmented": augmented, "bare": bare, "d2l": d2l, "macs": macs}.get(variant)
            if run is None:
                run, package = functools.partial(step_of_torch, variant), "tests.benchmarks.torch_networks"
            else:
                package = f"d2lcnn.models.{module}"
            if variant == "d2l":
                as_a_reader_of_d2l()
            result = run(getattr(importlib.import_module(package), function), *setting, int(steps))
    result["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
