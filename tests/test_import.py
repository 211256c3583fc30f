import inspect
import os
import subprocess
import sys
import threading
from pathlib import Path

import d2lcnn

import pytest
from matplotlib import pyplot as plt
from mxnet import npx


def python(source, **environment):
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"} | environment
    return subprocess.run([sys.executable, "-W", "always::UserWarning", "-c", source], capture_output=True, text=True,
                          env=environment, check=True)


@pytest.fixture
def fake(tmp_path):
    """A package `mxnet` that cannot be used, so that an import of d2lcnn ends soon after it has set the threads."""
    (tmp_path / "mxnet.py").write_text("def __getattr__(name): raise OSError('libcuda.so.1: cannot open')")
    return dict(PYTHONPATH=str(tmp_path))


def test_mxnet_gets_every_usable_core_unless_the_user_says_otherwise(fake):
    source = "import d2lcnn, os; print(*(os.environ[name] for name in ('OMP_NUM_THREADS', " \
             "'MXNET_CPU_PARALLEL_SIZE', 'MXNET_CPU_TEMP_COPY')))"
    assert python(source, **fake).stdout.split() == [str(d2lcnn.CORES), "2147483647", "1"]
    theirs = dict(OMP_NUM_THREADS="3", MXNET_CPU_PARALLEL_SIZE="5", MXNET_CPU_TEMP_COPY="4")
    assert python(source, **fake, **theirs).stdout.split() == ["3", "5", "4"]


def test_importing_mxnet_first_is_warned_about(fake):
    assert "import d2lcnn first" in python("import mxnet, d2lcnn", **fake).stderr
    assert "import d2lcnn first" not in python("import d2lcnn, mxnet", **fake).stderr
    assert "import d2lcnn first" not in python("import mxnet, d2lcnn", OMP_NUM_THREADS="2", **fake).stderr


def test_threads_that_are_not_a_number_are_replaced_before_mxnet_dies_of_them(fake):
    run = python("import d2lcnn, os; print(os.environ['OMP_NUM_THREADS'])", OMP_NUM_THREADS="4,2", **fake)
    assert run.stdout.strip() == str(d2lcnn.CORES) and "OMP_NUM_THREADS='4,2' is not a number" in run.stderr


@pytest.mark.parametrize("limit, cores", [
    ("max 100000", 8), ("150000 100000", 2), ("100000 100000", 1), ("50000 100000", 1), ("1 100000", 1),
    ("900000 100000", 8), ("300000 100000", 3), ("nonsense", 8), (None, 8)])
def test_a_container_may_use_the_cores_of_its_quota_rounded_up(monkeypatch, limit, cores):
    class Limit:
        def __init__(self, path):
            assert path == "/sys/fs/cgroup/cpu.max"

        def read_text(self):
            if limit is None:
                raise FileNotFoundError
            return limit + "\n"
    monkeypatch.setattr(d2lcnn, "Path", Limit)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: range(8) if process == 0 else (), raising=False)
    assert d2lcnn._usable_cores() == cores
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert d2lcnn._usable_cores() == cores


LOOK = """if True:
    import os, numpy, d2lcnn
    from mxnet import np, npx
    def threads():
        return len(os.listdir("/proc/self/task"))
    def peak():  # MB; getrusage would begin with the peak of the parent process
        return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) // 1024
    np.ones(10**6).wait_to_read()
    before = threads()
    np.array(numpy.ones(10**6)).asnumpy()
    print(threads() - before)
    X = np.zeros((1, 20_000_000))
    for i in range(5):
        npx.topk(X, axis=1).wait_to_read()  # takes a scratch space of 80 MB, on every processor
        first = peak() if i == 0 else first
    print(peak() - first)"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="only Linux tells")
def test_a_large_copy_starts_no_second_team_of_threads_and_operations_share_one_scratch_space():
    threads, memory = map(int, python(LOOK, OMP_NUM_THREADS="2").stdout.split())
    assert threads == 0 and memory < 40
    settings = dict(MXNET_CPU_PARALLEL_SIZE="1000", MXNET_CPU_TEMP_COPY="4")  # as MXNet is by itself
    threads, memory = map(int, python(LOOK, OMP_NUM_THREADS="2", **settings).stdout.split())
    assert threads == 1 and memory > 200


def test_a_broken_environment_still_imports_and_names_the_remedy(fake):
    run = python("import d2lcnn; d2lcnn.check_environment()\ntry: d2lcnn.train\nexcept ImportError as e: print(e)\n"
                 "try: d2lcnn.trian\nexcept AttributeError as e: print(e)", **fake)
    lines = run.stdout.splitlines()
    assert "[FAIL] MXNet: " in run.stdout and "OSError: libcuda.so.1" in run.stdout
    assert lines[-2].startswith("d2lcnn.train needs a sound environment (OSError: libcuda.so.1")
    assert lines[-1] == "d2lcnn has no trian"


def test_arrays_are_numpy_style_in_every_thread_after_the_import():
    seen = []
    thread = threading.Thread(target=lambda: seen.append((npx.is_np_array(), npx.is_np_shape())))
    thread.start()
    thread.join()
    assert seen == [(True, True)] and npx.is_np_array()


def test_every_public_name_is_there_and_has_a_docstring_and_the_map_names_every_module():
    for name in d2lcnn.__all__:
        thing = getattr(d2lcnn, name)
        assert not (inspect.isroutine(thing) or inspect.isclass(thing)) or thing.__doc__.strip(), name
    modules = {path.stem for path in Path(d2lcnn.__file__).parent.iterdir() if not path.name.startswith("_")
               and (path.suffix == ".py" or (path / "__init__.py").exists())}
    assert {name for name in modules if f"`{name}`" not in d2lcnn.__doc__} == set()


def test_the_style_of_the_course_is_readable_whatever_the_users_was():
    with plt.rc_context():
        plt.style.use("dark_background")
        plt.style.use(["default", str(Path(d2lcnn.__file__).parent / "course.mplstyle")])
        dark = [plt.rcParams[name] for name in ("text.color", "axes.labelcolor", "xtick.color")]
        assert dark == ["black"] * 3 and plt.rcParams["figure.facecolor"] == "white"
