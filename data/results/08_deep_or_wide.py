"""Notebook 08: about 75,000 parameters spent on depth, on large kernels, or on a dense layer; Fashion-MNIST, 28 px.

Every design gets the same images, steps, learning rates and seeds.
"""
from itertools import product
from pathlib import Path
from time import perf_counter

import pandas as pd
from mxnet.gluon import nn
from record import record

import d2lcnn
from d2lcnn.models.vgg import vgg_block

DESIGNS = {"two 3 × 3": ("33",), "one 5 × 5": ("5",), "one 3 × 3, dense": ("3", 88)}
EXAMPLES, EPOCHS, BATCH = 6_000, 3, 64


def three_blocks(layers, hidden=None):
    net = nn.HybridSequential()
    for channels in (16, 32, 64):
        net.add(vgg_block(layers, channels))
    if hidden:
        net.add(nn.Dense(hidden, activation="relu"))
    net.add(nn.Dense(10))
    return net


path = Path(__file__).with_suffix(".csv")
rows = pd.read_csv(path, comment="#").to_dict("records") if path.exists() else []
done = {(row["design"], row["lr"], row["seed"]) for row in rows}  # a second call goes on where the first one ended
start = perf_counter()
for seed, lr, name in product(range(3), (0.02, 0.05), DESIGNS):
    if (name, lr, seed) in done or perf_counter() - start > 130:
        continue
    data = d2lcnn.load_data_fashion_mnist(BATCH, examples=EXAMPLES)
    cost = d2lcnn.summary(three_blocks(*DESIGNS[name]), (1, 1, 28, 28))
    run = d2lcnn.fit(three_blocks(*DESIGNS[name]), data, EPOCHS, lr, seed=seed, show=False)
    rows.append({"design": name, "lr": lr, "seed": seed, "parameters": cost.parameters, "macs": cost.macs,
                 "train_acc": round(run.train_acc[-1], 4), "test_acc": round(run.test_acc[-1], 4),
                 "seconds": round(sum(run.seconds), 1)})
    record(rows)
    print(rows[-1], flush=True)
