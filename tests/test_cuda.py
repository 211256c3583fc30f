"""GPUs without one: functions of Python play Nvidia's libraries, a folder plays their packages, a script plays pip."""
import ctypes
import os
import re
import shlex
import shutil
import subprocess
import sys

from d2lcnn import check_environment, cuda, device, environment

import mxnet as mx
import pytest
from mxnet import np, npx
from packaging.requirements import Requirement

from .notebooks import ROOT
from .test_setup import PROJECT, tomllib

LOCK = (ROOT / "requirements-gpu.lock").read_text()
LOCKED = dict(re.findall(r"^([\w-]+)==(\S+)", LOCK, re.M))
# What the dynamic linker wants to find loaded: read from the libraries with readelf -d
NEEDS = {"libcublas.so.11": {"libcublasLt.so.11"}, "libcusolver.so.11": {"libcublas.so.11", "libcublasLt.so.11"}}


class Driver:
    """Plays libcuda.so.1 and libnvidia-ml.so.1: each function notes its answer in its arguments, and returns a code."""

    def __init__(self, names=("Tesla T4",), capability=(7, 5), memory=15 * 2**30, cuda=12020, init=0, context=0):
        self.names, self.capability, self.memory, self.cuda = names, capability, memory, cuda
        self.init, self.context = init, context

    def cuInit(self, flags):
        return self.init

    def cuDriverGetVersion(self, version):
        version._obj.value = self.cuda
        return 0

    def cuDeviceGetCount(self, count):
        count._obj.value = len(self.names)
        return 0

    def cuDeviceGet(self, handle, i):
        handle._obj.value = i
        return 0

    def cuDeviceGetName(self, name, length, handle):
        name.value = self.names[handle.value].encode()
        return 0

    def cuDeviceGetAttribute(self, value, attribute, handle):
        value._obj.value = {75: self.capability[0], 76: self.capability[1]}[attribute]
        return 0

    def cuDeviceTotalMem_v2(self, memory, handle):
        memory._obj.value = self.memory
        return 0

    def cuDevicePrimaryCtxRetain(self, context, handle):
        return self.context

    def cuGetErrorString(self, code, words):
        words._obj.value = {2: b"out of memory", 803: b"unsupported display driver / cuda driver combination"}.get(code)
        return 0

    def nvmlInit_v2(self):
        return 0

    def nvmlSystemGetDriverVersion(self, version, length):
        version.value = b"535.104.05"
        return 0


@pytest.fixture
def machine(monkeypatch):
    """Imitate a machine: `machine(driver, gpu_build=True, product=2.0)`; MXNet counts what the driver finds.

    `product` is what a GPU computes for the sum of two ones, or the error that MXNet raises there.
    """
    def imitate(driver, gpu_build=True, product=2.0, management=True):
        def load(name, mode=ctypes.DEFAULT_MODE):
            if driver is None or name == "libnvidia-ml.so.1" and not management:
                raise OSError(f"{name}: cannot open shared object file: No such file or directory")
            return driver

        def ones(shape, ctx=None):
            if ctx == npx.gpu(0) and isinstance(product, Exception):
                raise product
            return np.full(shape, 1.0 if ctx is None else (product / 2) ** 0.5)
        monkeypatch.setattr(cuda, "CDLL", load)
        monkeypatch.setattr(cuda, "is_gpu_build", lambda: gpu_build)
        monkeypatch.setattr(cuda, "LIBRARIES", {})
        monkeypatch.setattr(np, "ones", ones)
        works = gpu_build and driver is not None and not driver.init and driver.cuda >= 11000
        monkeypatch.setattr(npx, "num_gpus", lambda: len(driver.names) if works else 0)
        monkeypatch.setitem(os.environ, "MXNET_USE_FUSION", "1")
        monkeypatch.setitem(os.environ, "MXNET_CUDNN_LIB_CHECKING", "0")
        for cached in (device.count_gpus, device._computes):
            getattr(cached, "cache_clear", lambda: None)()
    yield imitate
    for cached in (device.count_gpus, device._computes):
        getattr(cached, "cache_clear", lambda: None)()


@pytest.fixture
def gpu_lines(monkeypatch, capsys):
    """Return the lines of the environment check about GPUs, each with its remedy; the data are not read."""
    monkeypatch.setattr(environment, "_data", lambda: "")

    def lines():
        check_environment()
        return re.findall(r"^(\[\w+\] +GPU.*(?:\n       remedy: .*)?)", capsys.readouterr().out, re.M)
    return lines


def test_a_gpu_that_computes_is_described(machine, gpu_lines):
    machine(Driver())
    assert gpu_lines() == [
        "[OK]   GPU 0: Tesla T4, driver 535.104.05, compute capability 7.5, 15.0 GiB: has computed"]
    machine(Driver(names=["NVIDIA L4", "NVIDIA A10G"], capability=(8, 9)), management=False)
    first, second = gpu_lines()
    assert "GPU 0: NVIDIA L4, driver for CUDA 12.2, compute capability 8.9" in first
    assert "GPU 1: NVIDIA A10G" in second and second.endswith("has computed")


def test_without_a_driver_or_a_gpu_the_course_takes_the_cpu(machine, gpu_lines):
    for driver in (None, Driver(init=100), Driver(names=())):
        for gpu_build in (True, False):
            machine(driver, gpu_build)
            assert gpu_lines() == ["[OK]   GPU: none: the course takes the CPU"]


def test_an_old_driver_is_named_with_the_version_that_is_needed(machine, gpu_lines):
    machine(Driver(cuda=10020))
    [line] = gpu_lines()
    assert line.startswith("[FAIL] GPU: Nvidia's driver 535.104.05 is too old\n")
    assert "450 or later" in line and "make cpu" in line
    machine(Driver(cuda=11000))  # of driver 450
    assert gpu_lines()[0].endswith("has computed")


def test_a_driver_that_fails_is_quoted(machine, gpu_lines):
    machine(Driver(init=803))
    assert "[FAIL] GPU: cuInit: unsupported display driver" in gpu_lines()[0] and "restart" in gpu_lines()[0]
    machine(Driver(init=804))
    assert "[FAIL] GPU: cuInit: error 804" in gpu_lines()[0]
    machine(Driver(init=803), gpu_build=False)  # then the driver is none of the course's business
    assert gpu_lines() == ["[OK]   GPU: none: the course takes the CPU"]


@pytest.mark.parametrize("capability, fits", [
    ((3, 7), False), ((5, 0), True), ((7, 0), True), ((8, 9), True), ((9, 0), False), ((10, 0), False)])
def test_only_gpus_that_mxnet_has_code_for_are_asked_to_compute(machine, gpu_lines, capability, fits):
    machine(Driver(capability=capability), product=2.0 if fits else AssertionError("MXNet was asked"))
    [line] = gpu_lines()
    assert line.startswith("[OK]") == fits
    if not fits:
        assert f"no code for compute capability {capability[0]}.{capability[1]}" in line and "Hopper" in line


def test_a_full_gpu_is_found_by_the_driver_before_mxnet_ends_the_process(machine, gpu_lines):
    machine(Driver(context=2), product=AssertionError("MXNet was asked"))
    [line] = gpu_lines()
    assert "does not compute (cuDevicePrimaryCtxRetain: out of memory)" in line and "nvidia-smi" in line


@pytest.mark.parametrize("product, why, remedy", [
    (3.0, "wrong result", "CUDA_VISIBLE_DEVICES="),
    (1.0, "wrong result", "CUDA_VISIBLE_DEVICES="),
    (mx.MXNetError("Stack trace:\nCheck failed: CUDA: out of memory"), "CUDA: out of memory", "nvidia-smi"),
    (mx.MXNetError("Stack trace:\nno kernel image is available for execution on the device"), "no kernel image",
     "Hopper"),
], ids=["too much", "too little", "out of memory", "no kernel image"])
def test_what_mxnet_says_of_a_gpu_is_passed_on_with_a_remedy(machine, gpu_lines, product, why, remedy):
    machine(Driver(names=["Tesla T4"]), product=product)
    found, remedy_line = gpu_lines()[0].splitlines()
    assert found.startswith("[FAIL] GPU 0: Tesla T4") and f"does not compute ({why}" in found
    assert remedy in remedy_line


def test_the_cpu_build_says_that_make_gpu_would_use_the_gpu(machine, gpu_lines):
    machine(Driver(), gpu_build=False)
    [line] = gpu_lines()
    assert line.startswith("[OK]   GPU: Tesla T4") and "make gpu" in line
    machine(Driver(names=["V100"] * 8, capability=(7, 0)), gpu_build=False)
    assert "V100" in gpu_lines()[0] and "and 7 more: not used" in gpu_lines()[0]
    machine(Driver(names=["NVIDIA H100"], capability=(9, 0)), gpu_build=False)
    [line] = gpu_lines()
    assert "no code for compute capability 9.0" in line and "make gpu" not in line


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """A folder, alone on the path, with the GPU build and CUDA's packages, as far as their files' names."""
    (tmp_path / "mxnet_cu117-1.9.1.dist-info").mkdir()
    (tmp_path / "mxnet_cu117-1.9.1.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: mxnet-cu117\nVersion: 1.9.1\n")
    for library, folder in cuda.LIBRARIES.items():
        path = tmp_path / "nvidia" / folder / "lib" / library
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    (tmp_path / "nvidia/__init__.py").write_text("")  # as in the real packages
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delenv("MXNET_USE_FUSION", raising=False)
    monkeypatch.delenv("MXNET_CUDNN_LIB_CHECKING", raising=False)
    yield tmp_path
    os.environ.pop("MXNET_USE_FUSION", None)
    os.environ.pop("MXNET_CUDNN_LIB_CHECKING", None)


@pytest.fixture
def loaded(monkeypatch):
    """Play the dynamic linker: note what is loaded, refuse what lacks a library that it needs."""
    paths = []

    def load(name, mode=ctypes.DEFAULT_MODE):
        if name == "libcuda.so.1":
            return Driver()
        library = name.rpartition("/")[2]
        missing = NEEDS.get(library, set()) - {path.rpartition("/")[2] for path in paths}
        if library == "libcudnn.so.8":  # opens any of the others while it runs
            missing = cuda.LIBRARIES.keys() - {library} - {path.rpartition("/")[2] for path in paths}
        if missing:
            raise OSError(f"{missing.pop()}: cannot open shared object file: No such file or directory")
        assert mode == ctypes.RTLD_GLOBAL
        paths.append(name)
    monkeypatch.setattr(cuda, "CDLL", load)
    return paths


def test_the_libraries_are_loaded_from_the_environment_each_after_those_that_it_needs(packages, loaded):
    cuda.load_libraries()
    assert loaded == [str(packages / "nvidia" / folder / "lib" / library)
                      for library, folder in cuda.LIBRARIES.items()]
    assert os.environ["MXNET_CUDNN_LIB_CHECKING"] == "0"


def test_a_library_that_is_not_in_the_environment_is_the_systems(packages, loaded):
    shutil.rmtree(packages / "nvidia" / "cufft")
    cuda.load_libraries()
    assert [name for name in loaded if "/" not in name] == ["libcufft.so.10"]
    shutil.rmtree(packages / "nvidia")
    loaded.clear()
    cuda.load_libraries()
    assert loaded == list(cuda.LIBRARIES)


def test_the_cpu_build_loads_nothing_and_changes_nothing(packages, loaded):
    shutil.rmtree(packages / "mxnet_cu117-1.9.1.dist-info")
    before = dict(os.environ)
    cuda.load_libraries()
    assert loaded == [] and os.environ == before


@pytest.mark.parametrize("version, by_the_user, fusion", [
    (11070, None, "0"), (11080, None, None), (12020, None, None), (11040, "1", "1")])
def test_with_a_driver_older_than_its_compiler_mxnet_joins_no_operations(
        packages, monkeypatch, version, by_the_user, fusion):
    monkeypatch.setattr(cuda, "CDLL", lambda name, mode=None: Driver(cuda=version))
    if by_the_user:
        monkeypatch.setenv("MXNET_USE_FUSION", by_the_user)
    cuda.load_libraries()
    assert os.environ.get("MXNET_USE_FUSION") == fusion


@pytest.mark.parametrize("broken", [True, False], ids=["broken", "missing"])
def test_a_library_that_cannot_be_loaded_is_named_and_d2lcnn_still_imports(packages, broken):
    """For real, in a process of its own: these empty files are no libraries."""
    if not broken:
        shutil.rmtree(packages / "nvidia" / "cuda_runtime")
    program = "import d2lcnn\nd2lcnn.check_environment()\ntry:\n d2lcnn.fit\nexcept ImportError as e:\n print(e)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT,
                         env=os.environ | {"PYTHONPATH": str(packages)})
    fail, remedy = re.search(r"\[FAIL\] MXNet: OSError: (.*)\n       remedy: (.*)", run.stdout).groups()
    if broken:
        assert "nvidia/cuda_runtime/lib/libcudart.so.11.0: file too short" in fail
    else:  # unless the system has the first library: then the second, which is empty, is named
        assert "libcudart.so.11.0: cannot open" in fail or "libcublasLt.so.11: file too short" in fail
    assert "make clean gpu lab" in remedy and "make cpu" in remedy
    assert run.stdout.splitlines()[-1].startswith("d2lcnn.fit needs a sound environment (OSError: ")


def test_the_lock_of_the_gpu_build_is_what_pyproject_asks_for_hashed_and_names_no_index():
    group = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["gpu"]
    assert {r.name: f"=={LOCKED[r.name]}" for r in map(Requirement, group)} == {
        r.name: str(r.specifier) for r in map(Requirement, group)}
    assert len(LOCKED) == len(group)
    assert "://" not in LOCK and "--index" not in LOCK and "--find-links" not in LOCK
    for block in re.split(r"\n(?=\S)", LOCK.strip()):
        assert re.match(r"[\w-]+==\S+ \\\n", block) and "--hash=sha256:" in block, block


def test_every_library_has_its_package_in_the_lock_and_the_cpu_build_has_none():
    packages = {f"nvidia-{folder.replace('_', '-')}-cu11" for folder in cuda.LIBRARIES.values()}
    assert packages | {"mxnet-cu117"} == LOCKED.keys()
    assert not re.findall(r"^nvidia-|^mxnet-", (ROOT / "requirements.lock").read_text(), re.M)
    assert not any("nvidia" in requirement for requirement in PROJECT["dependencies"])


@pytest.fixture
def setup(tmp_path):
    """Run setup.sh with a stand-in for .venv/bin/python, and return what it gave to pip: `setup("gpu")`.

    The stand-in keeps the names of the installed packages in a file, as pip would.
    """
    for name in ("setup.sh", "requirements.lock", "requirements-gpu.lock"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f"""#!/bin/sh
exec {shlex.quote(sys.executable)} stand_in.py "$@"
""")  # the first line could not name it: a path there must be without spaces
    python.chmod(0o755)
    (tmp_path / "stand_in.py").write_text("""
import os, re, sys
_, *arguments = sys.argv
if arguments[:2] == ["-m", "pip"]:
    open("asked", "a").write(" ".join(arguments[2:]) + "\\n")
    installed = set(open("installed").read().split()) if os.path.exists("installed") else set()
    locks = [a for a in arguments if a.endswith(".lock")]
    named = {name for lock in locks for name in re.findall(r"^([\\w.-]+)==", open(lock).read(), re.M)}
    named |= {a for a in arguments if a.startswith(("mxnet", "nvidia"))}
    if "show" in arguments:
        sys.exit(not named & installed)
    if "install" in arguments and os.environ.get("FAIL") in locks:
        sys.exit(1)
    installed = installed - named if "uninstall" in arguments else installed | named
    open("installed", "w").write(" ".join(installed))
""")
    (tmp_path / "bin").mkdir()

    def run(*arguments, system="Linux", machine="x86_64", **environment):
        (tmp_path / "bin/uname").write_text(f'#!/bin/sh\ncase $1 in -s) echo {system};; *) echo {machine};; esac\n')
        (tmp_path / "bin/uname").chmod(0o755)
        environment = os.environ | environment | {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
        run = subprocess.run(["sh", "setup.sh", *arguments], cwd=tmp_path, env=environment,
                             capture_output=True, text=True, timeout=300)
        installed = (tmp_path / "installed").read_text().split() if (tmp_path / "installed").exists() else []
        return run, {name for name in installed if name.startswith(("mxnet", "nvidia"))}
    return run


def test_make_gpu_replaces_the_cpu_build_and_later_calls_keep_it_until_make_cpu(setup, tmp_path):
    assert setup()[1] == {"mxnet"}
    assert setup("gpu")[1] == LOCKED.keys()
    for name in ("requirements.lock", "asked"):  # the lock of all other packages is renewed: make calls setup.sh
        (tmp_path / name).touch()
    assert setup()[1] == LOCKED.keys()
    assert setup("cpu")[1] == {"mxnet"}
    assert setup()[1] == {"mxnet"}
    asked = (tmp_path / "asked").read_text()
    assert asked.count("uninstall") == 2, "one build is removed before the other is installed, else nothing is"
    assert all("--require-hashes" in line for line in asked.splitlines() if " install " in line and ".lock" in line)


def test_all_other_packages_of_the_lock_stay_with_the_gpu_build(setup, tmp_path):
    setup()
    before = set((tmp_path / "installed").read_text().split())
    setup("gpu")
    assert set((tmp_path / "installed").read_text().split()) == before - {"mxnet"} | LOCKED.keys()


def test_a_gpu_build_that_could_not_be_installed_is_tried_again_or_given_up_by_make_cpu(setup, tmp_path):
    setup()
    run, installed = setup("gpu", FAIL="requirements-gpu.lock")
    assert run.returncode == 1 and "make cpu" in run.stderr.splitlines()[-1] and installed == set()
    assert not (tmp_path / ".venv/ready").exists(), "make would take a .venv without MXNet for a sound one"
    assert setup()[1] == LOCKED.keys()
    setup("gpu", FAIL="requirements-gpu.lock")
    assert setup("cpu")[1] == {"mxnet"}


@pytest.mark.parametrize("system, machine", [("Darwin", "x86_64"), ("Linux", "aarch64")])
def test_make_gpu_elsewhere_says_in_one_line_why_not(setup, tmp_path, system, machine):
    run, _ = setup("gpu", system=system, machine=machine)
    [line] = run.stderr.splitlines()
    assert run.returncode == 1 and f"not for {system} on {machine}" in line and "CPU" in line
    assert not (tmp_path / ".venv/gpu").exists()
    assert setup(system=system, machine=machine)[1] == {"mxnet"}
