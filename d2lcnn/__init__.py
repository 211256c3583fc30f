"""The helper library of a course in convolutional networks on Apache MXNet: start with `notebooks/00_start_here.ipynb`.

Importing it gives MXNet every usable core and turns on MXNet's NumPy-style arrays (`npx.set_np()`).
"""
import ctypes
import os
import sys
import warnings

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()

# MXNet reads this once, at its import, and without it takes only half of the cores (it assumes hyper-threading).
if "OMP_NUM_THREADS" not in os.environ:
    if "mxnet" in sys.modules:
        warnings.warn("mxnet was imported before d2lcnn, so it uses about half of the cores: import d2lcnn first",
                      stacklevel=2)
    os.environ["OMP_NUM_THREADS"] = str(CORES)

# Linux's malloc learns to keep freed blocks of up to 32 MB, which leaves holes between MXNet's large buffers. Fixed at
# 16 MB, the peak of training falls by an eighth (AlexNet, 224 px, batches of 128: from 2.32 to 2.06 GiB).
if sys.platform == "linux" and "MALLOC_MMAP_THRESHOLD_" not in os.environ and hasattr(ctypes.CDLL(None), "mallopt"):
    ctypes.CDLL(None).mallopt(-3, 16 << 20)  # M_MMAP_THRESHOLD

# `python -m d2lcnn` checks the environment, also one in which MXNet cannot be imported. While Python looks for the
# module to run, sys.argv[0] is "-m".
if sys.argv[0] != "-m":
    from mxnet import npx

    npx.set_np()

    from .check import check_environment
    from .curves import plot_histories
    from .data import FASHION_MNIST_LABELS, load_data_fashion_mnist, load_data_mnist, photo
    from .device import choose, try_all_gpus, try_gpu
    from .plot import draw_network, show_arrays, show_images
    from .slides import check_slides
    from .summary import summary
    from .train import History, evaluate_accuracy, set_seed, train

    __all__ = [
        "FASHION_MNIST_LABELS", "History", "check_environment", "check_slides", "choose", "draw_network",
        "evaluate_accuracy", "load_data_fashion_mnist", "load_data_mnist", "photo", "plot_histories", "set_seed",
        "show_arrays", "show_images", "summary", "train", "try_all_gpus", "try_gpu",
    ]
