"""The choice of a device, on machines that are imitated."""
from d2lcnn import choose, device, try_all_gpus, try_gpu

import mxnet as mx
import numpy
import pytest
from mxnet import np, npx
from mxnet.gluon import nn

from .small import sequence


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
    assert choose(npx.gpu(), **settings).resize == choose([npx.gpu(), npx.gpu(1)], **settings).resize == 96
    monkeypatch.setenv("D2LCNN_SCALE", "full")
    assert choose(npx.cpu(), **settings).epochs == 10


def test_choose_refuses_settings_that_differ_in_names_and_unknown_scales(monkeypatch):
    with pytest.raises(ValueError, match="both must name the same"):
        choose(npx.cpu(), cpu=dict(epochs=3), gpu=dict(epoch=10))
    monkeypatch.setenv("D2LCNN_SCALE", "huge")
    with pytest.raises(ValueError, match="D2LCNN_SCALE='huge'"):
        choose(npx.cpu(), cpu={}, gpu={})


def test_a_gpu_that_nobody_can_have_is_the_cpu(gpus):
    gpus(2)
    assert try_gpu(-1) == try_gpu(2) == npx.cpu()


def test_a_gpu_is_asked_to_compute_once(gpus, monkeypatch):
    asked = []
    gpus(1)
    monkeypatch.setattr(np, "ones", lambda shape, ctx: asked.append(ctx) or np.full(shape, 1.0))
    assert [try_gpu() for _ in range(3)] == [npx.gpu(0)] * 3 and try_all_gpus() == [npx.gpu(0)]
    assert asked == [npx.gpu(0)]


def test_the_device_of_a_network_is_that_of_its_first_initialized_parameter():
    net = sequence(nn.Dense(3), nn.Dense(2, in_units=3))
    assert device.device_of(net) is device.device_of(nn.Flatten()) is None
    net[1].initialize(ctx=mx.cpu(1))
    assert device.device_of(net) == mx.cpu(1)


def test_arrays_of_every_kind_become_arrays_of_numpy():
    for array in (np.array([1.0, 2.0]), mx.nd.array([1.0, 2.0]), numpy.array([1.0, 2.0]), [1.0, 2.0],
                  list(np.array([1.0, 2.0])), (1, mx.nd.array([2.0])[0])):
        assert type(device.to_numpy(array)) is numpy.ndarray and device.to_numpy(array).tolist() == [1.0, 2.0]


def test_arrays_go_to_a_device_or_stay_where_they_are():
    arrays = np.zeros(2), np.ones(2, ctx=mx.cpu(1))
    assert [a.ctx for a in device.to_device(mx.cpu(1), *arrays)] == [mx.cpu(1)] * 2
    assert device.to_device(None, *arrays) == list(arrays)


def test_the_reason_of_an_error_of_mxnet_is_its_last_line():
    error = mx.MXNetError("Traceback (most recent call last):\nMXNetError: Check failed: a == b (1 vs. 2) : why\n")
    assert device.reason(error) == "a == b (1 vs. 2) : why" and device.reason(ValueError("so it is")) == "so it is"
