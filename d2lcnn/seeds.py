"""Reproducible random numbers: everything in a training run follows from one seed."""
import random
from contextlib import contextmanager
from itertools import islice

import mxnet as mx
import numpy
from mxnet import autograd

from .device import to_devices

__all__ = ["fast_forward", "private_random_numbers", "seeded", "set_seed"]

RESEED = 32  # batches: to seed MXNet's generator takes a millisecond, too long to do it for each of them


def set_seed(seed):
    """Seed the three generators that a run draws from: MXNet's (weights, dropout), NumPy's (order), Python's."""
    seed = int(seed)
    mx.random.seed(seed)
    numpy.random.seed(seed)
    random.seed(seed)


@contextmanager
def private_random_numbers():
    """Leave the caller's generators as if nothing had been drawn or seeded within the `with` block.

    NumPy's and Python's are put back. MXNet does not give away the state of its generator, so a number is drawn from
    it beforehand, which seeds it afterwards: the caller's draws differ from one block to the next.
    """
    states = numpy.random.get_state(), random.getstate()
    onward = int(mx.np.random.randint(numpy.iinfo("int32").max))
    try:
        yield
    finally:
        numpy.random.set_state(states[0])
        random.setstate(states[1])
        mx.random.seed(onward)


def seeded(batches, seed, epoch):
    """Yield the batches of an epoch; what is drawn for them and between them follows from `seed` and `epoch` alone.

    MXNet does not tell the state of its generator, so a run that resumes could not set it. Therefore `set_seed` is
    called in every run, at the start of an epoch and every `RESEED` batches, with a number mixed from the seed, the
    epoch and the batch: a run resumes at the last of these places and draws again from there.
    An iterator that draws elsewhere, from a generator of its own or in other processes, is not reached.
    """
    def seed_batch(i):
        set_seed(int(numpy.random.SeedSequence((seed, epoch, i)).generate_state(1)[0]) % 2**31)

    seed_batch(0)
    for i, batch in enumerate(batches):
        if i and i % RESEED == 0:
            seed_batch(i)
        yield batch


def fast_forward(batches, done, net, devices):
    """Skip the first `done` of the `seeded` batches.

    The forward passes since the last re-seeding are repeated, so that dropout continues where it stood. On a GPU they
    may move running statistics: restore those afterwards.
    """
    for i, batch in enumerate(islice(batches, done)):
        if i >= done - done % RESEED:
            with autograd.record():
                for X, _ in to_devices(devices, *batch):
                    net(X)
