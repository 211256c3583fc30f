"""A short training run for tests/test_kill.py and tests/test_workers.py, in this process or as
`python -m tests.resumable_run RESULT CHECKPOINT EVERY`. In `RESULT` and `CHECKPOINT`, {}
is the number of the worker.

It has everything that a run must find again when it resumes: order, augmentation, dropout, running statistics,
momentum, a schedule. An epoch of 50 batches is longer than the 32 after which the generators are seeded anew.
"""
import json
import sys

import d2lcnn
from d2lcnn import workers

import numpy
from mxnet import init, lr_scheduler
from mxnet.gluon import nn

from .small import CPU, sequence, small_data, timeless, weights


def run(result, checkpoint=None, every=None):
    """Train, write the weights to `result`, and return the history without its times, as text."""
    net = sequence(nn.Conv2D(16, 3, strides=2, activation="relu"), nn.BatchNorm(), nn.Dropout(0.3), nn.Dense(32),
                   nn.BatchNorm(), nn.Dropout(0.5), nn.Dense(3))
    net.initialize(init.Xavier(), ctx=CPU)
    print("begins", flush=True)
    history = d2lcnn.train(net, small_data(200).augmented(flip=0.5, shift=2), small_data(20, shuffle=False), 2, 0.05,
                           CPU, momentum=0.9, weight_decay=1e-4, seed=5, show=False,
                           lr_scheduler=lr_scheduler.FactorScheduler(20, 0.8, base_lr=0.05),
                           checkpoint=checkpoint and checkpoint.format(workers.RANK), checkpoint_every=every)
    numpy.savez(str(result).format(workers.RANK), *weights(net))
    return json.dumps(timeless(history))


if __name__ == "__main__":
    result, *checkpoint = sys.argv[1:]
    print(run(result, *checkpoint[:1], *map(int, checkpoint[1:])), flush=True)
