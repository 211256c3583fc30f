"""A short training run for tests/test_kill.py, in this process or as
`python -m tests.resumable_run RESULT CHECKPOINT EVERY`.

It has everything that a run must find again when it goes on: order, dropout, running statistics, momentum, a schedule.
An epoch of 50 batches is longer than the 32 after which the generators are seeded anew.
"""
import json
import sys

import d2lcnn

import numpy
from mxnet import init, lr_scheduler, npx
from mxnet.gluon import nn


def run(result, checkpoint=None, every=None):
    """Train, write the weights to `result`, and return the history without its times, as text."""
    cpu = npx.cpu()
    data = d2lcnn.load_data_mnist(8, examples=400, device=cpu)
    net = nn.HybridSequential()
    net.add(nn.Conv2D(16, 3, strides=2, activation="relu"), nn.BatchNorm(), nn.Dropout(0.3), nn.Dense(32),
            nn.BatchNorm(), nn.Dropout(0.5), nn.Dense(10))
    net.initialize(init.Xavier(), ctx=cpu)
    print("begins", flush=True)
    history = d2lcnn.train(net, *data, 3, 0.05, cpu, momentum=0.9, weight_decay=1e-4, seed=5, show=False,
                           lr_scheduler=lr_scheduler.FactorScheduler(20, 0.8, base_lr=0.05),
                           checkpoint=checkpoint, checkpoint_every=every)
    numpy.savez(result, *[p.data().asnumpy() for p in net.collect_params().values()])
    return json.dumps({k: v for k, v in vars(history).items() if k not in ("seconds", "images_per_s")})


if __name__ == "__main__":
    result, *checkpoint = sys.argv[1:]
    print(run(result, *checkpoint[:1], *map(int, checkpoint[1:])), flush=True)
