"""Random numbers that can be drawn again: everything in a training run follows from one seed."""
import random
from itertools import islice

import mxnet as mx
import numpy
from mxnet import autograd

__all__ = ["pass_by", "seeded", "set_seed"]

RESEED = 32  # batches: to seed MXNet's generator takes a millisecond, too long to do it for each of them


def set_seed(seed):
    """Seed the three generators that a run draws from: MXNet's (weights, dropout), NumPy's (order), Python's."""
    seed = int(seed)
    mx.random.seed(seed)
    numpy.random.seed(seed)
    random.seed(seed)


def seeded(batches, seed, epoch):
    """Yield the batches of an epoch; what is drawn for them and between them follows from `seed` and `epoch` alone.

    MXNet cannot tell the state of its generator, so a run that goes on from a checkpoint could not set it. Therefore
    `set_seed` is called in every run, at the start of an epoch and every `RESEED` batches, with a number mixed from
    the seed, the epoch and the batch: going on starts at the last of these places and draws again from there.
    An iterator that draws elsewhere, from a generator of its own or in other processes, is not reached.
    """
    def seed_batch(i):
        set_seed(int(numpy.random.SeedSequence((seed, epoch, i)).generate_state(1)[0]) % 2**31)

    seed_batch(0)
    for i, batch in enumerate(batches):
        if i and i % RESEED == 0:
            seed_batch(i)
        yield batch


def pass_by(batches, done, net, device):
    """Take the first `done` of the `seeded` batches, and draw again what `net` drew for the last of them.

    Only the forward passes since the last seed are repeated. On a GPU they may move running
    statistics: restore those afterwards.
    """
    for i, (X, _) in enumerate(islice(batches, done)):
        if i >= done - done % RESEED:
            with autograd.record():
                net(X.as_in_ctx(device))
