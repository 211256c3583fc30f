import os
import subprocess
import sys

import d2lcnn

import pytest


def python(source, **environment):
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"} | environment
    return subprocess.run([sys.executable, "-W", "always::UserWarning", "-c", source], capture_output=True, text=True,
                          env=environment, check=True)


def test_mxnet_gets_every_usable_core_unless_the_user_says_otherwise():
    source = "import d2lcnn, os; print(os.environ['OMP_NUM_THREADS'])"
    assert python(source).stdout.strip() == str(d2lcnn.CORES)
    assert python(source, OMP_NUM_THREADS="1").stdout.strip() == "1"


@pytest.mark.skipif(d2lcnn.cuda.is_gpu_build(), reason="without d2lcnn the GPU build does not find CUDA's libraries")
def test_importing_mxnet_first_is_warned_about():
    assert "import d2lcnn first" in python("import mxnet, d2lcnn").stderr
    assert "import d2lcnn first" not in python("import d2lcnn, mxnet").stderr
    assert "import d2lcnn first" not in python("import mxnet, d2lcnn", OMP_NUM_THREADS="2").stderr


def test_threads_that_are_not_a_number_are_replaced_before_mxnet_dies_of_them():
    run = python("import d2lcnn, os; print(os.environ['OMP_NUM_THREADS'])", OMP_NUM_THREADS="4,2")
    assert run.stdout.strip() == str(d2lcnn.CORES) and "OMP_NUM_THREADS='4,2' is not a number" in run.stderr


def test_a_large_copy_starts_no_second_team_of_threads():
    source = """if True:
        import os, numpy, d2lcnn
        from mxnet import np
        np.ones(10**6).wait_to_read()
        before = os.listdir("/proc/self/task")
        np.array(numpy.ones(10**6)).asnumpy()
        print(len(os.listdir("/proc/self/task")) - len(before))"""
    if os.path.exists("/proc/self/task"):
        assert python(source, OMP_NUM_THREADS="2").stdout.strip() == "0"
        assert python(source, OMP_NUM_THREADS="2", MXNET_CPU_PARALLEL_SIZE="1000").stdout.strip() == "1"


def test_operations_share_one_scratch_space():
    source = """if True:
        import d2lcnn
        from mxnet import np, npx
        def peak():  # MB; getrusage would begin with the peak of the parent process
            return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) // 1024
        X = np.zeros((1, 20_000_000))
        for i in range(5):
            npx.topk(X, axis=1).wait_to_read()  # takes a scratch space of 80 MB, on every processor
            first = peak() if i == 0 else first
        print(peak() - first)"""
    if os.path.exists("/proc/self/status"):
        assert int(python(source).stdout) < 40
        assert int(python(source, MXNET_CPU_TEMP_COPY="4").stdout) > 200


def test_a_broken_environment_still_imports_and_names_the_remedy(tmp_path):
    (tmp_path / "mxnet.py").write_text("raise OSError('libcuda.so.1: cannot open shared object file')")
    run = python("import d2lcnn; d2lcnn.check_environment()\ntry:\n    d2lcnn.train\nexcept ImportError as e: print(e)",
                 PYTHONPATH=str(tmp_path))
    assert "[FAIL] MXNet: OSError: libcuda.so.1" in run.stdout
    assert run.stdout.splitlines()[-1].startswith("d2lcnn.train needs a sound environment (OSError: libcuda.so.1")


def test_arrays_are_numpy_style_after_the_import():
    assert python("import d2lcnn; from mxnet import npx; print(npx.is_np_array())").stdout.strip() == "True"


def test_every_public_name_has_a_docstring():
    for name in d2lcnn.__all__:
        thing = getattr(d2lcnn, name)
        assert not callable(thing) or thing.__doc__, name
