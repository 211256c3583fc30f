"""What MXNet's GPU build needs: CUDA's libraries, loaded before it, and Nvidia's driver, asked which GPUs there are.

`make gpu` installs that build and the libraries. With the CPU build, `load_libraries` does nothing.
"""
import importlib.metadata
import importlib.util
import os
from contextlib import suppress
from ctypes import CDLL, RTLD_GLOBAL, byref, c_char_p, c_int, c_size_t, c_void_p, create_string_buffer
from pathlib import Path
from typing import NamedTuple

__all__ = ["GPU", "gpus", "is_gpu_build", "load_libraries", "no_code_for", "remedy", "why_not"]

# Each library and the folder of its package, in an order in which each finds loaded what it needs.
LIBRARIES = {
    "libcudart.so.11.0": "cuda_runtime", "libcublasLt.so.11": "cublas", "libcublas.so.11": "cublas",
    "libnvrtc.so.11.2": "cuda_nvrtc", "libcufft.so.10": "cufft", "libcurand.so.10": "curand",
    "libcusparse.so.11": "cusparse", "libcusolver.so.11": "cusolver", "libnccl.so.2": "nccl",
    "libnvToolsExt.so.1": "nvtx", "libcudnn.so.8": "cudnn",
}
NO_DEVICE = 100  # the driver's answer where it finds no GPU, or CUDA_VISIBLE_DEVICES hides them all
FITTING = "MXNet 1.9.1 runs on GPUs from Maxwell to Ada (V100, T4, A100, A10G, L4), not on Hopper or Blackwell"
REMEDIES = {  # by words in the reason
    "too old": "install driver 450 or later; or make cpu installs the CPU build of MXNet",
    "no code": f"{FITTING}; make cpu installs the CPU build",
    "no kernel image": f"{FITTING}; make cpu installs the CPU build",
    "out of memory": "end the program that holds the GPU's memory (nvidia-smi names it), then start this one again",
    "": f"update the driver or restart the machine; or hide the GPU (CUDA_VISIBLE_DEVICES=). {FITTING}",
}


class GPU(NamedTuple):
    name: str
    driver: str
    capability: tuple  # the compute capability: (7, 5)
    memory: int  # bytes

    def __str__(self):
        major, minor = self.capability
        return f"{self.name}, driver {self.driver}, compute capability {major}.{minor}, {self.memory / 2**30:.1f} GiB"


def is_gpu_build():
    """Return whether the installed MXNet is the GPU build: its package has a name of its own, its module has not."""
    try:
        return bool(importlib.metadata.version("mxnet-cu117"))
    except importlib.metadata.PackageNotFoundError:
        return False


def load_libraries():
    """Load CUDA's libraries, so that the GPU build finds them without LD_LIBRARY_PATH: call it before MXNet's import.

    Each comes from this environment, else from the system. Raises OSError, which names the library, if one is in
    neither or is broken.
    """
    if not is_gpu_build():
        return
    package = importlib.util.find_spec("nvidia")
    for library, folder in LIBRARIES.items():
        paths = [Path(root, folder, "lib", library) for root in (package.submodule_search_locations if package else [])]
        CDLL(next((str(path) for path in paths if path.exists()), library), RTLD_GLOBAL)
    # MXNet was built with cuDNN 8.5 and would warn of 8.9, which answers the same calls and also knows Ada.
    os.environ.setdefault("MXNET_CUDNN_LIB_CHECKING", "0")
    # MXNet joins small operations into one, compiled while it runs to code (PTX) that only a driver as new as the
    # compiler reads: 520, for CUDA 11.8. On an older one they run one by one.
    with suppress(OSError):  # without a driver: MXNet's own import says so
        if _cuda_version() < (11, 8):
            os.environ.setdefault("MXNET_USE_FUSION", "0")


def _ask(function, *arguments):
    """Call a function of Nvidia's driver. Raises OSError without a driver, RuntimeError with its words if it fails."""
    driver, words = CDLL("libcuda.so.1"), c_char_p(b"")
    code = getattr(driver, function)(*arguments)
    if code:
        driver.cuGetErrorString(code, byref(words))
        raise RuntimeError(f"{function}: {(words.value or b'error %d' % code).decode()}")


def _cuda_version():
    """Return the newest CUDA that Nvidia's driver serves: (12, 4)."""
    version = c_int()
    _ask("cuDriverGetVersion", byref(version))
    return version.value // 1000, version.value % 1000 // 10


def _driver_version():
    """Return the version of Nvidia's driver, "535.104.05", or where that cannot be asked "for CUDA 12.2"."""
    version = create_string_buffer(100)
    try:
        management = CDLL("libnvidia-ml.so.1")
        if management.nvmlInit_v2() == management.nvmlSystemGetDriverVersion(version, 100) == 0:
            return version.value.decode()
    except OSError:
        pass
    return "for CUDA {}.{}".format(*_cuda_version())


def gpus():
    """Return each `GPU` that Nvidia's driver finds; [] without a driver. Raises RuntimeError if it fails or is too old.
    """
    try:
        if CDLL("libcuda.so.1").cuInit(0) == NO_DEVICE:
            return []
    except OSError:
        return []
    _ask("cuInit", 0)
    if _cuda_version() < (11, 0):
        raise RuntimeError(f"Nvidia's driver {_driver_version()} is too old")
    count, device, major, minor, memory = c_int(), c_int(), c_int(), c_int(), c_size_t()
    name, found = create_string_buffer(100), []
    _ask("cuDeviceGetCount", byref(count))
    for i in range(count.value):
        _ask("cuDeviceGet", byref(device), i)
        _ask("cuDeviceGetName", name, 100, device)
        _ask("cuDeviceGetAttribute", byref(major), 75, device)
        _ask("cuDeviceGetAttribute", byref(minor), 76, device)
        _ask("cuDeviceTotalMem_v2", byref(memory), device)
        found.append(GPU(name.value.decode(), _driver_version(), (major.value, minor.value), memory.value))
    return found


def no_code_for(gpu):
    """Return why MXNet has no machine code for `gpu`, or None if it has: for 5.0 (Maxwell) to 8.9 (Ada)."""
    if (5, 0) <= gpu.capability < (9, 0):
        return None
    return "MXNet 1.9.1 has no code for compute capability {}.{}".format(*gpu.capability)


def why_not(i):
    """Return why MXNet does not compute on GPU `i`, or None if it gets a small product right there.

    The driver is asked first: MXNet ends the whole process where no memory is left for it to start on a GPU.
    """
    import mxnet as mx

    from .device import reason
    try:
        known = gpus()
        if i < len(known):
            if no_code_for(known[i]):
                return no_code_for(known[i])
            _ask("cuDevicePrimaryCtxRetain", byref(c_void_p()), i)  # MXNet then uses the same one
        ones = mx.np.ones((2, 2), ctx=mx.npx.gpu(i))
        return None if float(mx.np.dot(ones, ones).sum()) == 8 else "wrong result"
    except RuntimeError as error:  # as MXNetError is
        return reason(error)


def remedy(why):
    """Return what to do about what `why_not` or `gpus` said."""
    return next((remedy for words, remedy in REMEDIES.items() if words in why), REMEDIES[""])
