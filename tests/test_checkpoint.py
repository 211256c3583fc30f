import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import zipfile

from d2lcnn import evaluate_accuracy, fit, load_data_mnist, seeds, set_seed, train
from d2lcnn.data import Batches
from d2lcnn.files import DATA

import mxnet as mx
import numpy
import pytest
from jupyter_client import KernelManager
from mxnet import init, lr_scheduler, npx
from mxnet.gluon import nn

CPU = npx.cpu()


class Interrupted(Batches):
    """Batches that do something before batch `at`, counted over all epochs from 0 (`train` looks at the first)."""

    def __init__(self, batches, at, what):
        vars(self).update(vars(batches))
        self.left, self.what = at + 1, what

    def __iter__(self):
        for batch in super().__iter__():
            if self.left == 0:
                self.what()
            self.left -= 1
            yield batch


class PowerCut(Exception):
    pass


def cut():
    raise PowerCut


@pytest.fixture(scope="module")
def mnist():
    return load_data_mnist(4, examples=40, device=CPU)  # 10 batches


@pytest.fixture(autouse=True)
def short_epochs(monkeypatch):
    monkeypatch.setattr(seeds, "RESEED", 4)  # an epoch of 10 batches is seeded three times, as one of 96 would be


def small_net(dropout=0.5, outputs=10, channels=16):
    net = nn.HybridSequential()
    net.add(nn.Conv2D(channels, 3, strides=2, activation="relu"), nn.BatchNorm(), nn.Dropout(dropout),
            nn.Dense(outputs))
    net.initialize(init.Xavier(), ctx=CPU)
    return net


def learn(data, net=None, num_epochs=2, lr=0.05, momentum=0.9, seed=3, **options):
    """Train and return the network, its arrays, and the history without its times."""
    net = net or small_net()
    history = train(net, *data, num_epochs, lr, CPU, momentum=momentum, seed=seed, show=False, **options)
    timeless = {k: v for k, v in vars(history).items() if k not in ("seconds", "images_per_s")}
    return net, arrays(net), timeless


def arrays(net):
    return [p.data().asnumpy() for p in net.collect_params().values()]


def assert_same(first, second):
    assert first[2] == second[2]
    assert all(numpy.array_equal(a, b) for a, b in zip(first[1], second[1], strict=True))


def cosine(): return lr_scheduler.CosineScheduler(13, base_lr=0.05, final_lr=0.01)  # ends during the second epoch
def factor(): return lr_scheduler.FactorScheduler(3, 0.9, base_lr=0.05)
def steps(): return lr_scheduler.MultiFactorScheduler([4, 11], 0.1, base_lr=0.05, warmup_steps=2)


@pytest.mark.parametrize("at, every, options", [
    (9, 1, {}),                                         # before the last batch of the first epoch
    (10, None, {}),                                     # between two epochs
    (15, None, dict(seed=None)),
    (19, 3, dict(lr_scheduler=cosine)),
    (6, 2, dict(lr_scheduler=factor, weight_decay=0.01)),
    (18, 7, dict(lr_scheduler=steps)),
    (5, 4, dict(momentum=0.0)),                         # where the generators are seeded anew
    (35, 3, dict(plateau=1, lr=1e-9, num_epochs=4)),    # learns nothing, so the rate falls after each epoch
])
def test_a_run_that_goes_on_equals_one_that_was_not_cut(mnist, tmp_path, at, every, options):
    def call(data, **more):
        given = options | more
        if given.get("lr_scheduler"):
            given["lr_scheduler"] = given["lr_scheduler"]()
        return learn(data, **given)
    path = tmp_path / "run.npz"
    with pytest.raises(PowerCut):
        call([Interrupted(mnist[0], at, cut), mnist[1]], checkpoint=path, checkpoint_every=every)
    with numpy.load(path) as file:  # what is inside can be read without pickle
        run = json.loads(file["run.json"])
        assert all(file[name].dtype == numpy.float32 for name in file.files if name != "run.json")
    done = len(run["history"]["batch_loss"])
    assert done and done == (at // 10 * 10 if every is None else done) and at - done <= (every or 10)
    resumed = call(mnist, checkpoint=path, checkpoint_every=every)
    assert_same(resumed, call(mnist, seed=run["seed"]))
    assert os.listdir(tmp_path) == ["run.npz"]


def test_a_checkpoint_changes_no_number(mnist, tmp_path):
    plain = learn(mnist)
    assert_same(plain, learn(mnist, checkpoint=tmp_path / "a.npz"))
    assert_same(plain, learn(mnist, checkpoint=tmp_path / "b.npz", checkpoint_every=3))


def test_a_finished_run_returns_its_history_at_once_and_a_higher_num_epochs_goes_on(mnist, tmp_path):
    path = tmp_path / "run.npz"
    finished = learn(mnist, checkpoint=path)
    content = path.read_bytes()
    only_looked_at = [Interrupted(mnist[0], 0, cut), mnist[1]]
    assert_same(finished, learn(only_looked_at, checkpoint=path))
    assert path.read_bytes() == content
    assert_same(learn(mnist, num_epochs=3, checkpoint=path), learn(mnist, num_epochs=3))


def test_fit_without_a_seed_goes_on_with_the_one_it_drew(mnist, tmp_path):
    options = dict(seed=None, show=False, checkpoint=tmp_path / "run.npz")
    first = fit(small_net(), mnist, 1, 0.05, CPU, **options)
    net = small_net()
    assert fit(net, mnist, 1, 0.05, CPU, **options).batch_loss == first.batch_loss
    assert evaluate_accuracy(net, mnist[1]) == first.test_acc[-1]


def test_whole_numbers_of_numpy_are_whole_numbers(mnist, tmp_path):
    one, path = numpy.int64(1), tmp_path / "run.npz"
    options = dict(plateau=one, checkpoint=path, checkpoint_every=one)
    first = learn(mnist, num_epochs=one, seed=one, **options)
    assert_same(first, learn(mnist, num_epochs=1, seed=1, plateau=1, checkpoint=path))
    with pytest.raises(ValueError, match="plateau 1 there, 2 here"):
        learn(mnist, num_epochs=1, seed=1, plateau=2, checkpoint=path)
    fit(small_net(), mnist, one, 0.05, CPU, show=False)
    fit(small_net(), mnist, 1, 0.05, CPU, seed=one, show=False)


def test_one_scheduler_serves_the_same_line_again(mnist, tmp_path):
    schedule, path = cosine(), tmp_path / "run.npz"
    with pytest.raises(PowerCut):
        learn([Interrupted(mnist[0], 15, cut), mnist[1]], lr_scheduler=schedule, checkpoint=path)
    assert_same(learn(mnist, lr_scheduler=schedule, checkpoint=path), learn(mnist, lr_scheduler=schedule))


def other_data(batch_size=4, **options):
    return dict(data=load_data_mnist(batch_size, device=CPU, **(dict(examples=40) | options)))


@pytest.fixture(scope="module")
def kept(mnist, tmp_path_factory):
    """The file of a finished run."""
    path = tmp_path_factory.mktemp("kept") / "run.npz"
    learn(mnist, checkpoint=path)
    return path


def refused(path, message, mnist, **change):
    """Assert that going on from `path` is refused, by name, and that neither file nor network is changed."""
    content, net = path.read_bytes(), change.pop("net", None) or small_net()
    data = change.pop("data", mnist)
    set_seed(0)
    net(next(iter(data[0]))[0][:1])
    before = arrays(net)
    with pytest.raises(ValueError, match=message) as raised:
        learn(data, net, checkpoint=path, **change)
    assert str(path) in str(raised.value) and "path" in str(raised.value).replace(str(path), "")
    assert path.read_bytes() == content
    assert all(numpy.array_equal(a, b) for a, b in zip(before, arrays(net), strict=True))


@pytest.mark.parametrize("change, message", [
    (lambda: dict(lr=0.1), r"lr 0\.05 there, 0\.1 here"),
    (lambda: dict(momentum=0.5), r"momentum 0\.9 there, 0\.5 here"),
    (lambda: dict(momentum=0.0), r"momentum 0\.9 there, 0\.0 here"),
    (lambda: dict(weight_decay=0.1), r"weight_decay 0\.0 there, 0\.1 here"),
    (lambda: dict(seed=4), "seed 3 there, 4 here"),
    (lambda: dict(seed=None), "seed 3 there, None here"),
    (lambda: dict(plateau=2), "plateau None there, 2 here"),
    (lambda: dict(lr_scheduler=cosine()), "lr_scheduler None there, .*CosineScheduler.* here"),
    (lambda: dict(num_epochs=1), "beyond epoch 1 there, num_epochs=1 here"),
    (lambda: other_data(8), r"batches 10 there, 5 here; shape of a batch \[4, 1, 28, 28\] there, \[8, 1, 28, 28\]"),
    (lambda: other_data(resize=32), r"shape of a batch \[4, 1, 28, 28\] there, \[4, 1, 32, 32\] here"),
    (lambda: other_data(examples=38), r"CRC-32 of the first labels \d+ there, \d+ here"),
    (lambda: other_data(seed=1), r"CRC-32 of the first labels \d+ there, \d+ here"),
    (lambda: dict(net=small_net(channels=5)), r"network .*Conv2D\(1 -> 16.* there, .*Conv2D\(1 -> 5.* here"),
    (lambda: dict(net=small_net(dropout=0.1)), r"network .*Dropout\(p = 0\.5.* there, .*Dropout\(p = 0\.1.* here"),
    (lambda: dict(net=small_net(outputs=300)), r"network .*-> 10.* there, .*-> 300.* here"),
])
def test_the_file_of_another_run_is_refused_with_what_differs(mnist, kept, change, message):
    refused(kept, message, mnist, **change())


def rewritten(path, change):
    """Write the archive anew with its members changed by `change(dict of name -> bytes)`."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)


def text(path, change):
    def changed(members):
        run = json.loads(members["run.json"])
        change(run)
        members["run.json"] = json.dumps(run)
    rewritten(path, changed)


def compressed(path):
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("run.json", b" " * 2 * 10**8)


def huge_shape(members):
    members["net/0.weight.npy"] = members["net/0.weight.npy"].replace(b"(16, 1, 3, 3)", b"(4294967296,)")


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-1000]),
    "half": lambda path: path.write_bytes(path.read_bytes()[:path.stat().st_size // 2]),
    "bit flipped in an array": lambda path: path.write_bytes(
        (content := bytearray(path.read_bytes())).__setitem__(-9000, content[-9000] ^ 4) or content),
    "text": lambda path: path.write_text("epoch 1 loss 2.3"),
    "a picture": lambda path: shutil.copy(DATA / "photos/cat.png", path),
    "net.save_parameters": lambda path: mx.npx.save(str(path), {"0.weight": mx.np.ones((16, 1, 3, 3))}),
    "arrays of someone else": lambda path: path.unlink() or numpy.savez(path, a=numpy.ones(3)),
    "pickled": lambda path: path.unlink() or numpy.savez(path, **{"run.json": numpy.array([{}], dtype=object)}),
    "compressed": compressed,
    "a bomb": bomb,
    "far too large": lambda path: os.truncate(path, 2**40),  # a hole in the file, it takes no space
    "one array missing": lambda path: rewritten(path, lambda members: members.pop("momentum/0.weight.npy")),
    "one array too short": lambda path: rewritten(
        path, lambda members: members.update({"net/3.bias.npy": members["net/3.bias.npy"][:-4]})),
    "one array too long": lambda path: rewritten(
        path, lambda members: members.update({"net/3.bias.npy": members["net/3.bias.npy"] + bytes(4)})),
    "of another type": lambda path: rewritten(path, lambda members: members.update(
        {"net/3.bias.npy": members["net/3.bias.npy"].replace(b"<f4", b"<i4")})),
    "a huge shape": lambda path: rewritten(path, huge_shape),
    "format of tomorrow": lambda path: text(path, lambda run: run.update(format=2)),
    "no settings": lambda path: text(path, lambda run: run.pop("settings")),
    "a seed that is none": lambda path: text(path, lambda run: run.update(seed=-1)),
    "a loss that is none": lambda path: text(path, lambda run: run["history"]["loss"].__setitem__(0, "low")),
    "a loss not finite": lambda path: text(path, lambda run: run["sums"].__setitem__(0, float("nan"))),
    "an epoch too many": lambda path: text(path, lambda run: run["history"]["lr"].append(0.1)),
    "batches too many": lambda path: text(path, lambda run: run["history"]["batch_loss"].extend([0.1] * 11)),
    "a list of lists": lambda path: rewritten(path, lambda members: members.update({"run.json": b"[" * 10**5})),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_or_foreign_file_is_refused_and_left_as_it_is(mnist, kept, tmp_path, damage):
    path = tmp_path / "run.npz"
    shutil.copy(kept, path)
    damage(path)
    if path.stat().st_size < 2**30:
        refused(path, "damaged, or not one of d2lcnn.train .*delete it", mnist)
    else:
        with pytest.raises(ValueError, match="too large for this network"):
            learn(mnist, checkpoint=path)


def test_a_full_disk_costs_the_checkpoint_but_not_the_run(mnist, kept, tmp_path, capsys):
    path = tmp_path / "run.npz"
    learn(mnist, num_epochs=1, checkpoint=path)
    good, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(good) // 2, limits[1]))  # no file may grow larger than that
    try:
        history = learn(mnist, checkpoint=path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert_same(history, learn(mnist))
    assert path.read_bytes() == good and os.listdir(tmp_path) == ["run.npz"]
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"checkpoint {path} could not be written ([Errno 27] File too large): training goes on, and the "
                     "last one written stays"] * 2
    assert_same(learn(mnist, checkpoint=path), history)  # and it can be gone on from


@pytest.mark.parametrize("finished", [True, False])
def test_what_a_killed_process_left_unfinished_is_removed(mnist, kept, tmp_path, finished):
    path = tmp_path / "run[1].npz"
    if finished:
        shutil.copy(kept, path)
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    left = tmp_path / f"run[1].npz.{dead.stdout.strip()}.tmp"
    others = [tmp_path / name for name in (f"run[1].npz.{os.getppid()}.tmp", f"run[1].npz.{10**30}.tmp",
                                           "run[1].npz.notes.tmp", left.name.replace("[1]", "1"))]
    for file in (left, *others):
        file.touch()
    learn(mnist, checkpoint=path)
    assert not left.exists() and all(file.exists() for file in others)


def press():
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("at, where", [(0, "epoch 1 after batch 1 of 10"), (6, "epoch 1 after batch 7 of 10"),
                                       (9, "epoch 1 after batch 10 of 10"), (17, "epoch 2 after batch 8 of 10")])
def test_the_stop_button_ends_training_after_the_batch_and_the_next_call_goes_on(mnist, tmp_path, capsys, at, where):
    path, net = tmp_path / "run.npz", small_net()
    history = train(net, Interrupted(mnist[0], at, press), mnist[1], 2, 0.05, CPU, momentum=0.9, seed=3, show=False,
                    checkpoint=path)
    assert len(history.batch_loss) == at + 1
    assert capsys.readouterr().out == f"interrupted in {where}: the same call goes on from the checkpoint\n"
    assert 0 <= evaluate_accuracy(net, mnist[1]) <= 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert_same(learn(mnist, net, checkpoint=path), learn(mnist))


def test_the_stop_button_without_a_checkpoint(mnist, capsys):
    net = small_net()
    history = train(net, Interrupted(mnist[0], 5, press), mnist[1], 2, 0.05, CPU, show=False)
    assert len(history.batch_loss) == 6 and history.loss == []
    assert "train goes on from these weights" in capsys.readouterr().out
    before = arrays(net)
    learn(mnist, net, num_epochs=1, lr=1e-9, momentum=0)
    numpy.testing.assert_allclose(arrays(net)[0], before[0], atol=1e-4)  # it went on from these


def test_the_stop_button_pressed_during_the_evaluation_or_twice(mnist, tmp_path, capsys):
    path = tmp_path / "run.npz"
    learn([mnist[0], Interrupted(mnist[1], 1, press)], checkpoint=path)
    assert "interrupted in epoch 2 after batch 0 of 10" in capsys.readouterr().out

    def twice():
        press()
        press()
    history = learn([Interrupted(mnist[0], 5, twice), mnist[1]], checkpoint=path)[2]
    assert "interrupted in epoch 2 after batch 5 of 10" in capsys.readouterr().out and len(history["loss"]) == 1
    assert_same(learn(mnist, checkpoint=path), learn(mnist))


IN_A_NOTEBOOK = """
import d2lcnn
from mxnet import init, npx
from d2lcnn.models.lenet import lenet
net = lenet()
net.initialize(init.Xavier(), ctx=npx.cpu())
history = d2lcnn.train(net, *d2lcnn.load_data_mnist(8, examples=800, device=npx.cpu()), 100, 0.01, npx.cpu())
print(len(history.batch_loss) < 10_000)
"""


def test_the_stop_button_of_a_notebook():
    manager = KernelManager(transport_encryption="auto")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    said = []

    def look(message):
        if message["msg_type"] == "display_data":  # the curve appears with the first batches
            manager.interrupt_kernel()
        said.append(message["content"].get("text") or message["content"].get("evalue") or "")
    try:
        client.wait_for_ready(timeout=60)
        reply = client.execute_interactive(IN_A_NOTEBOOK, output_hook=look, timeout=120)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    said = "".join(said)
    assert reply["content"]["status"] == "ok", said
    assert "interrupted in epoch" in said and said.endswith("True\n")
