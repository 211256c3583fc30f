"""What `train` refuses before it spends any time, each with the value found and the remedy. See notebook 06."""
import math
import os
from numbers import Integral, Real
from pathlib import Path

import mxnet as mx
import numpy
from mxnet import gluon, np

from .seeds import set_seed

__all__ = ["check_arguments", "check_batches", "check_labels", "check_network"]


def check_arguments(net, train_iter, test_iter, num_epochs, lr, device, momentum=0.0, weight_decay=0.0,
                    lr_scheduler=None, plateau=None, seed=None, checkpoint=None, checkpoint_every=None):
    """Raise ValueError for what is wrong with the arguments of `train`; network and data are not touched."""
    if not isinstance(net, gluon.Block):
        raise ValueError(f"net must be a gluon network, got {type(net).__name__}: lenet() makes one, lenet does not")
    if not _counts(num_epochs):
        raise ValueError(f"num_epochs must be a whole number of at least 1, got {num_epochs!r}")
    if not (isinstance(lr, Real) and 0 < lr < math.inf):
        raise ValueError(f"lr must be a finite number above 0, got {lr!r}: 0.1 is a common start")
    if not isinstance(device, mx.Context):
        raise ValueError(f"device must be one context, such as npx.cpu(), got {device!r}: training uses one device")
    if not (isinstance(momentum, Real) and 0 <= momentum < 1):
        raise ValueError(f"momentum must be at least 0 and below 1, got {momentum!r}: 0.9 is common")
    if not (isinstance(weight_decay, Real) and 0 <= weight_decay < math.inf):
        raise ValueError(f"weight_decay must be a finite number of at least 0, got {weight_decay!r}: 0.0005 is common")
    if not (seed is None or isinstance(seed, Integral) and 0 <= seed < 2**31):
        raise ValueError(f"seed must be None or a whole number in 0..{2**31 - 1}, got {seed!r}")
    if lr_scheduler is not None and not isinstance(lr_scheduler, mx.lr_scheduler.LRScheduler):
        raise ValueError(f"lr_scheduler must be one of mx.lr_scheduler's, got {lr_scheduler!r}")
    if lr_scheduler is not None and not math.isclose(lr_scheduler.base_lr, lr):
        raise ValueError(f"the scheduler starts at base_lr={lr_scheduler.base_lr}, lr is {lr}: "
                         "give both the same value")
    if plateau is not None and not (_counts(plateau) and lr_scheduler is None):
        raise ValueError(f"plateau must be a number of epochs of at least 1, without lr_scheduler, got {plateau!r}")
    if checkpoint is not None:
        if not isinstance(checkpoint, (str, os.PathLike)) or Path(checkpoint).exists() != Path(checkpoint).is_file():
            raise ValueError(f"checkpoint must be the path of a file, such as 'lenet.npz', got {checkpoint!r}")
        if not Path(checkpoint).parent.is_dir():
            raise ValueError(f"there is no folder {str(Path(checkpoint).parent)!r} for the checkpoint: make it first")
    if checkpoint_every is not None and not (_counts(checkpoint_every) and checkpoint is not None):
        raise ValueError("checkpoint_every must be a number of batches of at least 1, with checkpoint=path, "
                         f"got {checkpoint_every!r}")
    for name, batches in (("train_iter", train_iter), ("test_iter", test_iter)):
        if not (hasattr(batches, "__iter__") and hasattr(batches, "__len__")):
            raise ValueError(f"{name} must yield batches (X, y) and have a length, got {type(batches).__name__}: "
                             "take load_data_mnist, Batches or gluon's DataLoader")
        if len(batches) == 0:
            raise ValueError(f"{name} is empty: is the batch size larger than the data with last_batch='discard'?")


def check_network(net, device):
    """Raise ValueError if the network has no parameters, or they are not initialized on `device`."""
    parameters = list(net.collect_params().values())
    if not parameters:
        raise ValueError("the network has no parameters: there is nothing to train")
    for parameter in parameters:
        try:
            found = parameter.list_ctx()
        except RuntimeError as error:
            raise ValueError(f"the network is not initialized ({parameter.name}): "
                             "call net.initialize(init.Xavier(), ctx=device) first") from error
        if found != [device]:
            raise ValueError(f"the network is on {', '.join(map(str, found))}, training was asked for on {device}: "
                             "call net.collect_params().reset_ctx(device), or pass the network's device")


def _counts(value):
    return isinstance(value, Integral) and value >= 1


def check_batches(net, train_iter, test_iter, device, seed):
    """Return `X, y` of the first batch and the number of classes; raise ValueError if the data do not fit the network.

    Whether the images fit the network is tried with one of them, so afterwards every parameter has its shape. All
    generators are seeded with `seed`, whatever is drawn for these batches.
    """
    set_seed(0)  # one order for all runs: a checkpoint knows its data by the labels in the first batch
    first = {name: _first(name, batches) for name, batches in (("train_iter", train_iter), ("test_iter", test_iter))}
    set_seed(seed)
    dtype = numpy.dtype(next(iter(net.collect_params().values())).dtype)
    for name, (X, y) in first.items():
        if X.dtype != dtype:
            raise ValueError(f"{name} yields images of {X.dtype}, the network computes in {dtype}: convert them, "
                             f"as in X.astype('{dtype}') / 255")
        if X.ndim == 0 or y.shape != X.shape[:1]:
            raise ValueError(f"{name} must yield a label for each image, got images of shape {X.shape} "
                             f"and labels of shape {y.shape}")
        try:
            y_hat = net(X[:1].as_in_ctx(device))
            y_hat.wait_to_read()
        except (mx.MXNetError, ValueError) as error:
            reason = str(error).strip().splitlines()[-1].split("Check failed: ")[-1]
            raise ValueError(f"{name} yields images of shape {X.shape}, which do not fit the network ({reason}): "
                             "it takes (batch, channels, height, width) of its own size") from error
        if y_hat.ndim != 2:
            raise ValueError(f"the network makes {y_hat.shape[1:]} of an image, not one number per class: "
                             "let it end in nn.Dense(classes), or in nn.Flatten()")
        check_labels(f"the first batch of {name}", y.asnumpy(), y_hat.shape[1])
    return *first["train_iter"], y_hat.shape[1]


def _first(name, batches):
    batch = next(iter(batches), None)
    if batch is None:
        raise ValueError(f"{name} is empty: its length is {len(batches)}, but it yields nothing")
    if not (isinstance(batch, (tuple, list)) and [isinstance(part, np.ndarray) for part in batch] == [True, True]):
        parts = batch if isinstance(batch, (tuple, list)) else [batch]
        found = ", ".join(type(part).__name__ for part in parts)
        raise ValueError(f"{name} must yield pairs (X, y) of mxnet.np arrays, got {found}")
    return batch


def check_labels(where, y, classes):
    """Raise ValueError if one of the labels `y`, of shape (batch,), names no class: the loss would take it silently."""
    wrong = numpy.flatnonzero(~numpy.isin(y, numpy.arange(classes)))
    if len(wrong):
        index = wrong[0]
        raise ValueError(f"labels must lie in 0..{classes - 1}, got {y[index]} at index {index} of {where}: "
                         "was the right file loaded, has the network an output per class?")
