"""Accuracy on a data set, and how results are read while MXNet computes. First used in notebook 06."""
import math
import time
from collections import deque

import numpy
from mxnet import npx

__all__ = ["evaluate_accuracy", "read_late", "to_device"]


def read_late(results):
    """Yield the pairs `(array, y)` of `results` in order, each array as a NumPy array, some steps after it was made.

    MXNet computes in the background. If each result were read at once, it would idle while we queue the next step; if
    none were read, we would queue the whole epoch. So about 0.1 s of steps, 1 to 16, are queued; then all results but
    the newest are read. Steps of more than 0.2 s (and the first, of unknown length) are waited for one by one: a step
    queued before the last one has ended gets buffers of its own, which costs more than the wait.
    """
    queue, pressed = deque(), None
    step, start = math.inf, time.perf_counter()  # seconds that a step takes; when the last reading ended

    def oldest():
        array = queue[0][0].asnumpy()  # if the stop button ends this wait, the result is still in the queue
        return array, queue.popleft()[1]

    try:
        for result in results:
            queue.append(result)
            if step > 0.2:
                npx.waitall()  # to read the result would not wait for the backward pass
            burst = max(1, min(16, int(0.1 / step)))
            if len(queue) > burst:
                while len(queue) > 1:
                    yield oldest()
                now = time.perf_counter()
                step, start = (now - start) / burst, now
    except KeyboardInterrupt as interrupt:
        pressed = interrupt
    while queue:  # what was computed counts
        yield oldest()
    if pressed:
        raise pressed


def to_device(device, *arrays):
    """Return the arrays on `device`, or where they are if it is None."""
    return [a.as_in_ctx(device) for a in arrays] if device else arrays


def evaluate_accuracy(net, data_iter, device=None):
    """Return the share of examples of `data_iter` that `net` classifies correctly, in 0..1.

    d2l's `evaluate_accuracy_gpu`. Raises ValueError if the iterator is empty, labels are not of shape
    (batch,), or outputs not of shape (batch, classes).
    """
    def results():
        for X, y in data_iter:
            if y.shape != X.shape[:1]:  # would be compared all with all
                raise ValueError(f"labels must be one per image, got {y.shape} for images of shape {X.shape}")
            X, y = to_device(device, X, y)
            y_hat = net(X)
            if y_hat.ndim != 2:
                raise ValueError(f"the network makes {y_hat.shape[1:]} of an image, not one number per class: "
                                 "let it end in nn.Dense(classes), or in nn.Flatten()")
            yield (y_hat.argmax(axis=1).astype("float32") == y.astype("float32")).sum(), y

    correct, total = numpy.sum([(float(c), len(y)) for c, y in read_late(results())] or [(0, 0)], axis=0)
    if total == 0:
        raise ValueError("the iterator is empty: nothing to evaluate")
    return correct / total
