"""The training loop of the course: stochastic gradient descent, a live curve, one line per epoch. See notebook 06."""
import math
import random
import time
from collections import deque
from dataclasses import dataclass, field

import mxnet as mx
import numpy
from mxnet import autograd, gluon, np

from .curves import Progress, plot_histories
from .device import try_gpu

__all__ = ["History", "evaluate_accuracy", "set_seed", "train"]


@dataclass
class History:
    """What happened in a training run: one entry per epoch in each list but `batch_loss`, one per batch there.

    Losses are means over examples, accuracies shares in 0..1. `train_acc` is counted while training, `test_acc`
    after the epoch. `seconds` are those of the training pass alone, `lr` is the rate of its last step.
    """

    batches: int  # in one epoch
    loss: list = field(default_factory=list)
    train_acc: list = field(default_factory=list)
    test_acc: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    images_per_s: list = field(default_factory=list)
    lr: list = field(default_factory=list)
    batch_loss: list = field(default_factory=list)

    def plot(self):
        """Draw loss and accuracy against the epoch; `plot_histories` draws several runs together."""
        plot_histories({"": self})

    def line(self, epoch):
        """Return the report of one epoch, counted from 1."""
        i = epoch - 1
        return (f"epoch {epoch:2d}   loss {self.loss[i]:6.4f}   train acc {self.train_acc[i]:.3f}   "
                f"test acc {self.test_acc[i]:.3f}   {self.images_per_s[i]:6,.0f} images/s")


def set_seed(seed):
    """Seed the three generators that a run draws from: MXNet's (weights, dropout), NumPy's (order), Python's."""
    mx.random.seed(seed)
    numpy.random.seed(seed)
    random.seed(seed)


def _read_late(results, late=2):
    """Yield `(array, n)` pairs as `(numpy array, n)`, each `late` steps after it was asked for.

    MXNet computes in the background: reading the newest result would make it wait for us, reading none would let us
    queue the whole epoch. A little behind, it always has work and memory stays bounded.
    """
    queue = deque()
    for array, n in results:
        queue.append((array, n))
        if len(queue) > late:
            array, n = queue.popleft()
            yield array.asnumpy(), n
    for array, n in queue:
        yield array.asnumpy(), n


def evaluate_accuracy(net, data_iter, device=None):
    """Return the share of examples of `data_iter` that `net` classifies correctly, in 0..1.

    d2l's `evaluate_accuracy_gpu`. Raises ValueError if the iterator is empty.
    """
    def results():
        for X, y in data_iter:
            X, y = _on(device, X, y)
            yield (net(X).argmax(axis=1).astype(y.dtype) == y).sum(), len(y)

    correct, total = numpy.sum([(float(c), n) for c, n in _read_late(results())] or [(0, 0)], axis=0)
    if total == 0:
        raise ValueError("the iterator is empty: nothing to evaluate")
    return correct / total


def _on(device, *arrays):
    return [a.as_in_ctx(device) for a in arrays] if device else arrays


def _check(net, train_iter, test_iter, num_epochs, lr, scheduler, plateau):
    """Raise what is wrong with the arguments before any time is spent."""
    if not (isinstance(num_epochs, int) and num_epochs >= 1):
        raise ValueError(f"num_epochs must be a whole number of at least 1, got {num_epochs!r}")
    if not lr > 0:
        raise ValueError(f"lr must be above 0, got {lr!r}")
    for name, batches in (("train_iter", train_iter), ("test_iter", test_iter)):
        if len(batches) == 0:
            raise ValueError(f"{name} is empty: is the batch size larger than the data with last_batch='discard'?")
    if scheduler is not None and not isinstance(scheduler, mx.lr_scheduler.LRScheduler):
        raise ValueError(f"lr_scheduler must be one of mx.lr_scheduler's, got {scheduler!r}")
    if scheduler is not None and not math.isclose(scheduler.base_lr, lr):
        raise ValueError(f"the scheduler starts at base_lr={scheduler.base_lr}, lr is {lr}: give both the same value")
    if plateau is not None and not (isinstance(plateau, int) and plateau >= 1 and scheduler is None):
        raise ValueError(f"plateau must be a number of epochs of at least 1, without lr_scheduler, got {plateau!r}")
    for parameter in net.collect_params().values():
        try:
            parameter.list_ctx()
        except RuntimeError as error:
            raise ValueError(f"the network is not initialized ({parameter.name}): "
                             "call net.initialize(init.Xavier(), ctx=device) first") from error


def _check_labels(y, classes):
    """Raise if a label names no class: the loss would take it silently."""
    y = y.asnumpy()
    for index in numpy.flatnonzero((y < 0) | (y >= classes))[:1]:
        raise ValueError(f"labels must lie in 0..{classes - 1}, got {y[index]} at index {index}: "
                         "was the right file loaded, has the network an output per class?")


def train(net, train_iter, test_iter, num_epochs, lr, device=None, *, momentum=0.0, weight_decay=0.0,
          lr_scheduler=None, plateau=None, seed=None, show=True):
    """Train an initialized classifier by minibatch SGD on the softmax cross-entropy and return its `History`.

    The arguments are in the order of d2l's `train_ch6`. Iterators yield `(X, y)` and have a length. `lr_scheduler`
    is one of `mx.lr_scheduler` and counts batches; `plateau=k` divides the learning rate by 10 after `k` epochs
    without a better test accuracy; `seed` calls `set_seed`. `device` defaults to `try_gpu()`. In a notebook a live
    curve is drawn, in a script a progress bar; either prints a line per epoch; `show=False` does neither. A
    HybridBlock is hybridized.
    Raises ValueError for bad arguments, and FloatingPointError as soon as the loss is not finite.
    """
    _check(net, train_iter, test_iter, num_epochs, lr, lr_scheduler, plateau)
    device = device or try_gpu()
    if seed is not None:
        set_seed(seed)
    if isinstance(net, gluon.HybridBlock):
        net.hybridize(static_alloc=True, static_shape=True)
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    loss.hybridize(static_alloc=True, static_shape=True)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {
        "learning_rate": lr, "momentum": momentum, "wd": weight_decay, "lr_scheduler": lr_scheduler})
    history, waited, best = History(len(train_iter)), 0, 0.0

    def steps(epoch):
        for i, (X, y) in enumerate(train_iter):
            X, y = _on(device, X, y)
            with autograd.record():
                y_hat = net(X)
                if epoch == 0 and i == 0:
                    _check_labels(y, y_hat.shape[1])
                l = loss(y_hat, y)  # noqa: E741
            l.backward()
            trainer.step(len(y))
            yield np.stack([l.sum(), (y_hat.argmax(axis=1).astype(y.dtype) == y).sum().astype(l.dtype)]), len(y)

    with Progress(history, num_epochs, show) as progress:
        for epoch in range(num_epochs):
            start, sums = time.perf_counter(), numpy.zeros(3)
            for result, n in _read_late(steps(epoch)):
                if not math.isfinite(result[0]):
                    raise FloatingPointError(
                        f"the loss is {result[0] / n} at batch {len(history.batch_loss)} (before it: "
                        f"{', '.join(f'{loss:.3g}' for loss in history.batch_loss[-1:]) or 'none'}): lower lr "
                        f"(now {trainer.learning_rate:g}), or initialize with init.Xavier()")
                history.batch_loss.append(float(result[0]) / n)
                sums += [*result, n]
                progress.batch(sums[2] / (time.perf_counter() - start))
            seconds = time.perf_counter() - start
            history.loss.append(sums[0] / sums[2])
            history.train_acc.append(sums[1] / sums[2])
            history.seconds.append(seconds)
            history.images_per_s.append(sums[2] / seconds)
            history.lr.append(trainer.learning_rate)
            history.test_acc.append(evaluate_accuracy(net, test_iter, device))
            progress.epoch()
            waited = 0 if history.test_acc[-1] > best else waited + 1
            best = max(best, history.test_acc[-1])
            if plateau and waited >= plateau:
                trainer.set_learning_rate(trainer.learning_rate / 10)
                waited = 0
    return history
