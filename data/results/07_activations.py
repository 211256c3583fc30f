"""Notebook 07: steps of LeNet to a training loss of 0.45 with ReLU, tanh, and sigmoid; Fashion-MNIST, 28 px.

Each activation gets four learning rates; momentum 0.9, batch 128. A run ends after 1,000 steps without the target.
"""
from itertools import product
from pathlib import Path
from time import perf_counter

import numpy
import pandas as pd
from record import record

import d2lcnn
from d2lcnn.models.lenet import lenet

# isort: split
from mxnet import autograd, gluon, init  # after d2lcnn, which gives it every core

RATES = {"relu": (0.01, 0.02, 0.05, 0.1), "tanh": (0.01, 0.02, 0.05, 0.1), "sigmoid": (0.05, 0.1, 0.2, 0.5)}
TARGET, LIMIT, BATCH, EXAMPLES = 0.45, 1000, 128, 20_000


def steps_to_target(activation, lr, seed):
    d2lcnn.set_seed(seed)
    device = d2lcnn.try_gpu()
    net, losses = lenet(activation=activation), []
    net.initialize(init.Xavier(), ctx=device)
    net.hybridize(static_alloc=True, static_shape=True)
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr, "momentum": 0.9})
    train_iter, _ = d2lcnn.load_data_fashion_mnist(BATCH, examples=EXAMPLES, device=device)
    while True:
        for X, y in train_iter:
            with autograd.record():
                l = loss(net(X), y).mean()  # noqa: E741
            l.backward()
            trainer.step(1)
            losses.append(float(l))
            if len(losses) >= 20 and numpy.mean(losses[-20:]) < TARGET:
                return len(losses)
            if len(losses) == LIMIT:
                return LIMIT


path = Path(__file__).with_suffix(".csv")
rows = pd.read_csv(path, comment="#").to_dict("records") if path.exists() else []
done = {(row["activation"], row["lr"], row["seed"]) for row in rows}  # a second call goes on where the first one ended
start = perf_counter()
for seed, activation in product(range(4), RATES):
    for lr in RATES[activation]:
        if (activation, lr, seed) not in done and perf_counter() - start < 250:
            rows.append({"activation": activation, "lr": lr, "seed": seed,
                         "steps": steps_to_target(activation, lr, seed)})
            record(rows)
            print(rows[-1], flush=True)
