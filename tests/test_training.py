import subprocess
import sys

from d2lcnn import evaluate_accuracy, fit, load_data_mnist, set_seed, train
from d2lcnn.data import Batches
from d2lcnn.models.lenet import lenet
from d2lcnn.seeds import seeded

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, init, lr_scheduler, np, npx
from mxnet.gluon import nn

CPU = npx.cpu()


def small_net(outputs=10, dropout=0.0):
    net = nn.HybridSequential()
    net.add(nn.Conv2D(4, 3, activation="relu"), nn.BatchNorm(), nn.Dropout(dropout), nn.Dense(outputs))
    return net


def ready(net, seed=0):
    set_seed(seed)
    net.initialize(init.Xavier(), ctx=CPU, force_reinit=True)
    net(np.zeros((1, 1, 28, 28)))
    return net


@pytest.fixture(scope="module")
def mnist():
    return load_data_mnist(32, examples=200, device=CPU)


def weights(net):
    return [p.data().asnumpy() for p in net.collect_params().values()]


def by_hand(net, data, num_epochs, rate, momentum, weight_decay):
    """The same training with nothing but autograd; `rate(step)` is the learning rate.

    `train` seeds every epoch anew, so that a run can go on from a checkpoint: the order of the examples is taken so.
    """
    trained = [p for p in net.collect_params().values() if p.grad_req != "null"]
    velocity, losses, step = [np.zeros(p.shape) for p in trained], [], 0
    for epoch in range(num_epochs):
        total = 0.0
        for X, y in seeded(data[0], 1, epoch):
            with autograd.record():
                log_p = npx.log_softmax(net(X))
                loss = -npx.pick(log_p, y).sum()
            loss.backward()
            step += 1
            for p, v in zip(trained, velocity, strict=True):
                v[:] = momentum * v - rate(step) * (p.grad() / len(y) + weight_decay * p.data())
                p.set_data(p.data() + v)
            total += float(loss)
        losses.append(total / len(data[0].labels))
    return losses


@pytest.mark.parametrize("momentum, weight_decay", [(0, 0), (0.9, 0), (0.9, 0.05)])
def test_the_loop_equals_one_written_by_hand(mnist, momentum, weight_decay):
    reference, net = ready(small_net()), ready(small_net())
    losses = by_hand(reference, mnist, 2, lambda step: 0.01, momentum, weight_decay)
    history = train(net, *mnist, 2, 0.01, CPU, momentum=momentum, weight_decay=weight_decay, seed=1, show=False)
    numpy.testing.assert_allclose(history.loss, losses, rtol=1e-5)
    for ours, theirs in zip(weights(net), weights(reference), strict=True):
        numpy.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_the_schedule_sets_the_rate_of_every_batch(mnist):
    reference, net = ready(small_net()), ready(small_net())
    steps = 2 * len(mnist[0])
    same = lr_scheduler.CosineScheduler(steps, base_lr=0.05)
    by_hand(reference, mnist, 2, same, 0.9, 0)
    history = train(net, *mnist, 2, 0.05, CPU, momentum=0.9, seed=1, show=False,
                    lr_scheduler=lr_scheduler.CosineScheduler(steps, base_lr=0.05))
    for ours, theirs in zip(weights(net), weights(reference), strict=True):
        numpy.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert history.lr == [pytest.approx(0.025), pytest.approx(0.0)]


def test_two_runs_with_one_seed_agree_to_the_bit(mnist):
    def run(seed):
        net = small_net(dropout=0.5)
        net.initialize(init.Xavier(), ctx=CPU)
        history = train(net, *mnist, 2, 0.05, CPU, momentum=0.9, seed=seed, show=False)
        return history, weights(net)
    (first, w1), (second, w2), (third, _) = run(7), run(7), run(8)
    assert first.batch_loss == second.batch_loss != third.batch_loss
    assert (first.loss, first.train_acc, first.test_acc) == (second.loss, second.train_acc, second.test_acc)
    assert all((a == b).all() for a, b in zip(w1, w2, strict=True))


def test_one_batch_is_learned_by_heart():
    batch = load_data_mnist(32, examples=32, device=CPU)[0]
    net = ready(lenet())
    history = train(net, batch, batch, 60, 0.1, CPU, momentum=0.9, seed=0, show=False)
    assert history.loss[-1] < 0.01 and history.test_acc[-1] == 1.0


def test_history_counts_what_happened(mnist):
    net = ready(small_net())
    history = train(net, *mnist, 2, 1e-9, CPU, seed=0, show=False)
    assert history.batches == 7 and len(history.batch_loss) == 14
    assert all(len(v) == 2 for v in (history.loss, history.train_acc, history.test_acc, history.lr, history.seconds))
    assert history.loss[0] == pytest.approx(numpy.average(history.batch_loss[:7], weights=[32] * 6 + [8]))
    assert history.test_acc[1] == evaluate_accuracy(net, mnist[1])
    assert history.images_per_s[0] == pytest.approx(200 / history.seconds[0])
    assert history.line(1).startswith("epoch  1   loss ") and "images/s" in history.line(2)


def test_the_rate_falls_when_test_accuracy_stands_still(mnist):
    net = ready(small_net())
    history = train(net, *mnist, 5, 1e-9, CPU, plateau=2, seed=0, show=False)  # learns nothing: best after epoch 1
    assert history.lr == pytest.approx([1e-9, 1e-9, 1e-9, 1e-10, 1e-10])


def test_accuracy_is_the_share_of_right_answers():
    class Fixed(nn.Block):
        def forward(self, X):
            return npx.one_hot(X[:, 0, 0, 0] * 255, 4)
    images = numpy.array([0, 1, 2, 3, 3], "uint8").reshape(5, 1, 1, 1)
    assert evaluate_accuracy(Fixed(), Batches(images, [0, 1, 2, 0, 3], 2, device=CPU)) == pytest.approx(4 / 5)
    with pytest.raises(ValueError, match="empty"):
        evaluate_accuracy(Fixed(), [])
    with pytest.raises(ValueError, match=r"one per image, got \(2, 1\)"):
        evaluate_accuracy(Fixed(), [(np.zeros((2, 1, 1, 1)), np.zeros((2, 1)))])
    with pytest.raises(ValueError, match=r"makes \(1, 1, 1\) of an image, .*nn.Flatten"):
        evaluate_accuracy(nn.MaxPool2D(1), [(np.zeros((2, 1, 1, 1)), np.zeros(2))])


def test_any_iterable_with_a_length_will_do(mnist):
    X, y = next(iter(mnist[1]))
    loader = gluon.data.DataLoader(gluon.data.ArrayDataset(X, y.astype("float32")), batch_size=8)
    history = train(ready(small_net()), loader, loader, 1, 0.05, CPU, show=False)
    assert len(history.batch_loss) == 4


def test_plain_blocks_train_too(mnist):
    class Plain(nn.Block):
        def __init__(self):
            super().__init__()
            self.dense = nn.Dense(10)

        def forward(self, X):
            return self.dense(X) * 1.0
    net = Plain()
    net.initialize(ctx=CPU)
    assert train(net, *mnist, 3, 0.05, CPU, show=False).loss[-1] < 2.3


def test_a_loss_that_is_not_finite_stops_training_at_once(mnist):
    with pytest.raises(FloatingPointError, match=r"in batch \d+ of epoch \d+ .*lower lr \(now 1e\+10\), .*Xavier"):
        train(ready(small_net()), *mnist, 5, 1e10, CPU, momentum=0.9, show=False)


def test_set_seed_reaches_all_three_generators():
    def draw():
        import random
        set_seed(4)
        return mx.np.random.uniform(size=2).tolist(), numpy.random.rand(2).tolist(), random.random()
    assert draw() == draw()


def test_a_script_shows_a_bar_and_a_line_per_epoch(tmp_path):
    script = tmp_path / "learn.py"
    script.write_text("import d2lcnn\nfrom mxnet import init\nfrom d2lcnn.models.lenet import lenet\n"
                      "net = lenet()\nnet.initialize(init.Xavier())\n"
                      "d2lcnn.train(net, *d2lcnn.load_data_mnist(32, examples=100), 2, 0.05)\n")
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    lines = run.stdout.splitlines()
    assert [line[:8] for line in lines] == ["epoch  1", "epoch  2"] and len({len(line) for line in lines}) == 1
    assert "batch/s" in run.stderr


def test_fit_starts_anew_and_warms_up_before_the_cosine(mnist):
    net = small_net()
    first, second = (fit(net, mnist, 2, lr=0.05, device=CPU, show=False) for _ in range(2))
    assert first.batch_loss == second.batch_loss
    assert first.batch_loss != fit(net, mnist, 2, lr=0.05, device=CPU, seed=1, show=False).batch_loss
    by_hand = lr_scheduler.CosineScheduler(14, base_lr=0.05, warmup_steps=4)
    assert first.lr == [pytest.approx(by_hand(7)), pytest.approx(by_hand(14))]
