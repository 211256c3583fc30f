import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import zipfile

from d2lcnn import HE, Batches, Normalization, evaluate_accuracy, fit, load_weights, predict, seeds, set_seed, train
from d2lcnn.checkpoint import FORMAT
from d2lcnn.files import DATA

import mxnet as mx
import numpy
import pytest
from mxnet import init, lr_scheduler, np, npx
from mxnet.gluon import nn

from .small import CPU, equal, ready, sequence, small_data, small_net, timeless, weights


class Cut(Batches):
    """Batches that are cut off before batch `at`, counted over all epochs from 0 (`train` looks at the first)."""

    def __init__(self, batches, at):
        vars(self).update(vars(batches))
        self.left = at + 1

    def __iter__(self):
        for batch in super().__iter__():
            if self.left == 0:
                raise PowerCut
            self.left -= 1
            yield batch


class PowerCut(Exception):
    pass


@pytest.fixture
def data():
    return small_data(40), small_data(10, seed=1, shuffle=False)  # 10 batches


@pytest.fixture(autouse=True, scope="module")
def short_epochs():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seeds, "RESEED", 4)  # an epoch of 10 batches is seeded three times, as one of 96 would be
        yield


def learn(data, net=None, num_epochs=2, lr=0.05, momentum=0.9, seed=3, **options):
    """Train and return the network, its arrays, and the history without its times."""
    if net is None:
        net = small_net(dropout=0.5, channels=16)
        net.initialize(init.Xavier(), ctx=CPU)
    history = train(net, *data, num_epochs, lr, CPU, momentum=momentum, seed=seed, show=False, **options)
    return net, weights(net), timeless(history)


def assert_same(first, second):
    assert first[2] == second[2] and equal(first[1], second[1])


def cosine(): return lr_scheduler.CosineScheduler(13, base_lr=0.05, final_lr=0.01)  # ends during the second epoch
def factor(): return lr_scheduler.FactorScheduler(3, 0.9, base_lr=0.05)
def steps(): return lr_scheduler.MultiFactorScheduler([4, 11], 0.1, base_lr=0.05, warmup_steps=2)


def nothing(history):
    """A hook, so that every result is read at once."""


def augmented(data):
    return data[0].augmented(flip=0.5, shift=1, rotate=10, brightness=0.2, contrast=0.2, erase=2), data[1]


@pytest.mark.parametrize("at, every, options", [
    (9, 1, {}),                                         # before the last batch of the first epoch
    (10, None, {}),                                     # between two epochs
    (15, None, dict(seed=None)),
    (13, 2, dict(seed=0)),
    (19, 3, dict(lr_scheduler=cosine)),
    (6, 2, dict(lr_scheduler=factor, weight_decay=0.01)),
    (18, 7, dict(lr_scheduler=steps)),
    (5, 4, dict(momentum=0.0)),                         # where the generators are seeded anew
    (17, 3, dict(prepare=augmented)),
    (13, 3, dict(optimizer="adam", momentum=0.0, lr_scheduler=factor)),
    (7, 3, dict(optimizer=mx.optimizer.SGD(momentum=0.5), momentum=0.0)),
    (16, 4, dict(each_batch=nothing)),
    (15, 6, dict(prepare=lambda data: (data[0], None))),
])
def test_a_run_that_resumes_equals_one_that_was_not_cut(data, tmp_path, at, every, options):
    data = options.pop("prepare", tuple)(data) if "prepare" in options else data

    def call(data, **more):
        given = options | more
        if given.get("lr_scheduler"):
            given["lr_scheduler"] = given["lr_scheduler"]()
        return learn(data, **given)
    path = tmp_path / "run.checkpoint"
    with pytest.raises(PowerCut):
        call((Cut(data[0], at), data[1]), checkpoint=path, checkpoint_every=every)
    with numpy.load(path) as file:  # what is inside can be read without pickle
        run = json.loads(file["run.json"])
        assert all(file[name].dtype == numpy.float32 for name in file.files if name != "run.json")
    done = len(run["history"]["batch_loss"])
    assert done and done == (at // 10 * 10 if every is None else done) and at - done <= (every or 10)
    resumed = call(data, checkpoint=path, checkpoint_every=every)
    assert_same(resumed, call(data, seed=run["seed"]))
    assert os.listdir(tmp_path) == ["run.checkpoint"]


@pytest.mark.parametrize("at", [8, 15])
def test_a_fit_that_resumes_equals_one_that_was_not_cut(data, tmp_path, at):
    def run(train_iter, path=None):
        net = small_net(dropout=0.5)
        history = fit(net, (train_iter, data[1]), 2, 0.05, CPU, show=False, checkpoint=path,
                      checkpoint_every=3 if path else None)
        return net, weights(net), timeless(history)
    path = tmp_path / "run.checkpoint"
    with pytest.raises(PowerCut):
        run(Cut(data[0], at), path)
    assert_same(run(data[0], path), run(data[0]))


def test_a_checkpoint_changes_no_number(data, tmp_path):
    plain = learn(data)
    assert_same(plain, learn(data, checkpoint=tmp_path / "a.checkpoint"))
    assert_same(plain, learn(data, checkpoint=tmp_path / "b.checkpoint", checkpoint_every=3))


def test_a_finished_run_returns_its_history_at_once_and_a_higher_num_epochs_continues(data, tmp_path):
    path = tmp_path / "run.checkpoint"
    finished = learn(data, checkpoint=path)
    content = path.read_bytes()
    only_looked_at = Cut(data[0], 0), data[1]
    assert_same(finished, learn(only_looked_at, checkpoint=path))
    assert path.read_bytes() == content
    assert_same(learn(data, num_epochs=3, checkpoint=path), learn(data, num_epochs=3))


def test_a_run_that_a_hook_ended_stays_ended_for_that_hook(data, tmp_path):
    path = tmp_path / "run.checkpoint"
    ended = learn(data, checkpoint=path, each_batch=lambda history: len(history.batch_loss) == 14)
    assert ended[2]["stopped"] and len(ended[2]["batch_loss"]) == 14
    assert_same(learn(data, checkpoint=path, each_batch=lambda history: pytest.fail("it was called")), ended)
    assert_same(learn(data, checkpoint=path), learn(data))  # without a hook, it continues


def test_a_fit_that_a_hook_ended_comes_back_with_its_weights(data, tmp_path):
    def run(net):
        fit(net, data, 1, 0.05, CPU, show=False, checkpoint=tmp_path / "run.checkpoint",
            each_batch=lambda history: len(history.batch_loss) == 4)
        return weights(net)
    assert equal(run(small_net()), run(ready()))


def test_fit_without_a_seed_resumes_with_the_one_it_drew(data, tmp_path):
    options = dict(seed=None, show=False, checkpoint=tmp_path / "run.checkpoint")
    first = fit(small_net(), data, 1, 0.05, CPU, **options)
    net = small_net()
    assert fit(net, data, 1, 0.05, CPU, **options).batch_loss == first.batch_loss
    assert evaluate_accuracy(net, data[1]) == first.test_acc[-1]


def test_whole_numbers_of_numpy_are_whole_numbers(data, tmp_path):
    one, path = numpy.int64(1), tmp_path / "run.checkpoint"
    first = learn(data, num_epochs=one, seed=one, lr=numpy.float64(0.05), checkpoint=path, checkpoint_every=one)
    assert_same(first, learn(data, num_epochs=1, seed=1, checkpoint=path))
    fit(small_net(), data, one, 0.05, CPU, show=False)
    fit(small_net(), data, 1, 0.05, CPU, seed=one, show=False)


def test_one_scheduler_serves_the_same_line_again(data, tmp_path):
    schedule, path = cosine(), tmp_path / "run.checkpoint"
    with pytest.raises(PowerCut):
        learn((Cut(data[0], 15), data[1]), lr_scheduler=schedule, checkpoint=path)
    assert_same(learn(data, lr_scheduler=schedule, checkpoint=path), learn(data, lr_scheduler=schedule))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The file of a finished run."""
    path = tmp_path_factory.mktemp("kept") / "run.checkpoint"
    learn((small_data(40), small_data(10, seed=1, shuffle=False)), checkpoint=path)
    return path


def refused(path, message, data, **change):
    """Assert that to resume from `path` is refused, by name, and that neither file nor network is changed."""
    content, net = path.read_bytes(), change.pop("net", None)
    if net is None:
        net = small_net(dropout=0.5, channels=16)
    if net[-1].weight._data is None:
        net.initialize(init.Xavier(), ctx=CPU)
    set_seed(0)
    net(next(iter(data[0]))[0][:1])
    before = weights(net)
    with pytest.raises(ValueError, match=message) as raised:
        learn(data, net, checkpoint=path, **change)
    assert str(path) in str(raised.value) and "path" in str(raised.value).replace(str(path), "")
    assert path.read_bytes() == content
    assert equal(before, weights(net))
    return str(raised.value)


def other(train_iter=None, test_iter=None):
    """The data with one of the two replaced."""
    return dict(data=(train_iter or small_data(40), test_iter or small_data(10, seed=1, shuffle=False)))


def changed(n=40, at=None, seed=0):
    """The training data with one pixel changed in one image, or all inverted."""
    batches = small_data(n, seed=seed)
    images = batches.images.asnumpy()
    if at is None:
        images = 255 - images
    else:
        images[at, 3, 3, 0] ^= 1
    return Batches(images, batches.labels, 4, shuffle=True, device=CPU)


def frozen():
    net = ready(small_net(dropout=0.5, channels=16))
    net[0].collect_params().setattr("grad_req", "null")
    return net


def slower():
    net = ready(small_net(dropout=0.5, channels=16))
    net[3].collect_params().setattr("lr_mult", 0.1)
    return net


def cross_entropy(y_hat, y):
    return -npx.pick(npx.log_softmax(y_hat), y)


def weighted(y_hat, y):
    return np.array([1.0, 1.0, 5.0])[y.astype("int32")] * cross_entropy(y_hat, y)


OTHER = {
    "lr": (lambda: dict(lr=0.1), r"\(lr 0\.05 there, 0\.1 here\)"),
    "momentum": (lambda: dict(momentum=0.5), r"\(momentum 0\.9 there, 0\.5 here\)"),
    "no momentum": (lambda: dict(momentum=0.0), r"momentum 0\.9 there, 0\.0 here"),
    "weight decay": (lambda: dict(weight_decay=0.1), r"weight_decay 0\.0 there, 0\.1 here"),
    "seed": (lambda: dict(seed=4), r"\(seed 3 there, 4 here\)"),
    "no seed": (lambda: dict(seed=None), "seed 3 there, None here"),
    "schedule": (lambda: dict(lr_scheduler=cosine()), "lr_scheduler None there, .*CosineScheduler.* here"),
    "optimizer": (lambda: dict(optimizer="adam", momentum=0.0), r"optimizer 'SGD' there, 'Adam' here"),
    "loss": (lambda: dict(loss=cross_entropy), r"\(loss 'SoftmaxCrossEntropyLoss \(.* there, 'cross_entropy \(.* here"),
    "fewer epochs": (lambda: dict(num_epochs=1), "beyond epoch 1 there, num_epochs=1 here"),
    "batch size": (lambda: other(small_data(40, 8)),
                   r"\(batches 10 there, 5 here; training data .*batch_size=4.* there, .*batch_size=8.* here; "
                   r"shape of a training batch \[4, 1, 8, 8\] there, \[8, 1, 8, 8\]"),
    "size": (lambda: other(small_data(40, resize=12), small_data(10, seed=1, shuffle=False, resize=12)),
             r"shape of a training batch \[4, 1, 8, 8\] there, \[4, 1, 12, 12\]"),
    "number of images": (lambda: other(small_data(38)), "training data 'Batches\\(40 images .*'Batches\\(38 images"),
    "inverted images": (lambda: other(changed()), r"\(CRC-32 of the training images \d+ there, \d+ here\)"),
    "a pixel of the last image": (lambda: other(changed(at=39)),
                                  r"\(CRC-32 of the training images \d+ there, \d+ here\)"),
    "images of another seed": (lambda: other(small_data(40, seed=2)), "CRC-32 of the training images"),
    "a test image": (lambda: other(test_iter=small_data(10, seed=2, shuffle=False)), "CRC-32 of the test images"),
    "no test data": (lambda: dict(data=(small_data(40), None)), r"test data 'Batches\(10 images .*' there, None here"),
    "augmentation": (lambda: other(small_data(40).augmented(flip=0.5)),
                     r"training data 'Batches\(40 images .*\)' there, 'Batches\(.*\).augmented\(flip=0.5\)' here"),
    "order": (lambda: other(small_data(40, shuffle=False)), "shuffle=True.*there, .*shuffle=False.* here"),
    "channels": (lambda: dict(net=small_net(dropout=0.5, channels=5)),
                 r"\(network '\(0\): Conv2D\(1 -> 16.* there, '\(0\): Conv2D\(1 -> 5.*' here\)"),
    "dropout": (lambda: dict(net=small_net(dropout=0.1, channels=16)),
                r"\(network .*Dropout\(p = 0\.5.* there, .*Dropout\(p = 0\.1.* here\)"),
    "classes": (lambda: dict(net=small_net(outputs=300, dropout=0.5, channels=16)),
                r"network .*-> 3.* there, .*-> 300.* here"),
    "frozen layers": (lambda: dict(net=frozen()), r"\(frozen \[\] there, \['0.weight', '0.bias'\] here\)"),
    "rates of layers": (lambda: dict(net=slower()), r"\(lr_mult 3.weight None there, 0.1 here; lr_mult 3.bias None "),
}


@pytest.mark.parametrize("change, message", OTHER.values(), ids=OTHER)
def test_the_file_of_another_run_is_refused_with_what_differs(data, kept, change, message):
    refused(kept, message, **({"data": data} | change()))


def between(tmp_path, data, first, second, message):
    """Assert that a run with the options `first` is not resumed with `second`."""
    path = tmp_path / "run.checkpoint"
    learn(data, checkpoint=path, num_epochs=1, **first)
    return refused(path, message, data, num_epochs=1, **second)


class Rates(lr_scheduler.LRScheduler):
    """A schedule of one's own, of rates that are given, and whatever else it holds."""

    def __init__(self, rates, **more):
        super().__init__(0.05)
        self.rates = rates
        vars(self).update(more)

    def __call__(self, step):
        return float(self.rates[step % 2])


def adam(beta):
    return dict(optimizer=mx.optimizer.Adam(beta1=beta), momentum=0.0)


def rescaled(scale):
    return dict(optimizer=mx.optimizer.SGD(rescale_grad=scale), momentum=0.0)


def scheduled(schedule, *arguments, **options):
    return dict(lr_scheduler=schedule(*arguments, **options))


@pytest.mark.parametrize("first, second, message", [
    (adam(0.9), adam(0.8), r"\(beta1 0.9 there, 0.8 here\)"),
    (rescaled(1.0), rescaled(2.0), r"\(rescale_grad 1.0 there, 2.0 here\)"),
    (dict(loss=weighted), dict(loss=lambda y_hat, y: weighted(y_hat, y) * 2), "loss 'weighted"),
    (scheduled(factor), scheduled(lr_scheduler.FactorScheduler, 4, 0.9, base_lr=0.05),
     r"\(lr_scheduler step 3 there, 4 here\)"),
    (scheduled(steps), scheduled(lr_scheduler.MultiFactorScheduler, [4, 12], 0.1, base_lr=0.05, warmup_steps=2),
     r"\(lr_scheduler step \[4, 11\] there, \[4, 12\] here\)"),
    (scheduled(Rates, (0.05, 0.5)), scheduled(Rates, [0.05, 0.25]), r"rates \[0.05, 0.5\] there, \[0.05, 0.2"),
    (scheduled(Rates, numpy.array([0.5, 0.25])), scheduled(Rates, np.array([0.5, 0.125])), r"rates \[0.5, 0.25"),
    (scheduled(Rates, [0.05, 0.5], inner=factor()), scheduled(Rates, [0.05, 0.5], inner=cosine()),
     r"lr_scheduler inner \{'type': 'FactorScheduler', .*\} there, \{'type': 'CosineScheduler'"),
    (scheduled(Rates, [0.1] * 2), scheduled(Rates, [0.1] * 9999), r"rates .* there, \[0.1, [01., ]{294} here"),
])
def test_runs_that_differ_in_a_setting_of_their_optimizer_loss_or_schedule_are_told_apart(
        data, tmp_path, first, second, message):
    between(tmp_path, data, first, second, message)


def test_a_schedule_may_hold_anything(data, tmp_path):
    for _ in range(2):
        schedule = Rates(numpy.float32([0.1, 0.2]), best=float("inf"), rule=lambda: 1, of={(1, 2): object()},
                         kind=numpy.float32)
        history = learn(data, num_epochs=1, lr_scheduler=schedule, checkpoint=tmp_path / "run.checkpoint")[2]
    assert history["loss"] and (tmp_path / "run.checkpoint").exists()


@pytest.mark.parametrize("other, message", [
    (init.Zero(), r"\(init \{'type': 'MSRAPrelu', .* 'magnitude': 2.0\} there, \{'type': 'Zero'\} here\)"),
    (init.MSRAPrelu("in", slope=1), r"\(init magnitude 2.0 there, 1.0 here\)"),
    (None, r"\(init \{.*\} there, None here\)")])
def test_runs_of_fit_that_begin_otherwise_are_told_apart(data, tmp_path, other, message):
    def run(start):
        return fit(ready(), data, 1, 0.05, CPU, init=start, show=False, checkpoint=tmp_path / "run.checkpoint")
    assert run(HE).loss == run(init.MSRAPrelu("in", slope=0)).loss
    with pytest.raises(ValueError, match=message):
        run(other)


def test_weights_of_classes_that_the_first_batch_does_not_hold_are_told_apart(tmp_path):
    """A loss is known by what it makes of an answer for each class."""
    data = small_data(8, 2, shuffle=False), None  # the first batch has the classes 0 and 1

    def third_counts(times):
        def loss(y_hat, y):
            return np.array([1.0, 1.0, times])[y.astype("int32")] * cross_entropy(y_hat, y)
        return dict(loss=loss)
    between(tmp_path, data, third_counts(2.0), third_counts(3.0), "loss .* there, .* here")


def test_another_normalization_is_told_apart(data, tmp_path):
    def net(mean):
        return ready(sequence(Normalization([mean], [0.25]), nn.Dense(3)))
    between(tmp_path, data, dict(net=net(0.5)), dict(net=net(0.4)),
            r"\(network '\(0\): Normalization\(mean=\[0.5\], std=\[0.25\]\)' there, .*mean=\[0.4\].* here\)")


def test_data_that_are_no_batches_of_ours_are_known_by_their_first_batch(tmp_path):
    X, y = np.ones((4, 1, 8, 8)), np.zeros(4, dtype="int32")
    for images, labels, what in ((X * 0.5, y, "images"), (X, y + 1, "labels")):
        path = tmp_path / f"{what}.checkpoint"
        for _ in range(2):
            learn(([(X, y)], None), checkpoint=path)
        refused(path, rf"CRC-32 of the training {what} \d+ there, \d+ here", ([(images, labels)], None))


def test_more_epochs_of_fit_are_refused_in_one_sentence(data, tmp_path):
    options = dict(show=False, checkpoint=tmp_path / "run.checkpoint")
    fit(small_net(), data, 1, 0.05, CPU, **options)
    with pytest.raises(ValueError, match="num_epochs 1 there, 2 here, and fit's learning rate falls") as raised:
        fit(small_net(), data, 2, 0.05, CPU, **options)
    said = str(raised.value)
    assert "fit(…, init=None) with another path" in said and "lr_scheduler" not in said and len(said) < 450
    with pytest.raises(ValueError, match="one of them by fit, the other by train"):
        train(ready(), *data, 1, 0.05, CPU, momentum=0.9, seed=0, **options)


@pytest.mark.parametrize("name", ["NAG", "rmsprop"])
def test_the_state_of_other_optimizers_cannot_be_kept(data, tmp_path, name):
    path = tmp_path / "run.checkpoint"
    with pytest.raises(ValueError, match=r"keeps the state of SGD and Adam, not of (NAG|RMSProp): train with one of"):
        learn(data, optimizer=name, momentum=0.0, checkpoint=path)
    assert not path.exists()


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



def number(*keys, value):
    """Replace one value in the text of a checkpoint."""
    def change(run):
        *outer, last = keys
        for key in outer:
            run = run[key]
        run[last] = value(run[last]) if callable(value) else value
    return lambda path: text(path, change)


def replaced(name, change):
    """Change the bytes of one member of a checkpoint."""
    return lambda path: rewritten(path, lambda members: members.update({name: change(members[name])}))


def saved(path, **arrays):
    with path.open("wb") as file:
        numpy.savez(file, **arrays)


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[-9000] ^= 4
    path.write_bytes(content)


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-1000]),
    "half": lambda path: path.write_bytes(path.read_bytes()[:path.stat().st_size // 2]),
    "bit flipped in an array": flip_a_bit,
    "text": lambda path: path.write_text("epoch 1 loss 2.3"),
    "a picture": lambda path: shutil.copy(DATA / "photos/cat.png", path),
    "net.save_parameters": lambda path: mx.npx.save(str(path), {"0.weight": mx.np.ones((16, 1, 3, 3))}),
    "arrays of someone else": lambda path: saved(path, a=numpy.ones(3)),
    "pickled": lambda path: saved(path, **{"run.json": numpy.array([{}], dtype=object)}),
    "compressed": compressed,
    "a bomb": bomb,
    "far too large": lambda path: os.truncate(path, 2**40),  # a hole in the file, it takes no space
    "one array missing": lambda path: rewritten(path, lambda members: members.pop("sgd/0.weight.npy")),
    "one array too short": replaced("net/3.bias.npy", lambda content: content[:-4]),
    "one array too long": replaced("net/3.bias.npy", lambda content: content + bytes(4)),
    "of another type": replaced("net/3.bias.npy", lambda content: content.replace(b"<f4", b"<i4")),
    "a huge shape": replaced("net/0.weight.npy", lambda content: content.replace(b"(16, 1, 3, 3)", b"(4294967296,)")),
    "format of tomorrow": number("format", value=FORMAT + 1),
    "format of yesterday": number("format", value=FORMAT - 1),
    "no settings": lambda path: text(path, lambda run: run.pop("settings")),
    "a seed below 0": number("seed", value=-1),
    "a seed too large": number("seed", value=2**31),
    "a seed that is no number": number("seed", value=True),
    "a loss that is none": number("history", "loss", 0, value="low"),
    "a loss that is a whole number": number("history", "batch_loss", 0, value=1),
    "a sum not finite": number("history", "sums", "loss", value=float("nan")),
    "a sum missing": lambda path: text(path, lambda run: run["history"]["sums"].pop("right")),
    "a list missing": lambda path: text(path, lambda run: run["history"].pop("lr")),
    "an epoch too many": number("history", "lr", value=lambda lr: [*lr, 0.1]),
    "a test too many": number("history", "test_loss", value=lambda loss: [*loss, 0.1]),
    "half of the tests": lambda path: text(path, lambda run: run["history"].update(test_acc=[0.5], test_loss=[1.0])),
    "more batches than an epoch has": number("history", "batch_loss", value=lambda losses: losses + [0.1] * 11),
    "fewer batches than epochs": number("history", "batch_loss", value=lambda losses: losses[:19]),
    "other batches than the settings say": number("history", "batches", value=9),
    "stopped, perhaps": number("history", "stopped", value=0),
    "a list of lists": replaced("run.json", lambda _: b"[" * 10**5),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_or_foreign_file_is_refused_and_left_as_it_is(data, kept, tmp_path, damage):
    path = tmp_path / "run.checkpoint"
    shutil.copy(kept, path)
    damage(path)
    if path.stat().st_size < 2**30:
        refused(path, "damaged, or not one of d2lcnn.train .*delete it", data)
    else:
        with pytest.raises(ValueError, match="too large for this network"):
            learn(data, checkpoint=path)


def test_text_and_arrays_of_the_largest_size_are_read(data, kept, tmp_path):
    """The bounds on sizes do not refuse what `train` writes: a text may be longer than that of a short run."""
    path = tmp_path / "run.checkpoint"
    shutil.copy(kept, path)
    replaced("run.json", lambda content: content + b" " * 10**6)(path)
    assert_same(learn(data, checkpoint=path), learn(data))


def test_a_full_disk_costs_the_checkpoint_but_not_the_run(data, tmp_path, capsys):
    path = tmp_path / "run.checkpoint"
    learn(data, num_epochs=1, checkpoint=path)
    good, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(good) // 2, limits[1]))  # no file may grow larger than that
    try:
        history = learn(data, checkpoint=path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert_same(history, learn(data))
    assert path.read_bytes() == good and os.listdir(tmp_path) == ["run.checkpoint"]
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"checkpoint {path} could not be written ([Errno 27] File too large): training continues, and the "
                     "last one written stays"] * 2
    assert_same(learn(data, checkpoint=path), history)  # and it can be resumed


@pytest.mark.parametrize("finished", [True, False])
def test_what_a_killed_process_left_unfinished_is_removed(data, kept, tmp_path, finished):
    path = tmp_path / "run[1].checkpoint"
    if finished:
        shutil.copy(kept, path)
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    left = tmp_path / f"run[1].checkpoint.{dead.stdout.strip()}.tmp"
    others = [tmp_path / name for name in (f"run[1].checkpoint.{os.getppid()}.tmp", f"run[1].checkpoint.{10**30}.tmp",
                                           "run[1].checkpoint.notes.tmp", left.name.replace("[1]", "1"))]
    for file in (left, *others):
        file.touch()
    learn(data, checkpoint=path)
    assert not left.exists() and all(file.exists() for file in others)


@pytest.mark.parametrize("at, where", [(1, "epoch 1 after batch 1 of 10"), (7, "epoch 1 after batch 7 of 10"),
                                       (10, "epoch 2 after batch 0 of 10"), (18, "epoch 2 after batch 8 of 10")])
def test_after_the_stop_button_the_same_call_resumes(data, tmp_path, capsys, at, where):
    path, net = tmp_path / "run.checkpoint", ready(small_net(dropout=0.5, channels=16))

    def press(history):
        if len(history.batch_loss) == at:
            signal.raise_signal(signal.SIGINT)
    history = learn(data, net, checkpoint=path, each_batch=press)[2]
    assert len(history["batch_loss"]) == at
    assert capsys.readouterr().out == (f"interrupted in {where}: the same call resumes from the checkpoint; "
                                       "a second press ends the cell\n")
    assert_same(learn(data, net, checkpoint=path), learn(data, ready(small_net(dropout=0.5, channels=16))))


def test_weights_of_a_checkpoint_are_read_for_prediction(data, kept):
    trained, initialized = learn(data)[0], ready(small_net(channels=16))
    uninitialized = small_net(dropout=0.5, channels=16)
    for net in (uninitialized, initialized):
        load_weights(net, kept)
        assert equal(weights(net), weights(trained))
        numpy.testing.assert_array_equal(predict(net, data[1]).asnumpy(), predict(trained, data[1]).asnumpy())
    first, second = (fit(net, data, 1, 0.01, CPU, init=None, show=False) for net in (uninitialized, trained))
    assert first.batch_loss == second.batch_loss  # they can be trained on


def test_weights_go_to_the_device_that_is_asked_for(kept):
    net = small_net(channels=16)
    load_weights(net, str(kept), mx.cpu(1))
    assert {p.list_ctx()[0] for p in net.collect_params().values()} == {mx.cpu(1)}


@pytest.mark.parametrize("build, damage, message", [
    (lambda: small_net(channels=5), None, r"ValueError: 0.weight has the shape \(16, 1, 3, 3\), not \(5, "),
    (lambda: sequence(nn.Dense(3, in_units=64)), None, r"ValueError: 0.weight has the shape .*\), not \(3, 64\)"),
    (lambda: sequence(*small_net(channels=16), nn.Dense(2, in_units=3)), None, "ValueError: it has no 4.weight"),
    (lambda: small_net(channels=16), DAMAGES["half"], "BadZipFile"),
    (lambda: small_net(channels=16), DAMAGES["net.save_parameters"], "BadZipFile"),
    (lambda: small_net(channels=16), DAMAGES["one array too short"], "ValueError"),
    (lambda: small_net(channels=16), DAMAGES["of another type"], r"ValueError: net/3.bias is declared as .*int32"),
    (lambda: small_net(channels=16), lambda path: path.unlink(), "FileNotFoundError"),
])
def test_weights_that_do_not_fit_are_refused_and_the_network_stays(kept, tmp_path, build, damage, message):
    path = tmp_path / "run.checkpoint"
    shutil.copy(kept, path)
    if damage:
        damage(path)
    net = build()
    net.initialize(ctx=CPU)
    X = np.ones((1, 64)) if isinstance(net[0], nn.Dense) else np.ones((1, 1, 8, 8))
    net(X)
    before = weights(net)
    with pytest.raises(ValueError, match=f"run.checkpoint has no weights for this network \\({message}") as raised:
        load_weights(net, path)
    assert "take the network that was trained" in str(raised.value) and equal(weights(net), before)


def test_gluons_own_files_keep_a_network_and_a_checkpoint_read_as_one_says_what_to_do(data, kept, tmp_path):
    net, path = learn(data)[0], str(tmp_path / "net.params")
    net.save_parameters(path)
    same = small_net(dropout=0.5, channels=16)
    same.load_parameters(path, ctx=CPU)
    assert equal(weights(same), weights(net))
    assert evaluate_accuracy(same, data[1]) == evaluate_accuracy(net, data[1])
    with pytest.raises(ValueError, match=r"run.checkpoint is a checkpoint .*d2lcnn.load_weights\(net, path\) reads it"):
        same.load_parameters(str(kept))
