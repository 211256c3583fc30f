"""Notebook 10: LeNet with and without batch normalization in full: 60,000 images of 28 px, ten epochs, batches of 64.

The learning rate of each net is the best of four after two epochs of 12,000 images, by 4,000 other training images.
"""
from itertools import product

import d2lcnn
from d2lcnn import run_experiment
from d2lcnn.data import Batches
from d2lcnn.models.lenet import lenet
from d2lcnn.models.lenet_bn import lenet_bn

NETS = {"plain": lenet, "batch norm": lenet_bn}
more = d2lcnn.load_data_fashion_mnist(64, examples=16_000)[0]
DATA = {"choice": (Batches(more.images[:12_000], more.labels[:12_000], 64, shuffle=True),
                   Batches(more.images[12_000:], more.labels[12_000:], 1000)),
        "full": d2lcnn.load_data_fashion_mnist(64)}


def run(net, lr, part):
    """The accuracy after every epoch, on the held-out images or on the test set."""
    history = d2lcnn.fit(NETS[net](), DATA[part], 10 if part == "full" else 2, lr, show=False)
    accuracies = {f"epoch {i}": round(accuracy, 4) for i, accuracy in enumerate(history.test_acc, 1)}
    return {"train_acc": round(history.train_acc[-1], 4)} | accuracies


rates = product((0.02, 0.05, 0.1, 0.2), NETS)
rows = run_experiment(({"net": net, "lr": lr, "part": "choice"} for lr, net in rates), run).query("part == 'choice'")
best = rows.loc[rows.groupby("net")["epoch 2"].idxmax()]
run_experiment(({"net": row.net, "lr": row.lr, "part": "full"} for row in best.itertuples()), run)
