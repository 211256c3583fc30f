"""Notebook 10: batches of 2 to 1024 with and without batch normalization; LeNet, Fashion-MNIST, 28 px.

Every run sees the same number of images, so a larger batch takes fewer steps. Seed 0 chooses the best of the same three
learning rates around 0.05 * sqrt(B / 64) for every net and batch size; seeds 1 to 3 are the result.
"""
from itertools import product
from pathlib import Path
from time import perf_counter

import pandas as pd
from record import record

import d2lcnn
from d2lcnn.models.lenet import lenet
from d2lcnn.models.lenet_bn import lenet_bn

NETS = {"plain": lenet, "batch norm": lenet_bn}
EXAMPLES, EPOCHS, CAP = 6_000, 2, 270

path = Path(__file__).with_suffix(".csv")
rows = pd.read_csv(path, comment="#").to_dict("records") if path.exists() else []
done = {(row["seed"], row["factor"], row["batch_size"], row["net"]) for row in rows}  # a second call goes on
start = perf_counter()
test = d2lcnn.load_data_fashion_mnist(1000)[1]
few = d2lcnn.load_data_fashion_mnist(10, examples=60)[1]  # what fit looks at after every epoch; we look at the end
for seed, factor, k, name in product(range(4), (1, 0.33, 3), range(10, 0, -1), NETS):
    batch_size = 2**k
    tried = {row["factor"]: row["test_acc"] for row in rows
             if (row["seed"], row["batch_size"], row["net"]) == (0, batch_size, name)}
    if (seed, factor, batch_size, name) in done or perf_counter() - start > CAP:
        continue
    if seed and (len(tried) < 3 or factor != max(tried, key=tried.get)):
        continue
    net, lr = NETS[name](), 0.05 * factor * (batch_size / 64)**0.5
    train = d2lcnn.load_data_fashion_mnist(batch_size, examples=EXAMPLES)[0]
    run = d2lcnn.fit(net, (train, few), EPOCHS, lr, seed=seed, show=False)
    rows.append({"net": name, "batch_size": batch_size, "factor": factor, "lr": round(lr, 5), "seed": seed,
                 "train_acc": round(run.train_acc[-1], 4), "test_acc": round(d2lcnn.evaluate_accuracy(net, test), 4),
                 "seconds": round(sum(run.seconds), 1)})
    record(rows)
    print(rows[-1], flush=True)
