"""The training loop of the course: stochastic gradient descent, a live curve, one line per epoch. See notebook 06."""
import copy
import math
import time
from itertools import islice

import numpy
from mxnet import autograd, gluon, init
from mxnet.lr_scheduler import CosineScheduler

from .checkpoint import Checkpoint
from .curves import Progress
from .device import try_gpu
from .evaluate import evaluate_accuracy, read_late, to_device
from .history import History
from .inputs import check_arguments, check_batches, check_labels, check_network
from .seeds import pass_by, seeded, set_seed
from .stop import StopButton

__all__ = ["fit", "train"]


class _Score(gluon.HybridBlock):
    """The loss of each example, and an array of two: the sum of the losses and the number of right answers.

    One hybridized block: as eight operations of their own they would cost small networks a twentieth of their time.
    """

    def __init__(self):
        super().__init__()
        self.loss = gluon.loss.SoftmaxCrossEntropyLoss()

    def hybrid_forward(self, F, y_hat, y):
        l = self.loss(y_hat, y)  # noqa: E741
        right = F.np.argmax(y_hat, axis=1).astype("float32") == y.astype("float32")
        sums = [F.np.sum(l.astype("float32")), F.np.sum(right.astype("float32"))]
        return l, F.np.stack(sums)


def _rate_at_plateaus(lr, test_acc, patience):
    """Return the learning rate after these epochs, a tenth after every `patience` of them without a better accuracy."""
    waited, best = 0, 0.0
    for accuracy in test_acc:
        waited = 0 if accuracy > best else waited + 1
        best = max(best, accuracy)
        if waited == patience:
            lr, waited = lr / 10, 0
    return lr


def _check_finite(loss, history, trainer):
    if not math.isfinite(loss):
        before = f"{history.batch_loss[-1]:.3g}" if history.batch_loss else "none"
        raise FloatingPointError(f"the loss is {loss} in batch {history.done + 1} of epoch {len(history.loss) + 1} "
                                 f"(before it: {before}): lower lr (now {trainer.learning_rate:g}), or initialize "
                                 "with init.Xavier()")


def train(net, train_iter, test_iter, num_epochs, lr, device=None, *, momentum=0.0, weight_decay=0.0,
          lr_scheduler=None, plateau=None, seed=None, show=True, checkpoint=None, checkpoint_every=None):
    """Train an initialized classifier by minibatch SGD on the softmax cross-entropy and return its `History`.

    The arguments are in the order of d2l's `train_ch6`. Iterators yield `(X, y)`, images of shape (batch, channels,
    height, width) and labels of shape (batch,), and have a length. `lr_scheduler` is one of `mx.lr_scheduler`, starts
    at `lr` and counts batches; `plateau=k` divides the learning rate by 10 after `k` epochs without a better test
    accuracy; all random numbers follow from `seed`, which is drawn if None. `device` defaults to `try_gpu()`. In a
    notebook a live curve is drawn, in a script a progress bar; either prints a line per epoch; `show=False` does
    neither. A HybridBlock is hybridized.

    `checkpoint` is the path of a file that keeps the run after every epoch and, if asked, `checkpoint_every` batches.
    If it exists, training goes on from there and gives what an uninterrupted run gives on this machine, to the bit; a
    higher `num_epochs` goes on after the end. The stop button (Ctrl-C) ends training after the batch or the
    evaluation at hand and returns the history so far; a second press ends it immediately, without another checkpoint.
    A file that cannot be written is reported, training goes on.

    Raises ValueError for bad arguments, data that do not fit the network, and a checkpoint that is damaged or of
    another run, and FloatingPointError as soon as the loss is not finite.
    """
    device = device or try_gpu()
    check_arguments(net, train_iter, test_iter, num_epochs, lr, device, momentum, weight_decay, lr_scheduler, plateau,
                    seed, checkpoint, checkpoint_every)
    check_network(net, device)
    settings = {"seed": seed, "plateau": plateau, "batches": len(train_iter)}
    seed = int(numpy.random.randint(2**31) if seed is None else seed)
    X, y, classes = check_batches(net, train_iter, test_iter, device, seed)
    score = _Score()
    for block in net, score:
        if isinstance(block, gluon.HybridBlock):
            block.hybridize(static_alloc=True, static_shape=True)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {  # a copy of the scheduler, which changes while it is used
        "learning_rate": lr, "momentum": momentum, "wd": weight_decay, "lr_scheduler": copy.deepcopy(lr_scheduler)})
    file, history = Checkpoint(checkpoint, net, trainer, X, y, **settings), History(len(train_iter))
    totals, seed = file.read(history, num_epochs) or (None, seed)  # of this epoch: loss, right, examples, seconds
    stop = StopButton()

    def steps(batches):
        for X, y in batches:
            X, y = to_device(device, X, y)
            with autograd.record():
                l, sums = score(net(X), y)  # noqa: E741
            l.backward()
            trainer.step(len(y))
            yield sums, y
            if stop.pressed:
                return

    if totals is not None:
        batches = seeded(train_iter, seed, len(history.loss))
        pass_by(batches, history.done % history.batches, net, device)  # of a whole epoch nothing is left to draw
        file.restore(len(history.batch_loss))
    try:
        with stop, Progress(history, num_epochs, show) as progress:
            for epoch in range(len(history.loss), num_epochs):
                stop.obey()
                if history.done == 0:
                    batches, totals = seeded(train_iter, seed, epoch), numpy.zeros(4)
                if plateau:
                    trainer.set_learning_rate(_rate_at_plateaus(lr, history.test_acc, plateau))
                while history.done < history.batches:
                    start, before = time.perf_counter(), history.done
                    part = islice(batches, min(checkpoint_every or history.batches, history.batches - before))
                    for (loss, right), y in read_late(steps(part)):
                        if epoch == 0:
                            check_labels(f"batch {history.done + 1} of train_iter", y.asnumpy(), classes)
                        _check_finite(loss / len(y), history, trainer)
                        history.batch_loss.append(float(loss) / len(y))
                        totals[:3] += loss, right, len(y)
                        progress.batch(totals[2] / (totals[3] + time.perf_counter() - start))
                    if history.done == before:
                        raise ValueError(f"train_iter has a length of {history.batches}, but yields {before} batches")
                    totals[3] += time.perf_counter() - start
                    file.write(history, totals, seed)
                    stop.obey()
                history.end_epoch(totals, evaluate_accuracy(net, test_iter, device), trainer.learning_rate)
                progress.epoch()
                file.write(history, totals, seed)
    except KeyboardInterrupt:
        print(f"interrupted in epoch {len(history.loss) + 1} after batch {history.done} of {history.batches}: "
              + ("the same call goes on from the checkpoint" if file.exists() else "train goes on from these weights"))
    return history


def fit(net, data, num_epochs, lr, device=None, *, seed=0, show=True, checkpoint=None):
    """Initialize `net` anew and `train` it by the course's recipe; return its `History`.

    The recipe: weights after He et al. (2015), which keep the size of a signal through layers with ReLU (notebook 08);
    momentum of 0.9; and a learning rate that rises to `lr` for 200 steps (at most a third of all), since a fast start
    can throw a fresh network off, then falls along a cosine to zero. `data` is the pair of iterators that
    `load_data_fashion_mnist` returns. All random numbers follow from `seed`. `show` and `checkpoint` are those of
    `train`, but a checkpoint cannot be trained for more epochs than it began with: `num_epochs` shapes the schedule.
    Raises what `train` raises; bad arguments before the network is touched. Notebook 06 shows it.
    """
    device = device or try_gpu()
    if not (isinstance(data, list | tuple) and len(data) == 2):
        raise ValueError(f"data must be a pair (train_iter, test_iter), got {type(data).__name__}: "
                         "load_data_fashion_mnist returns one")
    check_arguments(net, *data, num_epochs, lr, device, seed=seed, checkpoint=checkpoint)
    set_seed(numpy.random.randint(2**31) if seed is None else seed)
    net.initialize(init.MSRAPrelu("in", slope=0), ctx=device, force_reinit=True)
    steps = int(num_epochs) * len(data[0])
    schedule = CosineScheduler(steps, base_lr=lr, warmup_steps=min(200, steps // 3))
    return train(net, *data, num_epochs, lr, device, momentum=0.9, lr_scheduler=schedule, seed=seed, show=show,
                 checkpoint=checkpoint)
