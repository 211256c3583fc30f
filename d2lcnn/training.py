"""The training loop of the course: minibatch descent, a live curve, one line per epoch. See notebook 06."""
import copy
import math
import time
import warnings
from itertools import islice

import numpy
from mxnet import MXNetError, autograd, gluon, npx
from mxnet import init as initializers
from mxnet.lr_scheduler import LRScheduler

from . import workers
from .checkpoint import Checkpoint
from .data import Batches
from .device import reason, to_devices, try_gpu
from .evaluate import Score, evaluate
from .history import History
from .pipeline import read_in_bursts
from .progress import Progress
from .seeds import fast_forward, private_random_numbers, seeded, set_seed
from .stop import StopButton
from .validate import (
    check_arguments,
    check_data,
    check_gradients,
    check_labels,
    check_network,
    check_pair,
    first_batches,
)

__all__ = ["HE", "WarmupCosine", "fit", "train"]

HE = initializers.MSRAPrelu("in", slope=0)  # He et al. (2015): weights that keep the size of a signal through ReLUs


class WarmupCosine(LRScheduler):
    """A learning rate that rises linearly to `base_lr`, then falls along half a cosine to nearly 0 in the last step.

    `steps` is the number of batches of the whole run. The rise takes 200 of them, at most a third: a fast start can
    throw a fresh network off. No step has a rate of 0.
    """

    def __init__(self, steps, base_lr):
        super().__init__(base_lr)
        self.steps, self.warmup = int(steps), min(200, int(steps) // 3)

    def __call__(self, step):  # counted from 1
        if step <= self.warmup:
            return self.base_lr * step / (self.warmup + 1)
        share = min(1, (step - 1 - self.warmup) / (self.steps - self.warmup))
        return self.base_lr * (1 + math.cos(math.pi * share)) / 2


def train(net, train_iter, test_iter, num_epochs, lr, device=None, *, momentum=0.0, weight_decay=0.0,
          lr_scheduler=None, optimizer=None, loss=None, each_batch=None, seed=None, show=True, checkpoint=None,
          checkpoint_every=None):
    """Train an initialized classifier by minibatch gradient descent and return its `History`.

    The arguments are in the order of d2l's `train_ch6`. Iterators yield `(X, y)`, images of shape (batch, channels,
    height, width) and labels of shape (batch,), and have a length; `test_iter` may be None. `lr_scheduler` is one of
    `mx.lr_scheduler`, starts at `lr` and counts batches. `device` defaults to `try_gpu()`; a list of devices, on all
    of which the network is initialized, shares each batch. (For several processes see `workers`.) In a notebook a live
    curve is drawn, in a script a progress bar; either prints a line per epoch; `show=False` does neither. A HybridBlock
    is hybridized. All random numbers follow from `seed`, which is drawn from NumPy's generator if None; the caller's
    generators are left as if nothing had been drawn.

    `optimizer` is the name of one of `mx.optimizer`'s or such an object, whose rate is set to `lr`; by default SGD
    with `momentum`. `loss(outputs, labels)` gives one value per example, by default the softmax cross-entropy; labels
    of shape (batch, classes) are soft, shares of each class. `each_batch(history)` is called after every batch, for
    the last one of an epoch after its evaluation; if it returns True, training ends. The network then is as it was
    after that batch, because results are read at once, which makes small networks slower.

    `checkpoint` is the path of a file that keeps the run after every epoch and, if asked, `checkpoint_every` batches.
    If it exists, training resumes from there and gives what an uninterrupted run gives on this machine, bit for bit
    (on several devices but for running statistics, which MXNet moves there in no fixed order); a higher `num_epochs`
    continues after the end. The stop button (Ctrl-C) ends training after the batch or the
    evaluation at hand and returns the history so far; a second press, or another training in the same loop, ends the
    cell with KeyboardInterrupt. A file that cannot be written is reported, training continues.

    Raises ValueError for bad arguments, data that do not fit the network, and a checkpoint that is damaged or belongs
    to another run, and FloatingPointError, with the history as its attribute `history`, as soon as the loss is not
    finite, or at the end of an epoch a weight.
    """
    options = dict(momentum=momentum, weight_decay=weight_decay, lr_scheduler=lr_scheduler, optimizer=optimizer,
                   loss=loss, each_batch=each_batch, seed=seed, checkpoint=checkpoint,
                   checkpoint_every=checkpoint_every)
    device = try_gpu() if device is None else device
    check_arguments(net=net, train_iter=train_iter, test_iter=test_iter, num_epochs=num_epochs, lr=lr, device=device,
                    **options)
    options["seed"] = workers.agree(_drawn(seed))
    with private_random_numbers():
        return _train(net, train_iter, test_iter, num_epochs, lr, device, show=show, kept=[], **options,
                      named={"seed": seed})


def fit(net, data, num_epochs, lr, device=None, *, init=HE, weight_decay=0.0, optimizer=None, loss=None,
        each_batch=None, seed=0, show=True, checkpoint=None, checkpoint_every=None):
    """Initialize `net` and `train` it by the course's recipe; return its `History`.

    The recipe: weights after He et al. (2015) (notebook 14 tells why), a momentum of 0.9, and a learning rate that
    rises for the first batches, then falls to zero: it is `net.initialize(d2lcnn.HE)`, then `train(…, momentum=0.9,
    lr_scheduler=d2lcnn.WarmupCosine(steps, lr))`, with one seed. `init` is another initializer, or None to train on
    from the weights there are (transfer learning). Where trained weights are overwritten, a line says so. `data` is
    the pair of iterators that `load_data_fashion_mnist` returns. The other arguments are those of `train`, but a
    checkpoint cannot be trained for more epochs than it began with: `num_epochs` shapes the learning rate. Raises what
    `train` raises; if that is before the first batch, the network keeps its weights. See notebook 06.
    """
    device = try_gpu() if device is None else device
    if not (isinstance(data, list | tuple) and len(data) == 2):
        raise ValueError(f"data must be a pair (train_iter, test_iter), got {type(data).__name__}: "
                         "load_data_fashion_mnist returns one")
    if not (init is None or isinstance(init, initializers.Initializer)):
        raise ValueError(f"init must be one of mxnet.init's, such as init.Xavier(), or None, got {init!r}")
    options = dict(momentum=0.9 if optimizer is None else 0.0, weight_decay=weight_decay, lr_scheduler=None,
                   optimizer=optimizer, loss=loss, each_batch=each_batch, seed=seed, checkpoint=checkpoint,
                   checkpoint_every=checkpoint_every)
    check_arguments(net=net, train_iter=data[0], test_iter=data[1], num_epochs=num_epochs, lr=lr, device=device,
                    **options)
    other = next((p for p in net.collect_params().values() if numpy.dtype(p.dtype) != "float32"), None)
    if init is not None and other is not None:  # MXNet's initializers draw float32 only
        raise ValueError(f"fit initializes float32, {other.name} is {numpy.dtype(other.dtype)}: initialize the network "
                         "first, cast it then, and train it with init=None")
    steps = int(num_epochs) * len(workers.share(data[0]))
    options |= {"lr_scheduler": WarmupCosine(steps, lr), "seed": workers.agree(_drawn(seed))}
    kept = [(p, dict(vars(p))) for p in net.collect_params().values() if p._data is not None]
    with private_random_numbers():
        try:
            if init is not None:
                if _seems_trained(net) and not workers.RANK:
                    print("fit starts from new weights and overwrites those of the network: "
                          "init=None trains on from them")
                set_seed(options["seed"])
                net.initialize(init, ctx=device, force_reinit=True)
            return _train(net, *data, num_epochs, lr, device, show=show, kept=kept, **options,
                          named={"seed": seed, "num_epochs": num_epochs, "init": init})
        finally:
            for parameter, state in kept:  # none once training has begun
                vars(parameter).update(state)


def _drawn(seed):
    return int(numpy.random.randint(2**31) if seed is None else seed)


def _seems_trained(net):
    """Whether the network holds weights that someone trained or loaded: fresh ones come with biases of 0."""
    parameters = net.collect_params()
    biases = [p for name, p in parameters.items() if name.endswith(("bias", "beta", "running_mean"))]
    if any(p._data is None for p in parameters.values()):
        return False
    return bool(parameters) and (not biases or any(p.data(p.list_ctx()[0]).any() for p in biases))


def _train(net, train_iter, test_iter, num_epochs, lr, device, *, momentum, weight_decay, lr_scheduler, optimizer,
           loss, each_batch, seed, show, checkpoint, checkpoint_every, kept, named):
    """`train` with arguments that were checked, and a seed. `named` are settings of the run for its checkpoint.

    The list `kept` is emptied when everything else has been checked and training begins.
    """
    devices = list(device) if isinstance(device, list | tuple) else [device]
    device = devices[0]
    check_network(net, devices)
    first = first_batches(train_iter, test_iter)
    data, train_iter = (train_iter, test_iter), workers.share(train_iter)
    set_seed(seed)
    classes = check_data(first, net, device)
    soft = first["train_iter"][1].ndim == 2
    score = Score(loss or gluon.loss.SoftmaxCrossEntropyLoss(sparse_label=not soft), soft)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Parameter .* is not used")  # said better by check_gradients
        for block in net, score if isinstance(score.loss, gluon.HybridBlock) else None:
            if isinstance(block, gluon.HybridBlock):
                block.hybridize(static_alloc=True, static_shape=True)
        check_gradients(first, net, device, score)
    workers.same_weights(net)
    trainer = _trainer(net, optimizer, lr, momentum, weight_decay, lr_scheduler)
    history, stop = History(len(train_iter)), StopButton()
    named |= {"batches": history.batches} | {name: number for name, number in (
        ("devices", len(devices)), ("workers", workers.SIZE)) if number > 1}
    ckpt = Checkpoint(checkpoint, net, trainer, score, classes, data, first, named)
    resumed = ckpt.read(history, num_epochs)
    _check_same_moment(history)
    seed = seed if resumed is None else resumed
    own_seed = (seed + workers.RANK) % 2**31  # each worker draws its own order, augmentation and dropout
    if resumed is not None:
        batches = seeded(train_iter, own_seed, len(history.loss))
        fast_forward(batches, history.done % history.batches, net, devices)  # nothing is left to draw of a whole epoch
        ckpt.restore(len(history.batch_loss))
    kept.clear()
    if history.stopped and each_batch:
        return history
    history.stopped = False

    def steps(batches):
        for i, batch in enumerate(batches, history.done + 1):
            X, y = check_pair(f"train_iter (batch {i})", batch)
            parts = to_devices(devices, X, y)
            try:
                with autograd.record():
                    losses, sums = zip(*[score(net(X), y) for X, y in parts], strict=True)
            except MXNetError as error:
                raise ValueError(f"batch {i} of train_iter, images of shape {X.shape} and labels of shape {y.shape}, "
                                 f"cannot be computed ({reason(error)})") from error
            autograd.backward(losses)
            counted = sum(len(y) for _, y in parts)  # more than len(y) if every device has the whole small batch
            trainer.step(counted)
            sums = sum((part.as_in_ctx(device) for part in sums[1:]), sums[0]) * (len(y) / counted)
            yield workers.total(sums), y
            if stop.pressed:
                return

    with stop, Progress(history, num_epochs, show and not workers.RANK) as progress:
        for epoch in range(len(history.loss), num_epochs):
            if history.done == 0:
                batches = seeded(train_iter, own_seed, epoch)
            clock = time.perf_counter()
            while history.done < history.batches and not (stop.pressed or history.stopped):
                before = history.done
                part = islice(batches, min(checkpoint_every or history.batches, history.batches - before))
                for (loss_sum, right), y in read_in_bursts(steps(part), at_once=bool(each_batch)):
                    if epoch == 0 or not isinstance(train_iter, Batches):  # whose labels do not change
                        check_labels(f"batch {history.done + 1} of train_iter", y.asnumpy(), classes)
                    images = len(y) * workers.SIZE
                    _check_finite(loss_sum / images, f"in batch {history.done + 1}", history, lr)
                    now = time.perf_counter()
                    history.add_batch(loss_sum, right, images, now - clock)
                    clock = now
                    progress.batch()
                    if each_batch and history.done < history.batches:
                        history.stopped = _asked(each_batch, history)
                        clock = time.perf_counter()
                    if history.stopped:
                        break
                _check_length(history, before, batches)
                _check_weights(net, device, history, lr)
                ckpt.write(history, seed)
                clock = time.perf_counter()
            if history.done == history.batches:
                _same_statistics(net, device)
                test = workers.agree(evaluate(net, test_iter, device, score) if test_iter is not None else None)
                if test:
                    _check_finite(test[0], "on test_iter at the end", history, lr)
                history.end_epoch(trainer.learning_rate, test)
                progress.epoch()
                history.stopped = bool(each_batch) and _asked(each_batch, history)
                ckpt.write(history, seed)
            if stop.pressed or history.stopped:
                break
    workers.wait()
    if stop.pressed and len(history.loss) < num_epochs:
        print(f"interrupted in epoch {len(history.loss) + 1} after batch {history.done} of {history.batches}: "
              + ("the same call resumes from the checkpoint" if ckpt.exists() else "train continues from these weights")
              + "; a second press ends the cell")
    return history


def _trainer(net, optimizer, lr, momentum, weight_decay, lr_scheduler):
    schedule = copy.deepcopy(lr_scheduler)  # it changes while it is used
    settings = {"learning_rate": schedule.base_lr if schedule else lr, "wd": weight_decay, "lr_scheduler": schedule}
    if optimizer is None:
        optimizer, settings = "sgd", settings | {"momentum": momentum}
    elif not isinstance(optimizer, str):
        optimizer, settings = copy.deepcopy(optimizer), None
        optimizer.lr, optimizer.wd, optimizer.lr_scheduler = lr, weight_decay or optimizer.wd, schedule
    if workers.SIZE > 1:
        return workers.start().DistributedTrainer(net.collect_params(), optimizer, settings)
    return gluon.Trainer(net.collect_params(), optimizer, settings, update_on_kvstore=False)


def _same_statistics(net, device):
    """Give all devices and workers the running statistics of the first one: each has only seen its part."""
    npx.waitall()  # MXNet does not know that a backward pass on another device moves them
    for parameter in net.collect_params().values():
        if parameter.grad_req == "null" and len(parameter.list_ctx()) > 1:
            parameter.set_data(parameter.data(device))
    workers.same_weights(net)


def _check_same_moment(history):
    """Raise ValueError if worker 0 has resumed from another moment: the steps would not belong together."""
    own, first = len(history.batch_loss), workers.agree(len(history.batch_loss))
    if own != first:
        raise ValueError(f"worker {workers.RANK} found a checkpoint of {own} batches, worker 0 one of {first}: all "
                         "must see the same file, in a folder that their machines share")


def _check_length(history, before, batches):
    if history.done == before:
        raise ValueError(f"train_iter has a length of {history.batches}, but yields {before} batches")
    if history.done == history.batches and next(batches, None) is not None:
        raise ValueError(f"train_iter has a length of {history.batches}, but yields more batches")


def _asked(each_batch, history):
    """Whether the hook ends training. Many functions return something, but do not mean that."""
    answer = each_batch(history)
    if not (answer is None or isinstance(answer, bool | numpy.bool_)):
        raise ValueError(f"each_batch must return True (which ends training), False or None, got {answer!r}: "
                         "a def without return gives None")
    return workers.agree(bool(answer))


def _check_finite(loss, where, history, lr):
    if not math.isfinite(loss):
        before = f"{history.batch_loss[-1]:.3g}" if history.batch_loss else "none"
        raise _diverged(f"the loss is {loss} {where} of epoch {len(history.loss) + 1} (before it: {before}): "
                        f"take a lower lr than {lr:g}", history)


def _check_weights(net, device, history, lr):
    """Raise FloatingPointError if a weight is not finite: a ReLU makes 0 of nan, and the loss stays finite."""
    npx.waitall()  # a pass under way may change their layout in memory
    for name, parameter in net.collect_params().items():
        if not numpy.isfinite(parameter.data(device).asnumpy()).all():
            raise _diverged(f"{name} is not finite after batch {history.done} of epoch {len(history.loss) + 1}: "
                            f"are all images finite? If so, take a lower lr than {lr:g}", history)


def _diverged(message, history):
    error = FloatingPointError(message)
    error.history = history
    return error
