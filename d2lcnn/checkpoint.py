"""Resuming a training run: what is saved, and how a file is matched to its run.

The file is a zip of .npy files, as numpy.savez makes it and numpy.load reads it, without pickle or compression. It is
written whole or not at all, and read with bounds on every size.
"""
import functools
import glob
import json
import math
import os
import sys
import zipfile
import zlib
from contextlib import suppress
from io import BytesIO
from itertools import zip_longest
from pathlib import Path

import mxnet as mx
import numpy
from mxnet import gluon, np
from numpy.lib import format as npy

from . import workers
from .validate import check_is_network

__all__ = ["Checkpoint", "load_weights"]

FORMAT = 3  # raised with every change of what is kept, so that other formats are refused
TEXT = "run.json"
LARGEST = 2**27  # bytes of text, enough for the history of five million batches
OPTIMIZERS = ("SGD", "Adam")  # whose state can be kept


class Checkpoint:
    """The file in which `train(checkpoint=path)` keeps a run, or nothing at all if `path` is None.

    The arrays `net/…` are parameters and running statistics, `sgd/…` (momentum) or `adam/0/…`, `adam/1/…` what the
    optimizer remembers of each. The text is JSON: the history, the seed, and the settings by which the run is
    recognized. `data` are the training and test iterators, `first` the first batch of each, used as a fingerprint.
    Raises ValueError for an optimizer whose state it cannot keep.
    """

    def __init__(self, path, net, trainer, score, classes, data, first, named):
        self.path, self.net, self.trainer, self.values = path and Path(path).resolve(), net, trainer, {}
        optimizer = trainer.optimizer
        if not self.path:
            return
        self.kind = type(optimizer).__name__
        if self.kind not in OPTIMIZERS:
            raise ValueError(f"a checkpoint keeps the state of SGD and Adam, not of {self.kind}: "
                             "train with one of those, or without checkpoint=")
        names = {"lr": "lr", "momentum": "momentum", "wd": "weight_decay", "beta1": "beta1", "beta2": "beta2",
                 "epsilon": "epsilon", "clip_gradient": "clip_gradient"}
        settings = {"batches": len(data[0])} | named
        settings |= {names[key]: value for key, value in vars(optimizer).items() if key in names}
        settings |= {
            "optimizer": self.kind, "loss": _describe_loss(score, classes, first["train_iter"][1]),
            "rescale_grad": trainer._scale, "lr_scheduler": optimizer.lr_scheduler, "network": repr(net)}
        own = {name: p for name, p in net._collect_params_with_prefix().items() if p._differentiable}
        settings |= {"frozen": [name for name, p in own.items() if p.grad_req == "null"],
                     "lr_mult": {name: p.lr_mult for name, p in own.items() if p.lr_mult != 1},
                     "wd_mult": {name: p.wd_mult for name, p in own.items() if p.wd_mult != 1}}
        for batches, name in zip(data, ("training", "test"), strict=True):
            known = hasattr(batches, "crc32")  # Batches tell of their whole set
            X, y = first.get(f"{name.removesuffix('ing')}_iter", (None, None))
            if batches is None:
                settings |= {f"{name} data": None}
                continue
            settings |= {
                f"{name} data": repr(batches) if known else type(batches).__name__,
                f"shape of a {name} batch": X.shape, f"CRC-32 of the {name} labels": zlib.crc32(y.asnumpy()),
                f"CRC-32 of the {name} images": zlib.crc32(X.asnumpy(), batches.crc32() if known else 0)}
        self.settings = json.loads(json.dumps(settings, default=_plain, skipkeys=True), parse_constant=str)

    def exists(self):
        """Whether there is a file to resume from."""
        return bool(self.path and self.path.exists())

    def _arrays(self, i=0):
        """Name -> array on device `i`. `Trainer.save_states` would pickle the momentum: it is taken from inside."""
        updater, optimizer, arrays = self.trainer._updaters[i], self.trainer.optimizer, {}
        for name, parameter in self.net._collect_params_with_prefix().items():  # names as in net.save_parameters
            arrays[f"net/{name}"] = weight = parameter.list_data()[i].as_nd_ndarray()
            if parameter.grad_req != "null":
                index = self.trainer._param2idx[parameter.name]
                if index not in updater.states:
                    updater.states[index] = optimizer.create_state_multi_precision(index, weight)
                    updater.states_synced[index] = True
                state = updater.states[index]  # None, an array, or a tuple of them
                if isinstance(state, tuple):
                    arrays |= {f"{self.kind.lower()}/{i}/{name}": part for i, part in enumerate(state)}
                elif state is not None:
                    arrays[f"{self.kind.lower()}/{name}"] = state
        return arrays

    def read(self, history, num_epochs):
        """Fill the fresh `history` from the file and return the seed of the run, or None without a file.

        Raises ValueError, and leaves the file as it is, if that is damaged, foreign, or belongs to another run.
        """
        if self.path:
            _remove_unfinished(self.path)
        if not self.exists():
            return None
        try:
            arrays = self._arrays()
            if self.path.stat().st_size > 2 * LARGEST + sum(map(_size, arrays.values())):
                raise ValueError("it is too large for this network")
            with zipfile.ZipFile(self.path) as file:
                run = json.loads(_read(file, TEXT, LARGEST))
                found = _history(run, vars(history).keys())
                differences = self._differences(run["settings"])
                if len(found["batch_loss"]) > num_epochs * history.batches:
                    differences.append(f"beyond epoch {num_epochs} there, num_epochs={num_epochs} here")
                if not differences:
                    self.values = {name: _read_array(file, name, array.shape, array.dtype)
                                   for name, array in arrays.items()}
        except Exception as error:  # zipfile, json and numpy raise a dozen kinds
            raise ValueError(f"checkpoint {self.path} is damaged, or not one of d2lcnn.train ({type(error).__name__}: "
                             f"{error}): take another path, or delete it to start anew") from error
        if differences:
            raise ValueError(f"checkpoint {self.path} belongs to another run ({'; '.join(differences)}): "
                             "take the settings of that run to resume it, or another path to start anew")
        vars(history).update(found)
        return run["seed"]

    def _differences(self, found):
        """Say which settings of the run in the file are not ours."""
        said = []
        for name in self.settings | found:
            theirs, ours = found.get(name), self.settings.get(name)
            if theirs == ours:
                continue
            if name == "num_epochs":
                if theirs and ours:  # both by `fit`, whose learning rate falls over all epochs
                    return [f"num_epochs {theirs} there, {ours} here, and fit's learning rate falls to zero over "
                            "num_epochs: for more epochs, fit(…, init=None) with another path trains on from its "
                            "weights"]
                return ["one of them by fit, the other by train"]
            if name == "network":  # a line per layer, of which the first that differs says enough
                pairs = zip_longest(theirs.splitlines(), ours.splitlines(), fillvalue="")
                theirs, ours = next((a.strip(), b.strip()) for a, b in pairs if a != b)
            elif isinstance(theirs, dict) and isinstance(ours, dict) and theirs.get("type") == ours.get("type"):
                said += [f"{name} {key} {theirs.get(key)!r:.300} there, {ours.get(key)!r:.300} here"
                         for key in theirs | ours if theirs.get(key) != ours.get(key)]
                continue
            said.append(f"{name} {theirs!r:.300} there, {ours!r:.300} here")
        return said

    def restore(self, steps):
        """Put what `read` found into the network and the optimizer, as they were after `steps` batches."""
        for i in range(len(self.trainer._updaters)):
            for name, array in self._arrays(i).items():  # not from NumPy: oneDNN may hold it in blocks
                array[:] = mx.nd.array(self.values[name], dtype=array.dtype)
        self.values = {}  # as large as the network and its momentum
        optimizer = self.trainer.optimizer
        optimizer.begin_num_update = optimizer.num_update = steps
        if optimizer.lr_scheduler:  # it remembers what it was asked, so it is asked again
            for step in range(1, steps + 1):
                optimizer.lr_scheduler(step)

    def write(self, history, seed):
        """Replace the file by one of this moment. If that fails, say so on stderr and leave the last one in place."""
        if not self.path or workers.RANK:
            return
        run = {"format": FORMAT, "settings": self.settings, "seed": seed, "history": vars(history)}
        try:
            _write(self.path, json.dumps(run, allow_nan=False), self._arrays())
        except OSError as error:
            print(f"checkpoint {self.path} could not be written ({error}): training continues, "
                  "and the last one written stays", file=sys.stderr)


def load_weights(net, path, device=None):
    """Load the weights and running statistics of a checkpoint into `net`, to predict with or to train on from.

    `net` is built as the one that was trained; it need not be initialized. `device` defaults to the CPU, or where the
    network is. Files of Gluon's `net.save_parameters` are read by `net.load_parameters`. Raises ValueError, and leaves
    the network as it is, for a file that is no checkpoint or has other arrays than the network.
    """
    check_is_network(net)
    parameters, arrays = net._collect_params_with_prefix(), {}
    try:
        with zipfile.ZipFile(path) as file:
            for name, parameter in parameters.items():
                if f"net/{name}.npy" not in file.namelist():
                    raise ValueError(f"it has no {name}")
                arrays[name] = array = _read_array(file, f"net/{name}", None, parameter.dtype)
                if len(array.shape) != len(parameter.shape) or any(
                        n not in (0, -1, m) for n, m in zip(parameter.shape, array.shape, strict=True)):
                    raise ValueError(f"{name} has the shape {array.shape}, not {parameter.shape}")
    except Exception as error:  # zipfile and numpy raise a dozen kinds
        raise ValueError(f"{path} has no weights for this network ({type(error).__name__}: {error}): take the network "
                         "that was trained, and the file that train(checkpoint=…) wrote") from error
    for name, parameter in parameters.items():
        parameter._load_init(np.array(arrays[name], dtype=arrays[name].dtype), device)


def _explained(load):
    """Gluon's `load_parameters`, which calls a checkpoint an "Invalid NDArray file format", with our remedy."""
    @functools.wraps(load)
    def load_parameters(self, filename, *arguments, **options):
        if zipfile.is_zipfile(filename):
            raise ValueError(f"{filename} is a checkpoint of d2lcnn.train, not a file of net.save_parameters: "
                             "d2lcnn.load_weights(net, path) reads it")
        return load(self, filename, *arguments, **options)
    return load_parameters


if not hasattr(gluon.Block.load_parameters, "__wrapped__"):
    gluon.Block.load_parameters = _explained(gluon.Block.load_parameters)


def _describe_loss(score, classes, y):
    """The name of a loss, and what it makes of fixed answers and labels like `y`: others have other weights."""
    name = getattr(score.loss, "__name__", type(score.loss).__name__)
    labels = np.eye(classes) if score.soft else np.arange(classes)
    answers = np.tile(np.arange(classes) / classes, (classes, 1))
    with suppress(Exception):
        losses = score.loss(answers.as_in_ctx(y.ctx), labels.astype(y.dtype).as_in_ctx(y.ctx))
        return f"{name} ({', '.join(f'{loss:.6g}' for loss in losses.asnumpy())} of fixed answers)"
    return name


def _plain(thing):
    """What JSON keeps of a setting: NumPy's numbers and arrays as Python's, of objects the name of their class.

    Of schedules and initializers also what they hold.
    """
    if isinstance(thing, numpy.generic | numpy.ndarray | np.ndarray):
        return thing.tolist()
    kind = type(thing).__name__
    if not isinstance(thing, mx.lr_scheduler.LRScheduler | mx.init.Initializer):
        return kind
    return {"type": kind} | {name: value for name, value in vars(thing).items()
                             if name not in ("_kwargs", "_print_func", "_verbose")}  # of every initializer


def _history(run, names):
    """Return the history in `run`, as a dict, if it and the rest of `run` could have been written by `write`."""
    found, epochs = run["history"], len(run["history"]["loss"])
    lists = {name: values for name, values in found.items() if isinstance(values, list)}
    sums, tested = found["sums"], len(found["test_acc"])
    sound = (run["format"] == FORMAT and type(run["seed"]) is int and 0 <= run["seed"] < 2**31
             and found.keys() == names and lists.keys() == names - {"batches", "stopped", "sums"}
             and found["batches"] == run["settings"]["batches"]
             and type(found["stopped"]) is bool and sums.keys() == {"loss", "right", "images", "seconds"}
             and tested in (0, epochs) and all(len(values) == (tested if name.startswith("test") else epochs)
                                               for name, values in lists.items() if name != "batch_loss")
             and 0 <= len(found["batch_loss"]) - epochs * found["batches"] <= found["batches"]
             and all(type(x) is float and math.isfinite(x) for part in (sums.values(), *lists.values()) for x in part))
    if not sound:
        raise ValueError("its text is of another format or contradicts itself")
    return found


def _write(path, text, arrays):
    """Replace the file by one that holds `text` and the MXNet arrays of the dict `arrays`.

    It is written beside the old one, which it replaces in one step when it is complete and on the disk. Raises
    OSError, and leaves the old one, where that fails.
    """
    unfinished = f"{path}.{os.getpid()}.tmp"
    try:
        with open(unfinished, "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr(TEXT, text)
                for name, array in arrays.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                        npy.write_array(member, array.asnumpy(), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        with suppress(OSError):  # it has its new name, or there is none
            os.remove(unfinished)


def _remove_unfinished(path):
    """Remove what processes left beside `path` that were killed while they wrote."""
    for name in glob.glob(f"{glob.escape(str(path))}.*.tmp"):
        process = name.split(".")[-2]
        if process.isdecimal():
            try:
                os.kill(int(process), 0)  # signal 0 only asks whether there is such a process
            except ProcessLookupError:
                with suppress(OSError):
                    os.remove(name)
            except (OSError, OverflowError):
                pass  # it is someone else's, or no process of ours is numbered so


def _size(array):
    return array.size * numpy.dtype(array.dtype).itemsize + 2000  # its header is a line or two


def _read_array(archive, name, shape, dtype):
    """Return an array of an open ZipFile; raises ValueError and more if it has another shape (if given) or type."""
    dtype = numpy.dtype(dtype)
    largest = (2**40 if shape is None else math.prod(shape) * dtype.itemsize) + 2000
    content = _read(archive, f"{name}.npy", largest)
    file = BytesIO(content)
    npy.read_magic(file)
    declared = npy.read_array_header_1_0(file)
    if declared != (declared[0] if shape is None else shape, False, dtype):
        raise ValueError(f"{name} is declared as {declared}, not {(shape, False, dtype)}")
    return numpy.frombuffer(content, dtype, offset=file.tell()).reshape(declared[0])


def _read(archive, name, largest):
    info = archive.getinfo(name)
    if info.compress_type != zipfile.ZIP_STORED or info.file_size > largest:
        raise ValueError(f"{name} is compressed or has more than {largest} bytes")
    with archive.open(info) as file:
        return file.read(largest + 1)  # to the end, where zipfile compares the checksum
