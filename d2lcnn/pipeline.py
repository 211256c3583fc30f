"""How results are read while MXNet computes in the background. First used in notebook 06."""
import math
import time
from collections import deque

from mxnet import npx

__all__ = ["read_in_bursts"]


def read_in_bursts(results, at_once=False):
    """Yield the pairs `(array, y)` of `results` in order, each array as a NumPy array, some steps after it was made.

    MXNet computes in the background. If each result were read at once, it would idle while we queue the next step; if
    none were read, we would queue the whole epoch. So about 0.1 s of steps, 1 to 16, are queued; then all results but
    the newest are read. Steps of more than 0.2 s (and the first, of unknown length) are waited for one by one: a step
    queued before the last one has ended gets buffers of its own, which costs more than the wait. With `at_once`, each
    result is read before the next step is queued.
    """
    queue = deque()
    step, start = math.inf, time.perf_counter()  # seconds that a step takes; when the last reading ended
    for array, y in results:
        queue.append((array, y))
        if at_once:
            yield _oldest(queue)
            continue
        slow = step > 0.2
        if slow:
            npx.waitall()  # to read the result would not wait for the backward pass
        burst = max(1, min(16, int(0.1 / step)))
        if slow or len(queue) > burst:
            read = len(queue) - (not slow)
            for _ in range(read):
                yield _oldest(queue)
            now = time.perf_counter()
            step, start = (now - start) / read, now
    while queue:
        yield _oldest(queue)


def _oldest(queue):
    array, y = queue.popleft()
    return array.asnumpy(), y
