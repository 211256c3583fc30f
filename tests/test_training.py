import copy
import math
import re
import subprocess
import sys
from types import SimpleNamespace

from d2lcnn import HE, Batches, Normalization, WarmupCosine, evaluate_accuracy, fit, set_seed, train, training
from d2lcnn.seeds import seeded

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, init, lr_scheduler, np, npx
from mxnet.gluon import nn

from .small import CPU, equal, ready, sequence, small_data, small_net, timeless, weights


@pytest.fixture
def data():
    return small_data(), small_data(12, seed=1, shuffle=False)


def cross_entropy(y_hat, y):
    return -npx.pick(npx.log_softmax(y_hat), y)


def by_hand(net, train_iter, num_epochs, optimizer, loss=cross_entropy):
    """The same training with nothing but Gluon's trainer; return the loss of each batch, and the weights after it.

    `train` seeds every epoch anew, so that a run can resume from a checkpoint: the order of the examples is taken so.
    """
    trainer = gluon.Trainer(net.collect_params(), optimizer)
    losses, after = [], []
    for epoch in range(num_epochs):
        for X, y in seeded(train_iter, 1, epoch):
            with autograd.record():
                each = loss(net(X), y)
            each.backward()
            trainer.step(len(y))
            losses.append(float(each.mean()))
            after.append(weights(net))
    return losses, after


def close(first, second):
    for a, b in zip(first, second, strict=True):
        numpy.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


OPTIMIZERS = {
    "plain": (dict(), lambda: mx.optimizer.SGD(learning_rate=0.05)),
    "momentum": (dict(momentum=0.9), lambda: mx.optimizer.SGD(learning_rate=0.05, momentum=0.9)),
    "weight decay": (dict(momentum=0.9, weight_decay=0.1), lambda: mx.optimizer.SGD(
        learning_rate=0.05, momentum=0.9, wd=0.1)),
    "schedule": (dict(momentum=0.9, lr_scheduler=lr_scheduler.FactorScheduler(2, 0.8, base_lr=0.05)),
                 lambda: mx.optimizer.SGD(learning_rate=0.05, momentum=0.9, lr_scheduler=lr_scheduler.FactorScheduler(
                     2, 0.8, base_lr=0.05))),
    "by name": (dict(optimizer="Adam"), lambda: mx.optimizer.Adam(learning_rate=0.05)),
    "by name, with weight decay": (dict(optimizer="adam", weight_decay=0.1),
                                   lambda: mx.optimizer.Adam(learning_rate=0.05, wd=0.1)),
    "by name, with a schedule": (
        dict(optimizer="rmsprop", lr_scheduler=lr_scheduler.FactorScheduler(2, 0.8, base_lr=0.05)),
        lambda: mx.optimizer.RMSProp(learning_rate=0.05, lr_scheduler=lr_scheduler.FactorScheduler(
            2, 0.8, base_lr=0.05))),
    "an object": (dict(optimizer=mx.optimizer.NAG(momentum=0.8)),
                  lambda: mx.optimizer.NAG(learning_rate=0.05, momentum=0.8)),
    "an object with its own weight decay": (
        dict(optimizer=mx.optimizer.Adam(wd=0.1)), lambda: mx.optimizer.Adam(learning_rate=0.05, wd=0.1)),
    "an object, another weight decay": (
        dict(optimizer=mx.optimizer.Adam(wd=0.1), weight_decay=0.2),
        lambda: mx.optimizer.Adam(learning_rate=0.05, wd=0.2)),
    "an object with a schedule": (
        dict(optimizer=mx.optimizer.Adam(), lr_scheduler=lr_scheduler.FactorScheduler(2, 0.8, base_lr=0.05)),
        lambda: mx.optimizer.Adam(learning_rate=0.05, lr_scheduler=lr_scheduler.FactorScheduler(2, 0.8, base_lr=0.05))),
}


@pytest.mark.parametrize("options, optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_the_loop_equals_one_written_by_hand(data, options, optimizer):
    reference, net = ready(), ready()
    losses, after = by_hand(reference, data[0], 2, optimizer())
    before = [copy.copy(vars(value)) for value in options.values() if hasattr(value, "__dict__")]
    history = train(net, *data, 2, 0.05, CPU, seed=1, show=False, **options)
    close(history.batch_loss, losses)
    close(weights(net), after[-1])
    # what was given can be given again
    assert before == [vars(value) for value in options.values() if hasattr(value, "__dict__")]
    again = ready()
    assert train(again, *data, 2, 0.05, CPU, seed=1, show=False, **options).batch_loss == history.batch_loss


def test_the_history_tells_the_rate_of_the_last_step_of_each_epoch(data):
    schedule = lr_scheduler.FactorScheduler(2, 0.5, base_lr=0.08)
    history = train(ready(), *data, 2, 0.08, CPU, seed=1, show=False, lr_scheduler=schedule)
    assert history.lr == [0.02, 0.005]  # steps 5 and 10; the rate is halved after every second step
    assert train(ready(), *data, 1, 0.08, CPU, show=False).lr == [0.08]


@pytest.mark.parametrize("optimizer", [None, "adam", mx.optimizer.Adam()])
def test_a_rate_in_single_precision_is_that_of_its_schedule(data, capsys, optimizer):
    histories = [train(ready(), *data, 1, lr, CPU, seed=1, show=False, optimizer=optimizer,
                       lr_scheduler=WarmupCosine(5, 0.1)) for lr in (0.1, numpy.float32(0.1))]
    assert timeless(histories[0]) == timeless(histories[1]) and capsys.readouterr().out == ""


@pytest.mark.parametrize("steps, warmup", [(1, 0), (2, 0), (3, 1), (7, 2), (599, 199), (600, 200), (1000, 200)])
def test_a_warm_up_then_half_a_cosine(steps, warmup):
    schedule = WarmupCosine(steps, 0.5)
    rates = [schedule(step) for step in range(1, steps + 1)]
    rise = [0.5 * step / (warmup + 1) for step in range(1, warmup + 1)]
    fall = [0.25 * (1 + math.cos(math.pi * step / (steps - warmup))) for step in range(steps - warmup)]
    assert rates == pytest.approx(rise + fall)
    assert min(rates) > 0 and max(rates) == rates[warmup] == 0.5
    assert schedule(steps + 1) == pytest.approx(0) and schedule(2 * steps) == pytest.approx(0)


def test_one_step_takes_the_whole_rate():
    X, y = np.ones((4, 2)), np.array([0, 1, 1, 0], dtype="int32")
    net = nn.Dense(2, in_units=2)
    history = fit(net, ([(X, y)], None), 1, 0.5, CPU, seed=3, show=False)
    assert history.lr == [0.5]
    reference = nn.Dense(2, in_units=2)
    set_seed(3)
    reference.initialize(HE, ctx=CPU)
    by_hand(reference, [(X, y)], 1, mx.optimizer.SGD(learning_rate=0.5))
    close(weights(net), weights(reference))


def test_the_start_after_he_has_the_variance_that_he_and_others_give():
    net = nn.Dense(300, in_units=400)
    set_seed(1)
    net.initialize(HE, ctx=CPU)
    weight = net.weight.data().asnumpy()
    assert weight.var() == pytest.approx(2 / 400, rel=0.02) and abs(weight.mean()) < 1e-3
    assert abs(weight).max() > 3.5 * weight.std()  # a normal distribution
    assert not net.bias.data().any()


def known_shapes():
    return sequence(nn.Dense(16, activation="relu", in_units=64), nn.BatchNorm(in_channels=16), nn.Dropout(0.5),
                    nn.Dense(3, in_units=16))


@pytest.mark.parametrize("build", [lambda: small_net(dropout=0.5), known_shapes],
                         ids=["shapes that follow from the data", "shapes that are given"])
def test_fit_equals_train_by_its_published_recipe_bit_for_bit(data, build):
    fitted, trained = build(), build()
    ours = fit(fitted, data, 2, 0.05, CPU, seed=3, weight_decay=0.01, show=False)
    set_seed(3)
    trained.initialize(init.MSRAPrelu("in", slope=0), ctx=CPU)
    theirs = train(trained, *data, 2, 0.05, CPU, momentum=0.9, weight_decay=0.01,
                   lr_scheduler=WarmupCosine(2 * 5, 0.05), seed=3, show=False)
    assert timeless(ours) == timeless(theirs) and equal(weights(fitted), weights(trained))


def test_fit_begins_anew_each_time_and_with_seed_0_unless_told_otherwise(data):
    net = small_net(dropout=0.5)
    first, second, third = (fit(net, data, 1, 0.05, CPU, show=False, **seed) for seed in ({}, {}, {"seed": 0}))
    assert first.batch_loss == second.batch_loss == third.batch_loss
    assert first.batch_loss != fit(net, data, 1, 0.05, CPU, seed=1, show=False).batch_loss


def test_fit_takes_another_start(data):
    net, reference = known_shapes(), known_shapes()
    history = fit(net, data, 1, 0.05, CPU, init=init.Xavier(), show=False)
    set_seed(0)
    reference.initialize(init.Xavier(), ctx=CPU)
    assert history.batch_loss == train(reference, *data, 1, 0.05, CPU, momentum=0.9, seed=0, show=False,
                                       lr_scheduler=WarmupCosine(5, 0.05)).batch_loss


def test_fit_without_a_start_trains_on_from_the_weights_there_are(data, capsys):
    net, reference = ready(), ready()
    history = fit(net, data, 2, 0.05, CPU, init=None, seed=3, show=False)
    theirs = train(reference, *data, 2, 0.05, CPU, momentum=0.9, lr_scheduler=WarmupCosine(10, 0.05), seed=3,
                   show=False)
    assert timeless(history) == timeless(theirs) and equal(weights(net), weights(reference))
    assert capsys.readouterr().out == ""


def test_a_network_that_fit_refuses_can_be_trained_on(data):
    net, reference = ready(), ready()
    with pytest.raises(ValueError, match="do not average"):  # when a pass has gone through the new weights
        fit(net, data, 1, 0.05, CPU, show=False, loss=lambda y_hat, y: cross_entropy(y_hat, y).mean())
    options = dict(init=None, seed=3, show=False)
    assert timeless(fit(net, data, 2, 0.05, CPU, **options)) == timeless(fit(reference, data, 2, 0.05, CPU, **options))
    assert equal(weights(net), weights(reference))


def test_fit_with_another_optimizer_keeps_the_schedule_and_leaves_momentum_out(data):
    net, reference = small_net(), small_net()
    history = fit(net, data, 2, 0.01, CPU, optimizer="adam", show=False)
    set_seed(0)
    reference.initialize(HE, ctx=CPU)
    theirs = train(reference, *data, 2, 0.01, CPU, optimizer="adam", lr_scheduler=WarmupCosine(10, 0.01), seed=0,
                   show=False)
    assert timeless(history) == timeless(theirs)


def trained(net, _):
    fit(net, (small_data(), None), 1, 0.05, CPU, show=False)


def loaded(net, path):
    other = small_net()
    trained(other, path)
    other.save_parameters(path)
    net.load_parameters(path)


def seen(net, _):
    net.initialize(ctx=CPU)
    net(np.ones((1, 1, 8, 8)))


def touched(net, path):
    seen(net, path)
    net[3].bias.set_data(np.array([0, 0, 0.1]))


def statistics_only(net, path):
    seen(net, path)
    net[1].running_mean.set_data(np.ones(4))


@pytest.mark.parametrize("prepare, overwrites", [
    (trained, True), (loaded, True), (touched, True), (statistics_only, True), (seen, False),
    (lambda net, _: net.initialize(init.Xavier(), ctx=CPU), False), (lambda *_: None, False)])
def test_a_line_says_that_trained_weights_are_overwritten(capsys, tmp_path, prepare, overwrites):
    net = small_net()
    prepare(net, str(tmp_path / "net.params"))
    fit(net, (small_data(), None), 1, 0.05, CPU, show=False)
    line = "fit starts from new weights and overwrites those of the network: init=None trains on from them\n"
    assert capsys.readouterr().out == (line if overwrites else "")


def test_normalization_alone_is_no_trained_network_but_a_net_without_biases_may_be_one(capsys):
    net = sequence(Normalization(0.5, 0.2), nn.Dense(3))
    for expected in (0, 1):
        fit(net, (small_data(), None), 1, 0.05, CPU, show=False)
        assert capsys.readouterr().out.count("overwrites") == expected
    unbiased = nn.Dense(3, use_bias=False)
    for expected in (0, 1):
        fit(unbiased, (small_data(), None), 1, 0.05, CPU, show=False)
        assert capsys.readouterr().out.count("overwrites") == expected


def test_a_test_set_may_be_missing(data):
    net, reference = ready(), ready()
    history = train(net, data[0], None, 2, 0.05, CPU, seed=1, show=False)
    assert history.test_loss == history.test_acc == [] and len(history.loss) == 2
    train(reference, *data, 2, 0.05, CPU, seed=1, show=False)
    assert equal(weights(net), weights(reference))  # an evaluation changes nothing


class Fixed(nn.HybridBlock):
    """Takes the brightest pixel of an image for its class."""

    def __init__(self):
        super().__init__()
        self.scale = self.params.get("scale", shape=(1,), init=init.One())

    def hybrid_forward(self, F, X, scale):
        return F.npx.one_hot(F.np.rint(F.np.max(X, axis=(1, 2, 3)) * 255), 3) * scale


def test_the_history_counts_right_answers_losses_and_images():
    images = numpy.array([0, 1, 2, 2, 1], "uint8").reshape(5, 1, 1, 1)
    batches = Batches(images, [0, 1, 2, 0, 0], 2, device=CPU)
    test = Batches(images[:3], [0, 0, 0], 2, device=CPU)
    net = Fixed()
    net.initialize(ctx=CPU)
    history = train(net, batches, test, 2, 1e-9, CPU, show=False)
    right, wrong = (-math.log(math.exp(answer) / (math.e + 2)) for answer in (1, 0))
    assert history.train_acc == [0.6, 0.6] and history.test_acc == [1 / 3, 1 / 3]
    close(history.loss, [(3 * right + 2 * wrong) / 5] * 2)
    close(history.test_loss, [(right + 2 * wrong) / 3] * 2)
    close(history.batch_loss, [right, (right + wrong) / 2, wrong] * 2)
    assert history.batches == 3 and len(history.seconds) == 2
    for seconds, rate in zip(history.seconds, history.images_per_s, strict=True):
        assert rate == pytest.approx(5 / seconds)


def test_seconds_are_those_of_the_training_pass_alone(data, monkeypatch, tmp_path):
    """Under a clock that goes one second further with each look, and further for what is not training."""
    now = [0]

    def takes(seconds, call):
        def slow(*arguments):
            now[0] += seconds
            return call(*arguments)
        return slow
    monkeypatch.setattr(training, "time", SimpleNamespace(perf_counter=takes(1, lambda: now[0])))
    monkeypatch.setattr(training, "evaluate", takes(10**6, training.evaluate))
    monkeypatch.setattr(training.Checkpoint, "write", takes(10**4, training.Checkpoint.write))
    history = train(ready(), *data, 2, 0.05, CPU, show=False, checkpoint=tmp_path / "run.checkpoint",
                    checkpoint_every=2, each_batch=takes(100, lambda history: None))
    assert history.seconds == [5, 5] and now[0] > 2 * 10**6  # one look for each of the five batches


def test_one_batch_is_memorized():
    batch = small_data(16, 16)
    history = train(ready(), batch, batch, 40, 0.1, CPU, momentum=0.9, seed=0, show=False)
    assert history.loss[-1] < 0.02 and history.test_acc[-1] == 1.0 and history.loss[0] > 0.5


def test_any_iterable_with_a_length_will_do():
    X, y = next(iter(small_data(32, 32)))
    loader = gluon.data.DataLoader(gluon.data.ArrayDataset(X, y.astype("float32")), batch_size=8)
    assert len(train(ready(), loader, loader, 1, 0.05, CPU, show=False).batch_loss) == 4


def test_plain_blocks_train_too_and_hybrid_ones_are_hybridized(data):
    class Plain(nn.Block):
        def __init__(self):
            super().__init__()
            self.dense = nn.Dense(3)

        def forward(self, X):
            return self.dense(X) * 1.0
    net, hybrid = Plain(), nn.Dense(3)
    for each in (net, hybrid):
        set_seed(0)
        each.initialize(ctx=CPU)
    first, second = (train(each, *data, 2, 0.05, CPU, seed=0, show=False) for each in (net, hybrid))
    close(first.batch_loss, second.batch_loss)
    assert hybrid._active and {("static_alloc", True), ("static_shape", True)} <= set(hybrid._flags)


def weighted(y_hat, y):
    return np.array([1.0, 5.0, 0.0])[y.astype("int32")] * cross_entropy(y_hat, y)


def soft_cross_entropy(y_hat, y):
    return -(y * npx.log_softmax(y_hat)).sum(axis=1)


def softened(batches, share=0.1):
    """Labels that give a `share` to all classes alike (label smoothing)."""
    return [(X, npx.one_hot(y, 3) * (1 - share) + share / 3) for X, y in batches]


LOSSES = {
    "a function": (cross_entropy, cross_entropy, list),
    "weights of classes": (weighted, weighted, list),
    "one of Gluon's": (gluon.loss.SoftmaxCrossEntropyLoss(weight=0.5), lambda y_hat, y: 0.5 * cross_entropy(y_hat, y),
                       list),
    "soft labels": (None, soft_cross_entropy, softened),
    "soft labels and a function": (soft_cross_entropy, soft_cross_entropy, softened),
    "soft labels and one of Gluon's": (gluon.loss.SoftmaxCrossEntropyLoss(sparse_label=False), soft_cross_entropy,
                                       softened),
}


@pytest.mark.parametrize("loss, meaning, prepare", LOSSES.values(), ids=LOSSES)
def test_a_loss_of_ones_own_is_what_is_minimized(loss, meaning, prepare):
    batches, reference, net = prepare(small_data(shuffle=False)), ready(), ready()
    losses, after = by_hand(reference, batches, 2, mx.optimizer.SGD(learning_rate=0.05), meaning)
    history = train(net, batches, None, 2, 0.05, CPU, loss=loss, seed=1, show=False)
    close(history.batch_loss, losses)
    close(weights(net), after[-1])


def test_soft_labels_are_tested_with_hard_ones_or_soft_ones():
    hard = list(small_data(shuffle=False))
    mild = softened(hard, 0.0)
    for net, test in ((ready(), hard), (ready(), mild)):
        history = train(net, softened(hard), test, 1, 0.05, CPU, seed=1, show=False)
        assert history.test_acc == [evaluate_accuracy(net, hard)]
        right = numpy.concatenate([cross_entropy(net(X), y).asnumpy() for X, y in hard])
        assert history.test_loss == [pytest.approx(right.mean(), rel=1e-5)]


def test_the_accuracy_of_soft_labels_counts_the_largest_share():
    net = Fixed()
    net.initialize(ctx=CPU)
    X = np.array([0, 1, 2, 2]).reshape(4, 1, 1, 1) / 255
    y = np.array([[0.6, 0.4, 0], [0.6, 0.4, 0], [0.1, 0.2, 0.7], [0.3, 0.3, 0.4]])
    assert train(net, [(X, y)], [(X, y)], 1, 1e-9, CPU, show=False).train_acc == [0.75]


def test_the_hook_sees_the_network_as_it_is_after_each_batch(data):
    reference, net, seen = ready(), ready(), []
    _, after = by_hand(reference, data[0], 2, mx.optimizer.SGD(learning_rate=0.05, momentum=0.9))

    def look(history):
        seen.append((weights(net), len(history.batch_loss), history.done, len(history.test_acc)))
    plain = train(ready(), *data, 2, 0.05, CPU, momentum=0.9, seed=1, show=False)
    history = train(net, *data, 2, 0.05, CPU, momentum=0.9, seed=1, show=False, each_batch=look)
    for (now, *_), then in zip(seen, after, strict=True):
        close(now, then)
    assert [counts for _, *counts in seen] == [
        [step, step % 5, step // 5] for step in range(1, 11)]  # the last batch of an epoch after its evaluation
    assert timeless(history) == timeless(plain) and not history.stopped


@pytest.mark.parametrize("at", [1, 3, 5, 7])
def test_the_hook_ends_the_run_after_the_batch_at_hand(data, at):
    reference, net = ready(), ready()
    _, after = by_hand(reference, data[0], 2, mx.optimizer.SGD(learning_rate=0.05))
    history = train(net, *data, 2, 0.05, CPU, seed=1, show=False,
                    each_batch=lambda history: len(history.batch_loss) == at)
    assert len(history.batch_loss) == at and len(history.loss) == len(history.test_acc) == at // 5
    assert history.stopped is True
    close(weights(net), after[at - 1])


@pytest.mark.parametrize("answer, ends", [(None, False), (False, False), (numpy.bool_(False), False),
                                          (numpy.bool_(True), True)])
def test_the_hook_may_answer_as_numpy_does_or_not_at_all(data, answer, ends):
    history = train(ready(), *data, 1, 0.05, CPU, show=False, each_batch=lambda history: answer)
    assert history.stopped is ends and len(history.batch_loss) == (1 if ends else 5)


@pytest.mark.parametrize("answer", [7, "saved", [1], 0, numpy.float64(0.5)])
@pytest.mark.parametrize("at", [1, 5])
def test_a_hook_that_answers_something_else_does_not_end_training_but_is_named(data, answer, at):
    message = re.escape(f"each_batch must return True (which ends training), False or None, got {answer!r}: a def")
    with pytest.raises(ValueError, match=message):
        train(ready(), *data, 1, 0.05, CPU, show=False,
              each_batch=lambda history: answer if len(history.batch_loss) == at else None)


def test_early_stopping_is_a_few_lines(data, tmp_path):
    """Keep the best weights by test loss, stop when it has not fallen for three epochs, take the best again."""
    net, path = ready(), str(tmp_path / "best.params")

    def patience(history):
        if history.done == 0:
            if history.test_loss[-1] == min(history.test_loss):
                net.save_parameters(path)
            return len(history.test_loss) - history.test_loss.index(min(history.test_loss)) > 3
    history = train(net, *data, 60, 0.1, CPU, momentum=0.9, seed=0, show=False, each_batch=patience)
    best = history.test_loss.index(min(history.test_loss))
    assert history.stopped and len(history.loss) == best + 4 < 60
    assert evaluate_accuracy(net, data[1]) == history.test_acc[-1]
    net.load_parameters(path)
    reference = ready()
    train(reference, *data, best + 1, 0.1, CPU, momentum=0.9, seed=0, show=False)
    assert equal(weights(net), weights(reference))


def test_a_finder_of_learning_rates_is_a_few_lines(data):
    """The rate doubles in every step until the loss is not finite: the error carries the curve up to there."""
    class Doubling(lr_scheduler.LRScheduler):
        def __call__(self, step):
            return self.base_lr * 2**step
    with pytest.raises(FloatingPointError) as raised:
        train(ready(), data[0], None, 40, 1e-3, CPU, lr_scheduler=Doubling(base_lr=1e-3), seed=0, show=False)
    history = raised.value.history
    assert 5 < len(history.batch_loss) < 200 and all(map(math.isfinite, history.batch_loss))
    assert max(history.batch_loss) > 10 * history.batch_loss[0]
    assert str(raised.value).startswith(
        f"the loss is {'nan' if 'nan' in str(raised.value) else 'inf'} in batch {history.done + 1} of epoch "
        f"{len(history.loss) + 1} (before it: {history.batch_loss[-1]:.3g}): take a lower lr than 0.001")


def test_a_loss_that_is_not_finite_in_the_first_batch_or_on_the_test_set_ends_training(data, tmp_path):
    def broken(y_hat, y):
        return cross_entropy(y_hat, y) * math.nan
    message = r"^the loss is nan in batch 1 of epoch 1 \(before it: none\): take a lower lr than 0.05$"
    with pytest.raises(FloatingPointError, match=message) as raised:
        train(ready(), *data, 5, 0.05, CPU, loss=broken, show=False)
    assert raised.value.history.batch_loss == []
    batches = small_data(8, 8)  # one step, whose loss is sound, ruins the weights
    message = r"^the loss is nan on test_iter at the end of epoch 1 \(before it: [\d.]+\): take a lower lr than 1e\+30$"
    with pytest.raises(FloatingPointError, match=message) as raised:
        train(ready(), batches, batches, 5, 1e30, CPU, show=False, checkpoint=tmp_path / "run.checkpoint")
    assert len(raised.value.history.batch_loss) == 1


@pytest.mark.parametrize("every, at", [(None, 4), (3, 3)])
def test_weights_that_a_relu_hides_from_the_loss_are_found_when_they_are_kept(tmp_path, every, at):
    """The ReLU makes 0 of nan, so the losses stay finite: of an image with nan in the second of four batches."""
    X, y, path = np.ones((2, 1, 8, 8)), np.array([0, 1]), tmp_path / "run.checkpoint"
    net = sequence(nn.Conv2D(4, 3, activation="relu"), nn.GlobalAvgPool2D(), nn.Dense(3))
    options = dict(show=False, checkpoint=path, checkpoint_every=every)
    message = rf"^conv\d+_weight is not finite after batch {at} of epoch 1: are all images finite\? .* lr than 0.05$"
    with pytest.raises(FloatingPointError, match=message) as raised:
        fit(net, ([(X, y), (X * math.nan, y), (X, y), (X, y)], None), 2, 0.05, CPU, **options)
    assert all(map(math.isfinite, raised.value.history.batch_loss)) and not path.exists()


def test_frozen_layers_stay_and_running_statistics_move_only_while_training(data):
    net = ready()
    net[0].collect_params().setattr("grad_req", "null")
    first = weights(net)
    train(net, *data, 1, 0.05, CPU, seed=1, show=False)
    second = weights(net)
    kept = [numpy.array_equal(a, b) for a, b in zip(first, second, strict=True)]
    names = [name.split("_", 1)[1] for name in net.collect_params()]
    assert kept[:2] == [True, True] and not any(kept[2:]), names


def test_the_device_defaults_to_try_gpu(data, monkeypatch):
    asked = []
    monkeypatch.setattr(training, "try_gpu", lambda: asked.append(1) or CPU)
    fit(small_net(), data, 1, 0.05, show=False)
    train(ready(), *data, 1, 0.05, show=False)
    assert asked == [1, 1]


def test_a_script_shows_a_bar_and_a_line_per_epoch(tmp_path):
    script = tmp_path / "learn.py"
    script.write_text("import d2lcnn\nfrom mxnet import np\nfrom mxnet.gluon import nn\n"
                      "batches = [(np.ones((4, 3)), np.zeros(4, dtype='int32'))] * 3\n"
                      "d2lcnn.fit(nn.Dense(2), (batches, batches), 2, 0.05)\n")
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    lines = run.stdout.splitlines()
    assert [line[:8] for line in lines] == ["epoch  1", "epoch  2"]
    assert "batch/s" in run.stderr or "batch" in run.stderr
