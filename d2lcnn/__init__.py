"""The helper library of a course in convolutional networks: start with `notebooks/00_start_here.ipynb`.

Importing it gives MXNet every usable core, turns on MXNet's NumPy-style arrays (`npx.set_np()`) and sets matplotlib's
defaults for the course's pictures.
"""
import os
import sys
import warnings
from pathlib import Path


def _usable_cores():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:  # a container may get less than it sees
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return min(cores, max(1, int(quota) // int(period)))
    except (OSError, ValueError):
        return cores


# MXNet reads OMP_NUM_THREADS once, at its import. Unset, it takes half of the cores (it assumes hyper-threading); set
# to what is not a plain number, it ends the process.
CORES = _usable_cores()
MXNET_CAME_FIRST = "mxnet" in sys.modules and "OMP_NUM_THREADS" not in os.environ
if MXNET_CAME_FIRST:
    warnings.warn("mxnet was imported before d2lcnn, so it uses about half of the cores: import d2lcnn first",
                  stacklevel=2)
elif not os.environ.get("OMP_NUM_THREADS", "0").isdigit():
    warnings.warn(f"OMP_NUM_THREADS={os.environ['OMP_NUM_THREADS']!r} is no number: {CORES} is taken", stacklevel=2)
if not os.environ.get("OMP_NUM_THREADS", "").isdigit():
    os.environ["OMP_NUM_THREADS"] = str(CORES)

# MXNet copies a large NumPy array with a second team of threads. OpenMP then counts more threads than cores for good
# and lets waiting ones sleep at once: LeNet trains less than half as fast. A copy gains nothing by it.
os.environ.setdefault("MXNET_CPU_PARALLEL_SIZE", str(2**31 - 1))

# MXNet lets its operations take turns with four scratch spaces, each as large as the largest need, though on a CPU they
# run one after the other. With one, AlexNet at 224 pixels trains in 1.7 GiB instead of 2.2.
os.environ.setdefault("MXNET_CPU_TEMP_COPY", "1")

from .check import check_environment  # noqa: E402

try:
    from mxnet import npx

    npx.set_np()

    from .curves import plot_histories
    from .data import FASHION_MNIST_LABELS, load_data_fashion_mnist, load_data_mnist, photo
    from .device import choose, try_all_gpus, try_gpu
    from .draw import draw_blocks, draw_network
    from .evaluate import evaluate_accuracy
    from .history import History
    from .plot import show_arrays, show_images
    from .results import recorded
    from .seeds import set_seed
    from .slides import check_slides
    from .summary import summary
    from .train import fit, train
except Exception as error:  # the environment is broken: check_environment must work all the same, and say why
    _error = error

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"d2lcnn has no {name}")
        raise ImportError(f"d2lcnn.{name} needs a sound environment ({type(_error).__name__}: {_error}). "
                          "d2lcnn.check_environment() names the remedy.") from _error

__all__ = [
    "FASHION_MNIST_LABELS", "History", "check_environment", "check_slides", "choose", "draw_blocks", "draw_network",
    "evaluate_accuracy", "fit", "load_data_fashion_mnist", "load_data_mnist", "photo", "plot_histories", "recorded",
    "set_seed", "show_arrays", "show_images", "summary", "train", "try_all_gpus", "try_gpu",
]
