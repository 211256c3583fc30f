"""Training on several devices at once, two contexts of this CPU; and what each of several processes takes."""
import os
import subprocess
import sys

from d2lcnn import evaluate_accuracy, fit, train, workers
from d2lcnn.device import to_devices

import numpy
import pytest
from mxnet import init, np, npx
from mxnet.gluon import nn

from .notebooks import ROOT
from .small import CPU, sequence, small_data, small_net, timeless

BOTH = [CPU, npx.cpu(1)]


def plain(devices):
    """A network without dropout and running statistics: on several devices it must learn the same."""
    net = sequence(nn.Conv2D(4, 3, activation="relu"), nn.Dense(3))
    net.initialize(init.Xavier(), ctx=devices, force_reinit=True)
    return net


def on(net, device):
    return [p.data(device).asnumpy() for p in net.collect_params().values()]


@pytest.mark.parametrize("n, parts", [(7, [3, 4]), (2, [1, 1]), (1, [1, 1])])
def test_each_device_gets_its_part_of_a_batch_and_a_single_image_goes_to_all(n, parts):
    X = np.arange(n, dtype="float32")
    found = to_devices(BOTH, X, X * 10)
    assert [len(X) for X, _ in found] == parts and [X.ctx for X, _ in found] == [y.ctx for _, y in found] == BOTH
    assert all((y == 10 * X).all() for X, y in found)
    if n > 1:
        assert numpy.concatenate([X.asnumpy() for X, _ in found]).tolist() == list(range(n))


@pytest.mark.parametrize("optimizer", [None, "adam"])
def test_two_devices_learn_what_one_learns(optimizer):
    """17 images make batches of 4 and a last one of 1, which is too small to be shared."""
    data, histories, ends = (small_data(17), small_data(12, shuffle=False)), [], []
    for devices in CPU, BOTH:
        net = plain(devices)
        histories.append(fit(net, data, 3, 0.05, devices, optimizer=optimizer, show=False))
        ends.append(on(net, CPU))
    for one, two in zip(*ends, strict=True):
        numpy.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-5)
    numpy.testing.assert_allclose(histories[0].loss, histories[1].loss, rtol=1e-4)
    assert histories[0].train_acc == histories[1].train_acc
    assert all((a == b).all() for a, b in zip(on(net, BOTH[0]), on(net, BOTH[1]), strict=True))


def test_running_statistics_are_the_same_on_all_devices_after_an_epoch():
    net = small_net()
    fit(net, (small_data(16), small_data(12, shuffle=False)), 1, 0.05, BOTH, show=False)
    assert all((a == b).all() for a, b in zip(on(net, BOTH[0]), on(net, BOTH[1]), strict=True))
    assert evaluate_accuracy(net, small_data(12), BOTH[1]) == evaluate_accuracy(net, small_data(12))


def test_a_run_on_two_devices_resumes(tmp_path):
    data, path = (small_data(17), None), tmp_path / "run.npz"
    settings = dict(momentum=0.9, seed=1, show=False, checkpoint_every=3, checkpoint=path)
    whole = train(net := plain(BOTH), *data, 2, 0.05, BOTH, **settings | {"checkpoint": tmp_path / "whole.npz"})
    train(plain(BOTH), *data, 2, 0.05, BOTH, **settings, each_batch=lambda history: len(history.batch_loss) == 8)
    resumed = train(again := plain(BOTH), *data, 2, 0.05, BOTH, **settings)
    assert timeless(resumed) == timeless(whole)
    for device in BOTH:
        assert all((a == b).all() for a, b in zip(on(net, device), on(again, device), strict=True))
    with pytest.raises(ValueError, match="devices 2 there, None here"):
        train(plain(CPU), *data, 2, 0.05, CPU, **settings)


def test_parts_are_equally_large_disjoint_and_keep_what_batches_are():
    batches = small_data(20, batch_size=4).augmented(flip=0.5)
    parts = [batches.part(i, 3) for i in range(3)]
    assert [len(part.labels) for part in parts] == [6] * 3
    assert all(repr(part).replace("6 images", "20 images") == repr(batches) for part in parts)
    together = numpy.stack([part.images.asnumpy() for part in parts], axis=1).reshape(18, 8, 8, 1)
    assert (together == batches.images.asnumpy()[:18]).all()


@pytest.mark.parametrize("i, n", [(3, 3), (-1, 3), (0, 0), (0, 21), (0.5, 2), ("0", 2)])
def test_a_part_that_is_none_is_refused(i, n):
    with pytest.raises(ValueError, match=f"part {i!r} of {n!r}: there must be 1..20 parts"):
        small_data(20).part(i, n)


def test_alone_nothing_is_shared(monkeypatch):
    batches = small_data()
    assert workers.share(batches) is batches and workers.agree([3]) == [3]
    monkeypatch.setattr(workers, "SIZE", 2)
    assert len(workers.share(batches).labels) == 9
    with pytest.raises(ValueError, match="train_iter must be Batches to be shared by 2 workers, got list"):
        workers.share([1, 2])
    with pytest.raises(ValueError, match="device must be one context in each of 2 workers"):
        fit(sequence(nn.Dense(3)), (batches, None), 1, 0.1, BOTH)


@pytest.mark.parametrize("local_size", [1, 2, 1000])
def test_a_worker_knows_its_place_and_takes_its_share_of_the_cores(local_size):
    program = ("import d2lcnn, inspect, os; from d2lcnn import workers as w; from d2lcnn.device import try_gpu; "
               "print(w.RANK, w.SIZE, w.LOCAL_RANK, inspect.signature(try_gpu).parameters['i'].default, d2lcnn.CORES, "
               "os.environ['OMP_NUM_THREADS'])")
    env = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    env |= {"HOROVOD_RANK": "5", "HOROVOD_SIZE": "9", "HOROVOD_LOCAL_RANK": "3", "HOROVOD_LOCAL_SIZE": str(local_size)}
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    *place, cores, threads = map(int, run.stdout.split())
    assert place == [5, 9, 3, 3] and threads == max(1, cores // local_size)


def test_without_horovod_the_error_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "horovod", None)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    with pytest.raises(ImportError, match="Horovod is not installed in this environment .*: make horovod"):
        workers.start()
