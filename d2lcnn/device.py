"""Where to compute: a GPU that has proved that it works, else the CPU. First used in notebook 01."""
import functools
import os
import sys
from itertools import pairwise
from types import SimpleNamespace

import mxnet as mx
import numpy
from mxnet import npx

from . import cuda, workers

__all__ = ["choose", "count_gpus", "device_of", "one_device", "reason", "to_device", "to_devices", "to_numpy",
           "try_all_gpus", "try_gpu"]


def reason(error):
    """Return the last line of one of MXNet's errors: what failed, without the stack of C++ above it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].split("Check failed: ")[-1]


@functools.cache
def count_gpus():
    """Return how many GPUs MXNet counts: none where CUDA itself fails, as after an update of the driver."""
    try:
        return npx.num_gpus()
    except mx.MXNetError as error:
        print(f"GPUs cannot be counted ({reason(error)}): not used. Remedy: {cuda.remedy(str(error))}",
              file=sys.stderr)
        return 0


@functools.cache
def _computes(i):
    """Whether MXNet gets a small product right on GPU `i`. It counts GPUs that it has no machine code for."""
    why = cuda.why_not(i)
    if why:
        print(f"GPU {i} is counted but does not compute ({why}): not used. Remedy: {cuda.remedy(why)}", file=sys.stderr)
    return not why


def try_gpu(i=workers.LOCAL_RANK):
    """Return the context of GPU `i` if that GPU computes, else `npx.cpu()` (as `d2l.try_gpu`, which only counts).

    `i` defaults to 0, in one of several workers (see `workers`) to its number on its machine.
    """
    return npx.gpu(i) if 0 <= i < count_gpus() and _computes(i) else npx.cpu()


def try_all_gpus():
    """Return the contexts of all GPUs that compute, or `[npx.cpu()]` where there is none: never an empty list."""
    return [npx.gpu(i) for i in range(count_gpus()) if _computes(i)] or [npx.cpu()]


def device_of(net):
    """Return the context of the first parameter of `net`, or None if it has none that is initialized."""
    for parameter in net.collect_params().values():
        try:
            return parameter.list_ctx()[0]
        except RuntimeError:
            pass
    return None


def one_device(device):
    """Return the context, the first one of a list, as `train` takes it, or None; raise ValueError for anything else."""
    first = device[0] if isinstance(device, list | tuple) and device else device
    if not (first is None or isinstance(first, mx.Context)):
        raise ValueError(f"device must be a context, such as npx.cpu(), or a list of them, got {device!r}")
    return first


def to_numpy(array):
    """Convert an MXNet array, a NumPy array or a list, also of such arrays, to a NumPy array."""
    if isinstance(array, list | tuple):  # NumPy would ask MXNet for every number by itself
        array = [each.asnumpy() if isinstance(each, mx.nd.NDArray) else each for each in array]
    return numpy.asarray(array.asnumpy() if isinstance(array, mx.nd.NDArray) else array)


def to_device(device, *arrays):
    """Return the arrays on `device`, or where they are if it is None."""
    return [a.as_in_ctx(device) for a in arrays] if device else list(arrays)


def to_devices(devices, X, y):
    """Return the parts of a batch, a pair (X, y) on each device; each gets all of a batch that has too few images."""
    n = len(devices)
    if n == 1 or len(y) < n:
        return [to_device(device, X, y) for device in devices]
    cuts = [i * len(y) // n for i in range(n + 1)]
    return [to_device(device, X[i:j], y[i:j]) for device, (i, j) in zip(devices, pairwise(cuts), strict=True)]


def choose(device, cpu, gpu):
    """Return the setting that fits the device: `setting = choose(device, cpu=dict(epochs=3), gpu=dict(epochs=10))`.

    Both settings name the same things; the one taken comes back with its names as attributes (`setting.epochs`).
    The environment variable `D2LCNN_SCALE=full` takes `gpu`, the full experiment, on any device. Raises ValueError
    where the names differ or the variable holds anything else.
    """
    if cpu.keys() != gpu.keys():
        raise ValueError(f"cpu names {sorted(cpu)}, gpu names {sorted(gpu)}: both must name the same things")
    scale = os.environ.get("D2LCNN_SCALE", "")
    if scale not in ("", "full"):
        raise ValueError(f"D2LCNN_SCALE={scale!r}: set it to 'full' or leave it unset")
    return SimpleNamespace(**(gpu if scale == "full" or one_device(device).device_type == "gpu" else cpu))
