"""Accuracy on a data set, and how results are read while MXNet computes. First used in notebook 06."""
import math
import time
from collections import deque

import numpy
from mxnet import npx

__all__ = ["evaluate_accuracy", "on", "read_late"]


def read_late(results):
    """Yield the pairs `(array, y)` of `results` in order, each array as a NumPy array, some steps after it was made.

    MXNet computes in the background. To read each result at once would leave it idle meanwhile; to read none would let
    us queue the whole epoch. So about 0.1 s of steps, 1 to 16 of them, are queued, and then all but the newest are
    read. A step that is queued before the last one has ended gets buffers of its own: steps of more than 0.2 s, where
    a wait costs little and a second set of buffers much, are queued one by one.
    """
    waiting = deque()

    def read(left):
        while len(waiting) > left:
            array = waiting[0][0].asnumpy()  # if the stop button ends this wait, the result is still in line
            yield array, waiting.popleft()[1]

    burst, seconds = 1, math.inf  # steps between two readings, and the length of one: unknown, so wait for the first
    start = time.perf_counter()
    try:
        for result in results:
            waiting.append(result)
            if seconds > 0.2:
                npx.waitall()  # to read the result would not wait for the backward pass
            if len(waiting) > burst:
                yield from read(left=1)
                now = time.perf_counter()
                seconds, start = (now - start) / burst, now
                burst = max(1, min(16, int(0.1 / seconds)))
    except KeyboardInterrupt:  # what was computed counts
        yield from read(left=0)
        raise
    yield from read(left=0)


def on(device, *arrays):
    """Return the arrays on `device`, or where they are if it is None."""
    return [a.as_in_ctx(device) for a in arrays] if device else arrays


def evaluate_accuracy(net, data_iter, device=None):
    """Return the share of examples of `data_iter` that `net` classifies correctly, in 0..1.

    d2l's `evaluate_accuracy_gpu`. Raises ValueError if the iterator is empty or labels are not of shape (batch,).
    """
    def results():
        for X, y in data_iter:
            if y.shape != X.shape[:1]:  # would be compared all with all
                raise ValueError(f"labels must be one per image, got {y.shape} for images of shape {X.shape}")
            X, y = on(device, X, y)
            yield (net(X).argmax(axis=1).astype("float32") == y.astype("float32")).sum(), y

    correct, total = numpy.sum([(float(c), len(y)) for c, y in read_late(results())] or [(0, 0)], axis=0)
    if total == 0:
        raise ValueError("the iterator is empty: nothing to evaluate")
    return correct / total
