"""The environment check, in environments broken on purpose: packages that shadow the real ones, damaged copies."""
import os
import shutil
import subprocess
import sys

import pytest

from .notebooks import ROOT


@pytest.fixture
def course(tmp_path):
    """A copy of the library with its data as links, and a folder `fake` that comes first on the path."""
    shutil.copytree(ROOT / "d2lcnn", tmp_path / "d2lcnn")
    for path in (ROOT / "data").rglob("*.*"):
        link = tmp_path / path.relative_to(ROOT)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    (tmp_path / "fake").mkdir()
    return tmp_path


def check(course, **environment):
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"} | environment
    environment["PYTHONPATH"] = os.pathsep.join([str(course / "fake"), str(course)])
    run = subprocess.run([sys.executable, "-m", "d2lcnn"], capture_output=True, text=True, env=environment, cwd=course)
    assert "Traceback" not in run.stderr, run.stderr
    return run.returncode, run.stdout.splitlines()


def failed(course, what, **environment):
    """Return the line that says that `what` and nothing else failed, and its remedy."""
    status, lines = check(course, **environment)
    bad = [i for i, line in enumerate(lines) if line.startswith("[FAIL]")]
    assert status == 1 and len(bad) == 1 and lines[bad[0]].startswith(f"[FAIL] {what}:"), lines
    assert lines[bad[0] + 1].startswith("       remedy: ") and len(lines[bad[0] + 1]) > 25
    return lines[bad[0]], lines[bad[0] + 1]


def fake(course, package, source):
    (course / "fake" / package).mkdir()
    (course / "fake" / package / "__init__.py").write_text(source)


def test_a_sound_environment_is_ok_line_by_line(course):
    status, lines = check(course)
    assert status == 0 and all(line.startswith("[OK]   ") for line in lines), lines
    assert [line[7:].split(":")[0] for line in lines] == [
        "Python", "NumPy", "CPU threads", "MXNet", "GPU", "data", "Jupyter kernel"]


def test_a_new_numpy_is_found_before_mxnet_trips_over_it(course):
    (course / "fake/numpy-1.26.4.dist-info").mkdir()
    (course / "fake/numpy-1.26.4.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: numpy\nVersion: 1.26.4\n")
    found, remedy = failed(course, "NumPy")
    assert "1.26.4" in found and "np.bool" in remedy and "numpy==1.23.5" in remedy


def test_an_mxnet_that_cannot_be_imported_is_named_and_the_rest_is_still_checked(course):
    fake(course, "mxnet", "raise OSError('libcuda.so.1: cannot open shared object file')")
    found, remedy = failed(course, "MXNet")
    assert "libcuda.so.1" in found and "README" in remedy


def test_too_few_or_too_many_threads_are_refused(course):
    for threads in ("0", "4096"):
        found, remedy = failed(course, "CPU threads", OMP_NUM_THREADS=threads)
        assert f"OMP_NUM_THREADS={threads}" in found and "unset" in remedy


def test_a_gpu_that_is_counted_but_cannot_compute_fails(course):
    with (course / "d2lcnn/device.py").open("a") as file:
        file.write("\nnpx.num_gpus = lambda: 1\n")
    found, remedy = failed(course, "GPU 0")
    assert "does not compute" in found and "Hopper" in remedy


@pytest.mark.parametrize("damage, word", [
    (lambda path: path.unlink(), "missing"),
    (lambda path: (path.unlink(), path.write_bytes(b"\x1f\x8b")), "cannot be read")], ids=["missing", "truncated"])
def test_damaged_data_are_named(course, damage, word):
    damage(course / "data/mnist/train-images-idx3-ubyte.gz")
    found, remedy = failed(course, "data")
    assert word in found and "mnist/train-images-idx3-ubyte.gz" in found and "git checkout" in remedy


def test_a_kernel_that_starts_another_python_is_found(course):
    kernel = course / "jupyter/kernels/python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(
        '{"argv": ["/opt/other/python"], "display_name": "other", "language": "python"}')
    found, remedy = failed(course, "Jupyter kernel", JUPYTER_PATH=str(course / "jupyter"))
    assert "/opt/other/python" in found and "make lab" in remedy


def test_a_missing_kernel_package_is_found(course):
    fake(course, "ipykernel", "raise ModuleNotFoundError('No module named ipykernel')")
    found, _ = failed(course, "Jupyter kernel")
    assert "ipykernel" in found
