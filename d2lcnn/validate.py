"""Checks of `train`'s input, before any time is spent; each error names the value and the remedy. See notebook 06."""
import math
import os
from numbers import Integral, Real
from pathlib import Path

import mxnet as mx
import numpy
from mxnet import autograd, gluon, np

from . import workers
from .device import reason, to_device
from .seeds import set_seed

__all__ = ["check_arguments", "check_data", "check_finite", "check_gradients", "check_is_network", "check_labels",
           "check_network", "check_pair", "class_scores", "first_batches", "is_count", "is_listed"]


def is_count(value, least=1):
    """Whether `value` is a whole number, Python's or NumPy's, of at least `least`."""
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= least


def is_listed(values):
    """Whether `values` is a list, or another collection with a length whose order means something, and no text."""
    return hasattr(values, "__len__") and not isinstance(values, str | set | frozenset | dict)


def check_is_network(net):
    """Raise ValueError if `net` is not a Gluon block."""
    if not isinstance(net, gluon.Block):
        name = getattr(net, "__name__", type(net).__name__)
        hint = f": {name}() makes one, {name} does not" if callable(net) else ""
        raise ValueError(f"net must be a Gluon network, got {type(net).__name__}{hint}")


def check_arguments(*, net, train_iter, test_iter, num_epochs, lr, device, momentum, weight_decay, lr_scheduler,
                    optimizer, loss, each_batch, seed, checkpoint, checkpoint_every):
    """Raise ValueError for what is wrong with the arguments of `train`; network and data are not touched."""
    check_is_network(net)
    parameters = net.collect_params().values()
    if not parameters:
        raise ValueError("the network has no parameters: there is nothing to train")
    if all(parameter.grad_req == "null" for parameter in parameters):
        raise ValueError("all parameters of the network are frozen: there is nothing to train. "
                         "net.collect_params().setattr('grad_req', 'write') frees them")
    if not is_count(num_epochs):
        raise ValueError(f"num_epochs must be a whole number of at least 1, got {num_epochs!r}")
    if not (isinstance(lr, Real) and 0 < lr < math.inf):
        raise ValueError(f"lr must be a finite number above 0, got {lr!r}: 0.1 is a common start")
    devices = device if isinstance(device, list | tuple) else [device]
    if not all(isinstance(each, mx.Context) for each in devices) or not 1 <= len(set(devices)) == len(devices):
        raise ValueError(f"device must be a context, such as npx.cpu(), or a list of different ones, got {device!r}")
    if len(devices) > 1 and workers.SIZE > 1:
        raise ValueError(f"device must be one context in each of {workers.SIZE} workers, got {device!r}")
    if not (isinstance(momentum, Real) and 0 <= momentum < 1):
        raise ValueError(f"momentum must be at least 0 and below 1, got {momentum!r}: 0.9 is common")
    if not (isinstance(weight_decay, Real) and 0 <= weight_decay < math.inf):
        raise ValueError(f"weight_decay must be a finite number of at least 0, got {weight_decay!r}: 0.0005 is common")
    if not (seed is None or is_count(seed, 0) and seed < 2**31):
        raise ValueError(f"seed must be None or a whole number in 0..{2**31 - 1}, got {seed!r}")
    _check_optimizer(optimizer, momentum)
    if lr_scheduler is not None and not isinstance(lr_scheduler, mx.lr_scheduler.LRScheduler):
        raise ValueError(f"lr_scheduler must be one of mx.lr_scheduler's, got {lr_scheduler!r}")
    if lr_scheduler is not None and not math.isclose(lr_scheduler.base_lr, lr, rel_tol=1e-6):
        raise ValueError(f"the scheduler starts at base_lr={lr_scheduler.base_lr}, lr is {lr}: "
                         "give both the same value")
    if not (loss is None or callable(loss)) or isinstance(loss, type):
        raise ValueError(f"loss must be called as loss(outputs, labels), got {loss!r}: take one of gluon.loss or a "
                         "function")
    if not (each_batch is None or callable(each_batch)):
        raise ValueError(f"each_batch must be a function of the history, got {each_batch!r}")
    _check_checkpoint(checkpoint, checkpoint_every)
    for name, batches in (("train_iter", train_iter), ("test_iter", test_iter)):
        if batches is None and name == "test_iter":
            continue
        if not (hasattr(batches, "__iter__") and hasattr(batches, "__len__")):
            raise ValueError(f"{name} must yield batches (X, y) and have a length, got {type(batches).__name__}: "
                             "take load_data_mnist, Batches or gluon's DataLoader")
        if len(batches) == 0:
            raise ValueError(f"{name} is empty: is the batch size larger than the data with last_batch='discard'?")


def _check_optimizer(optimizer, momentum):
    names = sorted(mx.optimizer.Optimizer.opt_registry)
    known = isinstance(optimizer, str) and optimizer.lower() in names or isinstance(optimizer, mx.optimizer.Optimizer)
    if not (optimizer is None or known):
        raise ValueError(f"optimizer must be one of mx.optimizer's or its name, got {optimizer!r}: "
                         f"names are {', '.join(names)}")
    if getattr(optimizer, "lr_scheduler", None) is not None:
        raise ValueError("the optimizer has a schedule of its own: give it to train as lr_scheduler=")
    if optimizer is not None and momentum:
        raise ValueError(f"momentum={momentum} belongs to the default optimizer: give it to your own, "
                         f"as in mx.optimizer.NAG(momentum={momentum})")


def _check_checkpoint(path, every):
    if path is not None:
        taken = isinstance(path, str | os.PathLike) and Path(path).exists() and not Path(path).is_file()
        if not isinstance(path, str | os.PathLike) or taken:
            raise ValueError(f"checkpoint must be the path of a file, such as 'lenet.checkpoint', got {path!r}")
        if not Path(path).parent.is_dir():
            raise ValueError(f"there is no folder {str(Path(path).parent)!r} for the checkpoint: make it first")
    if every is not None and not (is_count(every) and path is not None):
        raise ValueError("checkpoint_every must be a number of batches of at least 1, with checkpoint=path, "
                         f"got {every!r}")


def check_network(net, devices):
    """Raise ValueError if the network is not initialized on the `devices`."""
    for parameter in net.collect_params().values():
        try:
            found = parameter.list_ctx()
        except RuntimeError as error:
            raise ValueError(f"the network is not initialized ({parameter.name}): call fit, which initializes it, "
                             "or net.initialize(init.Xavier(), ctx=device) first") from error
        if found != devices:
            raise ValueError(f"the network is on {', '.join(map(str, found))}, training was asked for on "
                             f"{', '.join(map(str, devices))}: call net.collect_params().reset_ctx(device), or pass "
                             "the network's device")


def class_scores(net, X):
    """Return `net(X)`, of shape (batch, classes); raise ValueError if the network makes something else of images."""
    try:
        y_hat = net(X)
    except (mx.MXNetError, AssertionError, ValueError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "not been initialized" in str(error):
            raise ValueError(f"the network is not initialized ({reason(error)}): train it, or load its weights with "
                             "net.load_parameters") from error
        raise ValueError(f"images of shape {X.shape} do not fit the network ({reason(error)}): "
                         "it takes (batch, channels, height, width) of its own size") from error
    if not isinstance(y_hat, np.ndarray):
        raise ValueError(f"the network has {len(y_hat)} outputs, one output is needed: wrap it in a block that "
                         "returns the scores of the classes alone")
    if y_hat.ndim != 2:
        raise ValueError(f"the network makes {y_hat.shape[1:]} of an image, not one number per class: "
                         "let it end in nn.Dense(classes), or in nn.Flatten()")
    return y_hat


def check_labels(where, y, classes):
    """Raise ValueError if one of the labels `y` names no class: the loss would take it silently.

    Labels are of shape (batch,), or soft: (batch, classes), shares that add up to 1.
    """
    if y.ndim == 2:
        right = numpy.isfinite(y).all(axis=1) & (y >= 0).all(axis=1) & (abs(y.sum(axis=1) - 1) < 1e-3)
        if y.shape[1] != classes or not right.all():
            found = f"of shape {y.shape}" if y.shape[1] != classes else f"{y[~right][0].tolist()}"
            raise ValueError(f"soft labels must be {classes} shares per image that add up to 1, got {found} in {where}")
        return
    wrong = numpy.flatnonzero(~numpy.isin(y, numpy.arange(classes)))
    if len(wrong):
        index = wrong[0]
        raise ValueError(f"labels must lie in 0..{classes - 1}, got {y[index]} at index {index} of {where}: "
                         "was the right file loaded, has the network an output per class?")


def check_finite(where, X):
    """Raise ValueError if not all pixels are finite: a ReLU would make 0 of nan, and the answers look sound."""
    if not numpy.isfinite(X.asnumpy()).all():
        raise ValueError(f"there are nan or infinite pixels in {where}: was something divided by 0?")


def first_batches(train_iter, test_iter):
    """Return the first batches of the iterators by name, without a `test_iter` of None.

    Every run sees the same ones, whatever its seed, so a checkpoint can recognize its data by them.
    """
    first = {}
    for name, batches in (("train_iter", train_iter), ("test_iter", test_iter)):
        if batches is not None:
            set_seed(0)
            first[name] = _first(name, batches)
    return first


def check_data(first, net, device):
    """Return the number of classes; raise ValueError if the `first` batches do not fit the network.

    Afterwards every parameter has its shape.
    """
    dtype = numpy.dtype(next(iter(net.collect_params().values())).dtype)
    for name, (X, y) in first.items():
        if X.dtype != dtype:
            raise ValueError(f"{name} yields images of {X.dtype}, the network computes in {dtype}: convert them, "
                             f"as in X.astype('{dtype}') / 255")
        if y.ndim > 2 or (y.ndim == 2 and y.dtype.kind != "f"):
            raise ValueError(f"{name} must yield a label for each image, got images of shape {X.shape} "
                             f"and labels of shape {y.shape}")
        if y.dtype.kind == "b":
            raise ValueError(f"{name} yields labels of bool: convert them, as in y.astype('int32')")
        check_finite(f"the first batch of {name}", X)
        if y.ndim > first["train_iter"][1].ndim:
            raise ValueError(f"{name} yields soft labels of shape {y.shape}, train_iter hard ones: "
                             "make both soft, or those of training alone")
        try:
            y_hat = class_scores(net, X[:1].as_in_ctx(device))
            y_hat.wait_to_read()
        except mx.MXNetError as error:
            raise ValueError(f"{name} yields images of shape {X.shape}, which do not fit the network "
                             f"({reason(error)})") from error
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        check_labels(f"the first batch of {name}", y.asnumpy(), y_hat.shape[1])
    return y_hat.shape[1]


def check_gradients(first, net, device, score):
    """Raise ValueError if the loss is not one number per example, or if it does not depend on some parameter.

    Two images go forward and backward; running statistics, which this moves, are put back.
    """
    X, y = to_device(device, *(part[:2] for part in first["train_iter"]))
    parameters = net.collect_params().values()
    kept = [(p, p.data(device).copy()) for p in parameters if p.grad_req == "null" and p._data is not None]
    with autograd.record():
        y_hat = net(X)
        try:
            losses, _ = score(y_hat, y)
        except (mx.MXNetError, ValueError, TypeError, AttributeError) as error:
            raise ValueError(f"the loss fails on outputs of shape {y_hat.shape} and labels of shape {y.shape}: "
                             f"{type(error).__name__}: {reason(error)}") from error
    if losses.shape != (len(y),):
        raise ValueError(f"the loss makes {losses.shape} of {len(y)} examples, not one number per example: "
                         "do not average")
    losses.backward()
    for parameter, before in kept:
        parameter.set_data(before)
    loose = [p.name for p in parameters if p.grad_req != "null" and (p._data is None or not p.data(device)._fresh_grad)]
    if loose:
        raise ValueError(f"the output does not depend on {', '.join(loose)}: use it in the network's computation, "
                         "take it out, or freeze it with grad_req = 'null'")


def _first(name, batches):
    try:
        batch = next(iter(batches), None)
        for part in batch if isinstance(batch, tuple | list) else ():
            if isinstance(part, np.ndarray):
                part.wait_to_read()  # MXNet computes later and only then finds what is wrong
    except mx.MXNetError as error:
        if "total elements" in str(error) or "shape" in str(error):
            raise ValueError(f"{name}: the images of a batch differ in size ({reason(error)}): "
                             "resize them to one size first") from error
        raise
    if batch is None:
        raise ValueError(f"{name} is empty: its length is {len(batches)}, but it yields nothing")
    return check_pair(name, batch)


def check_pair(name, batch, labeled=True):
    """Return the batch, as `name` yields it, if it is a pair (X, y) of equally many; else raise ValueError."""
    parts = batch if isinstance(batch, tuple | list) else [batch]
    if len(parts) != 2 or not all(isinstance(part, np.ndarray) for part in (parts if labeled else parts[:1])):
        found = ", ".join(type(part).__name__ for part in parts)
        found += "" if labeled else ": np.stack(images) makes one array of a list of images"
        raise ValueError(f"{name} must yield pairs (X, y) of mxnet.np arrays, got {found}")
    X, y = parts
    if labeled and not (X.shape and X.size and X.shape[:1] == y.shape[:1]):
        raise ValueError(f"{name} must yield images and a label for each image, got images of shape {X.shape} "
                         f"and labels of shape {y.shape}")
    return parts
