"""Everything in a run follows from its seed, and the caller's random numbers do not notice the run."""
import random

from d2lcnn import fit, seeds, set_seed, train
from d2lcnn.seeds import fast_forward, seeded

import numpy
import pytest
from mxnet import autograd, np
from mxnet.gluon import nn

from .small import CPU, equal, ready, small_data, small_net, weights


def draws():
    return numpy.random.rand(3).tolist(), random.random()


def mxnet_draws():
    return np.random.uniform(size=3).tolist()


RUNS = {
    "fit": lambda net, data, seed: fit(net, data, 1, 0.1, CPU, seed=seed, show=False),
    "train": lambda net, data, seed: train(net, *data, 1, 0.1, CPU, seed=seed, show=False),
    "a run that diverges": lambda net, data, seed: pytest.raises(
        FloatingPointError, train, net, *data, 9, 1e20, CPU, seed=seed, show=False),
    "a run that is refused": lambda net, data, seed: pytest.raises(
        ValueError, train, net, [(np.zeros((2, 8)), np.zeros(2))], None, 1, 0.1, CPU, seed=seed, show=False),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize("seed", [0, None])
def test_the_callers_generators_are_left_as_if_nothing_had_been_drawn(run, seed):
    net, data = ready(small_net(dropout=0.5)), (small_data(), small_data())
    set_seed(5)
    if seed is None:
        numpy.random.randint(2**31)  # the seed of the run, the one number that is drawn
    expected = draws()
    set_seed(5)
    run(net, data, seed)
    assert draws() == expected


def search(outer):
    """A random search of three turns: what each drew, and the weights it reached."""
    set_seed(outer)
    turns = []
    for _ in range(3):
        rate = numpy.random.uniform(0.01, 0.1)
        net = small_net(dropout=0.5)
        fit(net, (small_data(), None), 1, rate, CPU, show=False)
        turns.append((rate, random.random(), *mxnet_draws(), *weights(net)[0].ravel()))
    return turns


def test_a_random_search_draws_new_numbers_in_every_turn_and_the_same_ones_under_the_same_outer_seed():
    first = search(1)
    for numbers in zip(*first, strict=True):
        assert len(set(numbers)) == 3
    assert search(1) == first
    assert all(a != b for one, other in zip(first, search(2), strict=True) for a, b in zip(one, other, strict=True))


def test_a_run_without_a_seed_takes_the_next_number_of_numpys_generator():
    net = ready()
    start = weights(net)

    def run(seed):
        for parameter, value in zip(net.collect_params().values(), start, strict=True):
            parameter.set_data(np.array(value))
        return train(net, small_data(), None, 1, 0.1, CPU, seed=seed, show=False).batch_loss
    numpy.random.seed(3)
    first, second = run(None), run(None)
    numpy.random.seed(3)
    assert first != second == run(int(numpy.random.randint(2**31, size=2)[1]))


def test_set_seed_reaches_all_three_generators():
    def draw(seed):
        set_seed(seed)
        return mxnet_draws(), draws()
    first, other = draw(numpy.int64(4)), draw(5)
    assert first == draw(4)
    assert first[0] != other[0] and first[1][0] != other[1][0] and first[1][1] != other[1][1]


class Drawing:
    """An iterator that draws for each batch from all three generators."""

    def __init__(self, batches):
        self.batches = batches

    def __iter__(self):
        for _ in range(self.batches):
            yield tuple(mxnet_draws()) + tuple(numpy.random.rand(2)) + (random.random(),), None


def epoch(number, seed=3, batches=10):
    return [numbers for numbers, _ in seeded(Drawing(batches), seed, number)]


def test_an_epoch_can_be_drawn_again_and_differs_from_every_other(monkeypatch):
    monkeypatch.setattr(seeds, "RESEED", 4)
    first = epoch(0)
    assert epoch(0) == first
    everything = [number for numbers in (*first, *epoch(1), *epoch(0, seed=4)) for number in numbers]
    assert len(set(everything)) == len(everything)  # no batch, epoch or seed repeats another


def test_what_a_seed_gives_stays_the_same_in_later_versions():
    """Stored notebooks and records rest on it: a number mixed from seed, epoch and batch."""
    for number in (0, 1):
        mixed = int(numpy.random.SeedSequence((0, number, 0)).generate_state(1)[0])
        assert mixed > 2**31  # too large for MXNet
        set_seed(mixed - 2**31)
        expected = next(iter(Drawing(1)))[0]
        assert epoch(number, seed=0)[0] == expected


def test_batches_are_drawn_anew_from_every_32nd_on():
    """What was drawn before it leaves no trace, which is how a run resumes."""
    disturbed = []
    for i, (numbers, _) in enumerate(seeded(Drawing(66), 3, 0)):
        if i in (2, 40):
            mxnet_draws(), draws()
        disturbed.append(numbers)
    plain = epoch(0, batches=66)
    same = [i for i, (a, b) in enumerate(zip(plain, disturbed, strict=True)) if a == b]
    # the iterator is asked for a batch before the generators are seeded for it
    assert same == [0, 1, 2, *range(33, 41), 65]


class Counting(nn.HybridBlock):
    def __init__(self):
        super().__init__()
        self.calls = []

    def hybrid_forward(self, F, X):
        self.calls.append((int(X[0]), autograd.is_training()))
        return X


@pytest.mark.parametrize("done, repeated", [(0, []), (3, [0, 1, 2]), (4, []), (7, [4, 5, 6]), (9, [8])])
def test_only_the_forward_passes_since_the_last_seeding_are_repeated(monkeypatch, done, repeated):
    monkeypatch.setattr(seeds, "RESEED", 4)
    net, batches = Counting(), iter([(np.array([i]), np.zeros(1)) for i in range(10)])
    fast_forward(batches, done, net, [CPU])
    assert net.calls == [(i, True) for i in repeated]
    assert int(next(batches)[0]) == done


def test_one_seed_gives_one_run(monkeypatch):
    def run(seed):
        net = small_net(dropout=0.5)
        history = fit(net, (small_data(), small_data(shuffle=False)), 2, 0.05, CPU, seed=seed, show=False)
        return weights(net), history.batch_loss, history.test_loss
    first, second, other = run(7), run(7), run(8)
    assert equal(first[0], second[0]) and first[1:] == second[1:]
    assert not equal(first[0], other[0]) and first[1] != other[1]
