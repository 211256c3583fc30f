"""The checks of the environment one by one, in this process; test_environment.py breaks whole environments."""
import importlib.metadata
import os
import platform
import sys
from types import SimpleNamespace

import d2lcnn
from d2lcnn import cuda, device, files

import mxnet
import pytest
from jupyter_client.kernelspec import KernelSpecManager


@pytest.fixture
def machine(monkeypatch):
    """A sound machine without a GPU, whatever this one is."""
    monkeypatch.setattr(cuda, "is_gpu_build", lambda: False)
    monkeypatch.setattr(cuda, "gpus", lambda: [])
    monkeypatch.setattr(device, "count_gpus", lambda: 0)
    monkeypatch.setattr(files, "SHA256", {"zoo/gluoncv.csv": files.SHA256["zoo/gluoncv.csv"]})
    monkeypatch.setattr(d2lcnn, "CORES", 4)
    monkeypatch.setattr(d2lcnn, "MXNET_CAME_FIRST", False)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: SimpleNamespace(argv=[sys.executable]))
    return monkeypatch


def lines(capsys):
    sound = d2lcnn.check_environment()
    said = capsys.readouterr().out.splitlines()
    assert sound == (not any(line.startswith("[FAIL]") for line in said))
    return said


def test_a_sound_machine_is_said_to_be_so(machine, capsys):
    assert lines(capsys) == [
        f"[OK]   Python: CPython {platform.python_version()}", "[OK]   NumPy: 1.23.5",
        "[OK]   CPU threads: MXNet uses 2 of 4 usable cores", "[OK]   MXNet: 1.9.1",
        "[OK]   GPU: none: the course takes the CPU", "[OK]   data: 1 files, each with its published SHA-256",
        "[OK]   Jupyter kernel: python3 starts this Python"]


BROKEN = {
    "an old Python": (lambda p: p.setattr(platform, "python_version", lambda: "3.9.2"), "Python: CPython 3.9.2"),
    "a new NumPy": (lambda p: p.setattr(importlib.metadata, "version", lambda name: "1.24.0"), "NumPy: 1.24.0"),
    "a sum that is too large": (lambda p: p.setattr(mxnet.np, "ones", lambda n: mxnet.np.full(n, 2.0)),
                                "MXNet: wrong sum of three ones"),
    "a sum that is too small": (lambda p: p.setattr(mxnet.np, "ones", lambda n: mxnet.np.zeros(n)), "MXNet: wrong sum"),
    "MXNet came first": (lambda p: p.setattr(d2lcnn, "MXNET_CAME_FIRST", True),
                         "CPU threads: MXNet was imported before"),
    "no thread": (lambda p: p.setitem(os.environ, "OMP_NUM_THREADS", "0"), "CPU threads: OMP_NUM_THREADS=0"),
    "too many threads": (lambda p: p.setitem(os.environ, "OMP_NUM_THREADS", "5"), "CPU threads: OMP_NUM_THREADS=5"),
    "data altered": (lambda p: p.setattr(files, "SHA256", {"zoo/gluoncv.csv": "0" * 64}),
                     "data: ValueError: data/zoo/gluon"),
    "another kernel": (lambda p: p.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: SimpleNamespace(
        argv=["/opt/python"])), "Jupyter kernel: python3 starts /opt/python"),
}


@pytest.mark.parametrize("damage, what", BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_named_with_its_remedy_and_the_rest_is_sound(machine, capsys, damage, what):
    damage(machine)
    said = lines(capsys)
    [i] = [i for i, line in enumerate(said) if line.startswith("[FAIL]")]
    assert said[i].startswith(f"[FAIL] {what}") and said[i + 1].startswith("       remedy: ")
    assert len(said) == 8 and sum(line.startswith("[OK]") for line in said) == 6


@pytest.mark.parametrize("threads", ["1", "4"])
def test_every_number_of_threads_up_to_the_cores_is_sound(machine, capsys, threads):
    machine.setenv("OMP_NUM_THREADS", threads)
    assert f"[OK]   CPU threads: MXNet uses {threads} of 4 usable cores" in lines(capsys)


@pytest.mark.parametrize("program", ["python", "python3", f"python{platform.python_version()[:4]}"])
def test_a_kernel_may_be_named_without_its_path(machine, capsys, program):
    machine.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: SimpleNamespace(argv=[program]))
    assert lines(capsys)[-1].startswith("[OK]")


def test_the_build_for_the_cpu_names_the_gpus_that_it_leaves_idle(machine, capsys):
    machine.setattr(cuda, "no_code_for", lambda gpu: None)
    for gpus, found in ((["T4"], "T4: not used"), (["T4", "T4", "V100"], "T4 and 2 more: not used")):
        machine.setattr(cuda, "gpus", lambda gpus=gpus: gpus)
        [line] = [line for line in lines(capsys) if "GPU" in line]
        assert line.startswith(f"[OK]   GPU: {found}, the course takes the CPU; make gpu installs the build of MXNet")
    machine.setattr(cuda, "no_code_for", lambda gpu: "MXNet has no code for it")
    assert any(line.endswith("the course takes the CPU; MXNet has no code for it") for line in lines(capsys))


@pytest.mark.parametrize("gpu_build", [False, True])
def test_a_driver_that_cannot_be_asked_matters_to_the_build_for_gpus_alone(machine, capsys, gpu_build):
    def ask():
        if asked.pop():  # counted first, then named
            raise RuntimeError("no driver")
        return []
    asked = [True, False] if gpu_build else [True]
    machine.setattr(cuda, "gpus", ask)
    machine.setattr(cuda, "is_gpu_build", lambda: gpu_build)
    machine.setattr(cuda, "load_libraries", lambda: None)
    machine.setattr(cuda, "remedy", lambda why: f"see {why}")
    [line] = [line for line in lines(capsys) if " GPU:" in line]
    assert line == ("[FAIL] GPU: no driver" if gpu_build else "[OK]   GPU: none: the course takes the CPU")


def test_each_gpu_of_the_build_for_gpus_has_a_line(machine, capsys):
    machine.setattr(cuda, "is_gpu_build", lambda: True)
    machine.setattr(cuda, "load_libraries", lambda: None)
    machine.setattr(cuda, "gpus", lambda: ["T4"])
    machine.setattr(device, "count_gpus", lambda: 2)
    machine.setattr(cuda, "why_not", lambda i: "it is full" if i else None)
    machine.setattr(cuda, "remedy", lambda why: f"because {why}, another")
    said = lines(capsys)
    i = said.index("[OK]   GPU 0: T4: has computed")
    assert said[i + 1:i + 3] == ["[FAIL] GPU 1: counted by MXNet: does not compute (it is full)",
                                 "       remedy: because it is full, another"]
