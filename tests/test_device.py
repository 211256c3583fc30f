from d2lcnn import choose, device, try_all_gpus, try_gpu

import mxnet as mx
import pytest
from mxnet import np, npx


@pytest.fixture
def gpus(monkeypatch):
    """Let MXNet count GPUs that this machine lacks: `gpus(2)`, `gpus(1, computes=False)`."""
    def forget():
        device.count_gpus.cache_clear()
        device._computes.cache_clear()

    def imitate(count, computes=True):
        def ones(shape, ctx):
            if not computes:
                raise mx.MXNetError("Stack trace:\nno kernel image is available for execution on the device")
            return np.array([[1.0, 1.0], [1.0, 1.0]])
        monkeypatch.setattr(npx, "num_gpus", lambda: count)
        monkeypatch.setattr(np, "ones", ones)
        forget()
    yield imitate
    forget()


def test_without_a_gpu_the_cpu_is_used(gpus):
    gpus(0)
    assert try_gpu() == npx.cpu()
    assert try_all_gpus() == [npx.cpu()]


def test_gpus_that_compute_are_used(gpus):
    gpus(2)
    assert [try_gpu(), try_gpu(1), try_gpu(2)] == [npx.gpu(0), npx.gpu(1), npx.cpu()]
    assert try_all_gpus() == [npx.gpu(0), npx.gpu(1)]


@pytest.mark.parametrize("entry", [0.0, 3.0])
def test_a_gpu_that_computes_wrongly_is_not_used(gpus, monkeypatch, capsys, entry):
    gpus(1)
    monkeypatch.setattr(np, "ones", lambda shape, ctx: np.full(shape, entry))
    assert try_gpu() == npx.cpu()
    assert "GPU 0" in (said := capsys.readouterr().err) and "wrong result" in said


def test_a_counted_gpu_that_cannot_compute_costs_one_clear_line(gpus, capsys):
    gpus(1, computes=False)
    assert try_gpu() == npx.cpu()
    assert try_all_gpus() == [npx.cpu()]
    [line] = capsys.readouterr().err.splitlines()
    assert "GPU 0" in line and "no kernel image" in line and "Hopper" in line


def test_gpus_that_cuda_cannot_count_are_not_used_and_that_is_said_once(gpus, monkeypatch, capsys):
    def fail():
        raise mx.MXNetError("Stack trace:\nCUDA: unknown error")
    gpus(1)
    monkeypatch.setattr(npx, "num_gpus", fail)
    assert try_gpu() == npx.cpu() and try_all_gpus() == [npx.cpu()]
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("GPUs cannot be counted (CUDA: unknown error): not used")


def test_choose_takes_the_setting_that_fits(monkeypatch):
    settings = dict(cpu=dict(epochs=3, resize=32), gpu=dict(epochs=10, resize=96))
    monkeypatch.delenv("D2LCNN_SCALE", raising=False)
    assert choose(npx.cpu(), **settings).epochs == 3
    assert choose(npx.gpu(), **settings).resize == 96
    monkeypatch.setenv("D2LCNN_SCALE", "full")
    assert choose(npx.cpu(), **settings).epochs == 10


def test_choose_refuses_settings_that_differ_in_names_and_unknown_scales(monkeypatch):
    with pytest.raises(ValueError, match="both must name the same"):
        choose(npx.cpu(), cpu=dict(epochs=3), gpu=dict(epoch=10))
    monkeypatch.setenv("D2LCNN_SCALE", "huge")
    with pytest.raises(ValueError, match="D2LCNN_SCALE='huge'"):
        choose(npx.cpu(), cpu={}, gpu={})
