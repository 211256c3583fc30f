"""Notebook 11: plain and residual networks of growing depth, 8 to 32 channels; Fashion-MNIST, 16 px.

Every network gets the same images, steps, learning rates and seeds.
"""
from itertools import product
from pathlib import Path
from time import perf_counter

import pandas as pd
from record import record

import d2lcnn
from d2lcnn.models.resnet import small_resnet

EXAMPLES, EPOCHS, BATCH = 12_000, 4, 64

path = Path(__file__).with_suffix(".csv")
# a second call goes on where the first one ended
rows = pd.read_csv(path, comment="#").to_dict("records") if path.exists() else []
done = {(row["lr"], row["seed"], row["depth"], row["shortcuts"]) for row in rows}
data = d2lcnn.load_data_fashion_mnist(BATCH, resize=16, examples=EXAMPLES)
start = perf_counter()
runs = [*product((0.1,), range(3), (44, 8, 20, 32), (0, 1)), *product((0.03,), (0,), (44,), (0, 1))]
for lr, seed, depth, shortcuts in runs:
    if (lr, seed, depth, shortcuts) in done or perf_counter() - start > 240:
        continue
    run = d2lcnn.fit(small_resnet(depth, shortcuts=bool(shortcuts), width=8), data, EPOCHS, lr, seed=seed, show=False)
    rows.append({"lr": lr, "seed": seed, "depth": depth, "shortcuts": shortcuts, "loss": round(run.loss[-1], 4),
                 "train_error": round(1 - run.train_acc[-1], 4), "test_error": round(1 - run.test_acc[-1], 4)})
    record(rows)
    print(rows[-1], flush=True)
