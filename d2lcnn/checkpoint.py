"""A training run that goes on where it stood: what is kept of it, and how it is known again."""
import json
import math
import sys
import zipfile
import zlib
from itertools import zip_longest
from pathlib import Path

import mxnet as mx
import numpy

from . import archive

__all__ = ["Checkpoint"]

FORMAT = 1  # raised with every change of what is kept, so that other formats are refused


class Checkpoint:
    """The file in which `train(checkpoint=path)` keeps a run, or nothing at all if `path` is None.

    The arrays `net/…` are parameters and running statistics, `momentum/…` what the optimizer remembers of each. The
    text is JSON: the history, the sums of the epoch at hand, the seed, and the settings by which the run is known
    again. `X`, `y` is the first batch.
    """

    def __init__(self, path, net, trainer, X, y, **settings):
        self.path, self.net, self.trainer, self.values = path and Path(path).resolve(), net, trainer, {}
        optimizer, schedule = trainer.optimizer, trainer.optimizer.lr_scheduler
        settings |= {
            "lr": float(optimizer.lr), "momentum": float(optimizer.momentum), "weight_decay": float(optimizer.wd),
            "lr_scheduler": schedule and {"type": type(schedule).__name__} | vars(schedule), "network": repr(net),
            "shape of a batch": X.shape, "CRC-32 of the first labels": zlib.crc32(y.asnumpy().tobytes())}
        self.settings = json.loads(json.dumps(settings, default=_plain))

    def exists(self):
        """Whether there is a file to go on from."""
        return bool(self.path and self.path.exists())

    def _arrays(self):
        """Name -> array on the device. `Trainer.save_states` would pickle the momentum: it is taken from inside."""
        [updater], optimizer, arrays = self.trainer._updaters, self.trainer.optimizer, {}
        for name, parameter in self.net._collect_params_with_prefix().items():  # names as in net.save_parameters
            arrays[f"net/{name}"] = weight = parameter.data().as_nd_ndarray()
            if optimizer.momentum and parameter.grad_req != "null":
                index = self.trainer._param2idx[parameter.name]
                if index not in updater.states:
                    updater.states[index] = optimizer.create_state_multi_precision(index, weight)
                    updater.states_synced[index] = True
                arrays[f"momentum/{name}"] = updater.states[index]
        return arrays

    def read(self, history, num_epochs):
        """Fill the fresh `history` from the file and return (sums of the epoch at hand, seed), or None without a file.

        Raises ValueError, and leaves the file as it is, if that is damaged, foreign, or the file of another run.
        """
        if self.path:
            archive.remove_unfinished(self.path)
        if not self.exists():
            return None
        try:
            arrays = self._arrays()
            if self.path.stat().st_size > archive.size(arrays):
                raise ValueError("it is too large for this network")
            with zipfile.ZipFile(self.path) as file:
                run = json.loads(archive.read_text(file))
                found = _history(run, vars(history).keys())
                differences = self._differences(run["settings"])
                if len(found["batch_loss"]) > num_epochs * history.batches:
                    differences.append(f"beyond epoch {num_epochs} there, num_epochs={num_epochs} here")
                if not differences:
                    self.values = {name: archive.read_array(file, name, array) for name, array in arrays.items()}
        except Exception as error:  # zipfile, json and numpy raise a dozen kinds
            raise ValueError(f"checkpoint {self.path} is damaged, or not one of d2lcnn.train ({type(error).__name__}: "
                             f"{error}): take another path, or delete it to start anew") from error
        if differences:
            raise ValueError(f"checkpoint {self.path} is of another run ({'; '.join(differences)}): "
                             "take the settings of that run to go on with it, or another path to start anew")
        vars(history).update(found)
        return numpy.array(run["sums"]), run["seed"]

    def _differences(self, found):
        """Say which settings of the run in the file are not ours."""
        said = []
        for name, ours in self.settings.items():
            theirs = found[name]
            if theirs != ours:
                if name == "network":  # a line per layer, of which the first that differs says enough
                    pairs = zip_longest(theirs.splitlines(), ours.splitlines(), fillvalue="")
                    theirs, ours = next((a.strip(), b.strip()) for a, b in pairs if a != b)
                said.append(f"{name} {theirs!r} there, {ours!r} here")
        return said

    def restore(self, steps):
        """Put what `read` found into the network and the optimizer, as they were after `steps` batches."""
        for name, array in self._arrays().items():
            array[:] = mx.nd.array(self.values[name], dtype=array.dtype)  # not from NumPy: oneDNN may hold it in blocks
        self.values = {}  # as large as the network and its momentum
        optimizer = self.trainer.optimizer
        optimizer.begin_num_update = optimizer.num_update = steps
        if optimizer.lr_scheduler:  # it remembers what it was asked, so it is asked again
            for step in range(1, steps + 1):
                optimizer.lr_scheduler(step)

    def write(self, history, sums, seed):
        """Replace the file by one of this moment. If that fails, say so on stderr and leave the last one in place."""
        if not self.path:
            return
        run = {"format": FORMAT, "settings": self.settings, "seed": seed, "sums": list(sums), "history": vars(history)}
        try:
            archive.write(self.path, json.dumps(run, allow_nan=False), self._arrays())
        except OSError as error:
            print(f"checkpoint {self.path} could not be written ({error}): training goes on, "
                  "and the last one written stays", file=sys.stderr)


def _plain(thing):
    """What JSON keeps of a setting: NumPy's numbers as Python's, of objects the name of their class."""
    return thing.item() if isinstance(thing, numpy.number) else type(thing).__name__


def _history(run, names):
    """Return the history in `run`, as a dict, if it and the rest of `run` could have been written by `write`."""
    found, epochs = run["history"], len(run["history"]["loss"])
    lists = {name: values for name, values in found.items() if name != "batches"}
    sound = (run["format"] == FORMAT and type(run["seed"]) is int and 0 <= run["seed"] < 2**31
             and len(run["sums"]) == 4 and found.keys() == names and found["batches"] == run["settings"]["batches"]
             and all(len(values) == epochs for name, values in lists.items() if name != "batch_loss")
             and 0 <= len(found["batch_loss"]) - epochs * found["batches"] <= found["batches"]
             and all(type(x) is float and math.isfinite(x) for part in (run["sums"], *lists.values()) for x in part))
    if not sound:
        raise ValueError("its text is of another format or contradicts itself")
    return found
