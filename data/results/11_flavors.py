"""Notebook 11: the five flavors of the residual block in networks of 20 layers; Fashion-MNIST, 16 px.

Every flavor gets the same images, steps, learning rate and seeds.
"""
from itertools import product
from pathlib import Path
from time import perf_counter

import pandas as pd
from record import record

import d2lcnn
from d2lcnn.models.resnet import FLAVORS, small_resnet

DEPTH, EXAMPLES, EPOCHS, BATCH, LR = 20, 12_000, 2, 64, 0.1

path = Path(__file__).with_suffix(".csv")
# a second call goes on where the first one ended
rows = pd.read_csv(path, comment="#").to_dict("records") if path.exists() else []
done = {(row["seed"], row["flavor"]) for row in rows}
data = d2lcnn.load_data_fashion_mnist(BATCH, resize=16, examples=EXAMPLES)
start = perf_counter()
for seed, flavor in product(range(3), FLAVORS):
    if (seed, flavor) in done or perf_counter() - start > 270:
        continue
    run = d2lcnn.fit(small_resnet(DEPTH, FLAVORS[flavor], width=8), data, EPOCHS, LR, seed=seed, show=False)
    rows.append({"seed": seed, "flavor": flavor, "loss": round(run.loss[-1], 4),
                 "train_acc": round(run.train_acc[-1], 4), "test_acc": round(run.test_acc[-1], 4),
                 "seconds": round(sum(run.seconds), 1)})
    record(rows)
    print(rows[-1], flush=True)
