"""What `python -m d2lcnn` says with MXNet's GPU build, on a machine without a GPU: a small library plays the driver.

Run it after `make gpu`, with a C compiler: `.venv/bin/python tests/tools/stub_driver.py`. The settings of the stub come
from the environment: STUB_CUDA is the CUDA version of the driver, STUB_INIT and STUB_CONTEXT are answers of cuInit and
cuDevicePrimaryCtxRetain, STUB_GPUS, STUB_NAME and STUB_CAPABILITY say what the driver finds.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STUB = r"""
#include <stdio.h>
#include <stdlib.h>
static int setting(const char *name, int otherwise) { char *s = getenv(name); return s ? atoi(s) : otherwise; }
int cuInit(unsigned flags) { return setting("STUB_INIT", 0); }
int cuDriverGetVersion(int *version) { *version = setting("STUB_CUDA", 12020); return 0; }
int cuDeviceGetCount(int *count) { *count = setting("STUB_GPUS", 1); return 0; }
int cuDeviceGet(int *device, int i) { *device = i; return 0; }
int cuDeviceGetName(char *name, int length, int device) {
    snprintf(name, length, "%s", getenv("STUB_NAME") ? getenv("STUB_NAME") : "Tesla T4"); return 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) {
    int capability = setting("STUB_CAPABILITY", 75);
    *value = attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : 0; return 0; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = (size_t)15 << 30; return 0; }
int cuDevicePrimaryCtxRetain(void **context, int device) { return setting("STUB_CONTEXT", 0); }
int cuGetErrorString(int code, const char **words) {
    *words = code == 2 ? "out of memory" : code == 999 ? "unknown error" : "an error of the stub"; return 0; }
/* MXNet's import looks for these, too; nothing here calls them */
int cuGraphKernelNodeGetParams(void) { return 1; }
int cuGraphNodeGetType(void) { return 1; }
int cuLaunchKernel(void) { return 1; }
int cuModuleGetFunction(void) { return 1; }
int cuModuleLoadData(void) { return 1; }
int cuModuleLoadDataEx(void) { return 1; }
int cuModuleUnload(void) { return 1; }
"""
CASES = [  # what is imitated, the settings, what must be said
    ("no GPU", dict(STUB_INIT="100"), "[OK]   GPU: none"),
    ("a driver of 2019", dict(STUB_CUDA="10020"), "[FAIL] GPU: Nvidia's driver for CUDA 10.2 is too old"),
    ("a driver that fails", dict(STUB_INIT="999"), "[FAIL] GPU: cuInit: unknown error"),
    ("Hopper", dict(STUB_CAPABILITY="90", STUB_NAME="NVIDIA H100 PCIe"), "no code for compute capability 9.0"),
    ("a full GPU", dict(STUB_CONTEXT="2"), "cuDevicePrimaryCtxRetain: out of memory"),
    ("a GPU that MXNet does not count", {}, "Tesla T4, driver for CUDA 12.2, compute capability 7.5, 15.0 GiB: does"),
]


def check(**environment):
    """Return what `python -m d2lcnn` prints, and its exit status."""
    run = subprocess.run([sys.executable, "-m", "d2lcnn"], capture_output=True, text=True, cwd=ROOT,
                         env=os.environ | environment)
    return run.stdout + run.stderr, run.returncode


def main():
    compiler = shutil.which("cc") or sys.exit("no C compiler (cc) on this machine")
    said, status = check()
    assert status == 1 and "libcuda.so.1" in said, f"not the GPU build, or a real driver:\n{said}"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([compiler, "-x", "c", "-", "-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", "-o",
                        f"{folder}/libcuda.so.1"], input=STUB, text=True, check=True)
        for what, settings, expected in [("no driver", None, "[FAIL] MXNet: OSError: libcuda.so.1"), *CASES]:
            said, status = check() if settings is None else check(LD_LIBRARY_PATH=folder, **settings)
            print(f"--- {what}", *[line for line in said.splitlines() if "GPU" in line or "libcuda" in line], sep="\n")
            assert expected in said and (status == 1) == ("[FAIL]" in said), said
            assert settings is None or "[OK]   MXNet: 1.9.1" in said, said
    print("all as expected")


if __name__ == "__main__":
    main()
