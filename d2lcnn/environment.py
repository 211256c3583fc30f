"""The environment check of `python -m d2lcnn` and notebook 00. It imports nothing before it has looked at it."""
import importlib.metadata
import os
import platform
import sys
from functools import partial
from pathlib import Path

from . import cuda

__all__ = ["check_environment"]

REINSTALL = f"make clean {'gpu ' if cuda.is_gpu_build() else ''}lab installs everything anew"


class Problem(Exception):
    """What was found, and the remedy."""


def _python():
    found = f"{platform.python_implementation()} {platform.python_version()}"
    if not found.startswith(("CPython 3.10.", "CPython 3.11.")):
        raise Problem(found, "MXNet 1.9.1 and its NumPy need CPython 3.11 or 3.10, which make lab finds or fetches")
    return found


def _numpy():
    version = importlib.metadata.version("numpy")  # not imported: with 1.24 or later MXNet's import fails
    if not version.startswith("1.23."):
        raise Problem(version, "MXNet 1.9.1 needs 1.23 (np.bool): python -m pip install numpy==1.23.5")
    return version


def _mxnet():
    try:
        cuda.load_libraries()
        import mxnet
    except OSError as error:  # a library is missing or broken
        remedy = "install Nvidia's driver, 450 or later" if "libcuda.so.1" in str(error) else REINSTALL
        raise Problem(f"OSError: {error}", f"{remedy}; or make cpu installs the CPU build (README, Help)") from error
    if float(mxnet.np.ones(3).sum()) != 3:
        raise Problem("wrong sum of three ones", REINSTALL)
    return mxnet.__version__


def _threads():
    from . import CORES, MXNET_CAME_FIRST
    if MXNET_CAME_FIRST:
        raise Problem("MXNet was imported before d2lcnn: about half of the cores",
                      "restart the kernel and import d2lcnn first")
    threads = os.environ["OMP_NUM_THREADS"]
    if not 1 <= int(threads) <= CORES:
        raise Problem(f"OMP_NUM_THREADS={threads}", f"unset it: d2lcnn then sets it to your {CORES} usable cores")
    return f"MXNet uses {threads} of {CORES} usable cores"


def _gpu(i, gpu):
    why = cuda.why_not(i)
    if why:
        raise Problem(f"{gpu}: does not compute ({why})", cuda.remedy(why))
    return f"{gpu}: has computed"


def _no_gpu():
    try:
        gpus = cuda.gpus()
    except RuntimeError as error:
        if cuda.is_gpu_build():
            raise Problem(str(error), cuda.remedy(str(error))) from error
        gpus = []
    if not gpus:
        return "none: the course takes the CPU"
    more = f" and {len(gpus) - 1} more" if gpus[1:] else ""
    why = cuda.no_code_for(gpus[0]) or "make gpu installs the build of MXNet that computes there"
    return f"{gpus[0]}{more}: not used, the course takes the CPU; {why}"


def _gpu_checks():
    try:
        from .device import count_gpus
        counted, gpus = count_gpus(), cuda.gpus() if cuda.is_gpu_build() else []
    except Exception:  # said by the line about MXNet or by the next one
        counted, gpus = 0, []
    gpus += ["counted by MXNet"] * (counted - len(gpus))
    for i, gpu in enumerate(gpus):
        yield f"GPU {i}", partial(_gpu, i, gpu), REINSTALL
    if not gpus:
        yield "GPU", _no_gpu, REINSTALL


def _data():
    from .files import SHA256, read
    for name in SHA256:
        read(name)
    return f"{len(SHA256)} files, each with its published SHA-256"


def _kernel():
    import ipykernel  # noqa: F401
    from jupyter_client.kernelspec import KernelSpecManager
    program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    if program not in ("python", "python3", "python" + platform.python_version()[:4]) \
            and Path(program).absolute() != Path(sys.executable).absolute():
        raise Problem(f"python3 starts {program}", "open the course with make lab")
    return "python3 starts this Python"


def _checks():
    """Yield (what, check, remedy if the check fails in a way it does not foresee)."""
    yield "Python", _python, ""
    yield "NumPy", _numpy, REINSTALL
    yield "CPU threads", _threads, REINSTALL
    yield "MXNet", _mxnet, f"the README's Help explains this error, or {REINSTALL}"
    yield from _gpu_checks()
    yield "data", _data, "git checkout -- data"
    yield "Jupyter kernel", _kernel, REINSTALL


def check_environment():
    """Print a line per part of the environment, [OK] or [FAIL] with the remedy, and return whether all are [OK]."""
    sound = True
    for what, check, remedy in _checks():
        try:
            line = f"[OK]   {what}: {check()}"
        except Exception as error:  # whatever is broken, the remaining lines are wanted
            found, remedy = error.args if isinstance(error, Problem) else (f"{type(error).__name__}: {error}", remedy)
            line = f"[FAIL] {what}: {found.splitlines()[0]}\n       remedy: {remedy}"
            sound = False
        print(line)
    return sound
