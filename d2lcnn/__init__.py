"""The helper library of a course in convolutional networks: start with `notebooks/00_start_here.ipynb`.

What is where, in reading order:

- `device`, `cuda`: where to compute; `files` -> `data`, `augment`, `normalization`, `folder`: images in batches
- `training` (`fit`, `train`) with `validate`, `seeds`, `pipeline`, `stop`, `workers`: the training loop
- `evaluate`, `history`, `progress`: accuracy, predictions, what happened in a run
- `checkpoint`, `export`: runs that resume, weights that leave for another framework
- `costs` (`summary`), `plot`, `draw`, `explore`: shapes, parameters and pictures
- `exercises`, `environment`, `experiments`, `slides`: the course's own checks and records
- `models`: the networks, exported from the notebooks

Importing it gives MXNet every usable core, turns on MXNet's NumPy-style arrays (`npx.set_np()`) in all threads and
sets matplotlib's style for the course's pictures (`course.mplstyle`).
"""
import math
import os
import sys
import threading
import warnings
from pathlib import Path


def _usable_cores():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:  # a container may get less than it sees
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return min(cores, math.ceil(int(quota) / int(period)))
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
    warnings.warn(f"OMP_NUM_THREADS={os.environ['OMP_NUM_THREADS']!r} is not a number: {CORES} is taken", stacklevel=2)
if not os.environ.get("OMP_NUM_THREADS", "").isdigit():  # the workers of one machine share its cores
    os.environ["OMP_NUM_THREADS"] = str(max(1, CORES // int(os.environ.get("HOROVOD_LOCAL_SIZE", 1))))

# MXNet copies a large NumPy array with a second team of threads. OpenMP then counts more threads than cores for good
# and lets waiting ones sleep at once: LeNet trains less than half as fast. A copy gains nothing by it.
os.environ.setdefault("MXNET_CPU_PARALLEL_SIZE", str(2**31 - 1))

# MXNet lets its operations take turns with four scratch spaces, each as large as the largest need, though on a CPU they
# run one after the other. With one, AlexNet at 224 pixels trains in 1.7 GiB instead of 2.2.
os.environ.setdefault("MXNET_CPU_TEMP_COPY", "1")

from . import cuda  # noqa: E402
from .environment import check_environment  # noqa: E402

__version__ = "0.2.0"

try:
    cuda.load_libraries()
    from mxnet import npx, util

    npx.set_np()
    # That switch is per thread. These two lines turn it on in every thread, for a web server or a pool of workers.
    util.set_np_shape(2)
    util._NumpyArrayScope._current = type("On", (threading.local,), {"value": util._NumpyArrayScope(True)})()

    from matplotlib import pyplot as plt

    plt.style.use(["default", str(Path(__file__).parent / "course.mplstyle")])

    from .checkpoint import load_weights
    from .costs import summary
    from .data import (
        CIFAR10_LABELS,
        FASHION_MNIST_LABELS,
        Batches,
        load_data_cifar10,
        load_data_fashion_mnist,
        load_data_mnist,
        load_full_cifar10,
        photo,
    )
    from .device import choose, try_all_gpus, try_gpu
    from .draw import draw_blocks, draw_network, draw_networks, draw_windows
    from .evaluate import confusion, evaluate_accuracy, predict
    from .exercises import check
    from .experiments import load_experiment, run_experiment
    from .explore import explore_kernels
    from .export import export_onnx
    from .folder import load_image, load_images
    from .history import History
    from .normalization import Normalization
    from .plot import plot_histories, show_arrays, show_images, show_predictions
    from .seeds import set_seed
    from .training import HE, WarmupCosine, fit, train
except Exception as error:  # the environment is broken: check_environment must work all the same, and say why
    _error = error

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"d2lcnn has no {name}")
        raise ImportError(f"d2lcnn.{name} needs a sound environment ({type(_error).__name__}: {_error}). "
                          "d2lcnn.check_environment() names the remedy.") from _error

__all__ = [
    "Batches", "CIFAR10_LABELS", "CORES", "FASHION_MNIST_LABELS", "HE", "History", "Normalization", "WarmupCosine",
    "check", "check_environment", "choose", "confusion", "draw_blocks", "draw_network", "draw_networks",
    "draw_windows", "evaluate_accuracy", "explore_kernels", "export_onnx", "fit", "load_data_cifar10",
    "load_data_fashion_mnist", "load_data_mnist", "load_experiment", "load_full_cifar10", "load_image", "load_images",
    "load_weights", "photo", "plot_histories", "predict", "run_experiment", "set_seed", "show_arrays", "show_images",
    "show_predictions", "summary", "train", "try_all_gpus", "try_gpu",
]
