"""Reading results while a device computes: the device and the clock are imitated, so that no test depends on time."""
from types import SimpleNamespace

from d2lcnn import pipeline
from d2lcnn.pipeline import read_in_bursts

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


class Device:
    """Computes what is queued one after the other, result `i` for `seconds[i]`; only to wait takes time."""

    def __init__(self, seconds):
        self.seconds, self.now, self.free = seconds, 0.0, 0.0
        self.ready, self.outstanding, self.most, self.waits = [], 0, 0, 0

    def results(self):
        for i, seconds in enumerate(self.seconds):
            self.free = max(self.free, self.now) + seconds
            self.outstanding += 1
            self.most = max(self.most, self.outstanding)
            yield SimpleNamespace(asnumpy=self.reader(i, self.free)), f"y{i}"

    def reader(self, i, ready):
        def asnumpy():
            self.now = max(self.now, ready)
            self.outstanding -= 1
            return i
        return asnumpy

    def waitall(self):
        self.now = max(self.now, self.free)
        self.waits += 1

    def clock(self):
        self.now += 1e-7  # it never stands still between two looks
        return self.now

    def run(self, **options):
        """Read everything, check that all is there and in order; return how many are outstanding at each reading."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "time", SimpleNamespace(perf_counter=self.clock))
            patch.setattr(pipeline, "npx", SimpleNamespace(waitall=self.waitall))
            read = [(i, y, self.outstanding) for i, y in read_in_bursts(self.results(), **options)]
        assert [pair[:2] for pair in read] == [(i, f"y{i}") for i in range(len(self.seconds))]
        return [outstanding for *_, outstanding in read]


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(st.lists(st.floats(1e-6, 1.0), max_size=60), st.booleans())
def test_every_result_is_read_once_in_order_and_at_most_17_are_outstanding(seconds, at_once):
    device = Device(seconds)
    device.run(at_once=at_once)
    assert device.outstanding == 0 and device.most <= (1 if at_once else 17)


@pytest.mark.parametrize("seconds, most", [(0.001, 17), (0.0075, 14), (0.03, 4), (0.06, 2), (0.15, 2), (0.5, 1)])
def test_about_a_tenth_of_a_second_is_queued(seconds, most):
    device = Device([seconds] * 100)
    outstanding = device.run()
    assert device.most == most == max(outstanding[50:80]) + 1


@pytest.mark.parametrize("seconds, waits", [(0.3, 10), (0.15, 1), (0.001, 1)])
def test_only_long_steps_and_the_first_are_waited_for_one_by_one(seconds, waits):
    device = Device([seconds] * 10)
    device.run()
    assert device.waits == waits and (device.most == 1 or seconds < 0.2)


def test_the_length_of_a_burst_follows_the_steps():
    outstanding = Device([0.001] * 100 + [0.06] * 100).run()
    assert max(outstanding[:100]) == 16 and max(outstanding[140:]) == 1


def test_an_error_of_a_step_is_passed_on():
    def results():
        yield SimpleNamespace(asnumpy=lambda: 1), "y"
        raise KeyError("step 2")
    read = []
    with pytest.raises(KeyError, match="step 2"):
        for pair in read_in_bursts(results(), at_once=True):
            read.append(pair)
    assert read == [(1, "y")]
