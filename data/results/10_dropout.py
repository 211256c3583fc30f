"""Notebook 10: LeNet with and without batch normalization, with and without dropout; Fashion-MNIST, 28 px.

1,000 images and 40 epochs, so that there is something to regularize. Seed 0 chooses the best of the same seven learning
rates for every design, by 4,000 other training images; seeds 1 to 6 are the result. Accuracies are those in predict
mode after the last epoch.
"""
from itertools import product

import d2lcnn
from d2lcnn import run_experiment
from d2lcnn.data import Batches
from d2lcnn.models.lenet import lenet
from d2lcnn.models.lenet_bn import lenet_bn

from mxnet.gluon import nn

NETS = {"plain": lenet, "batch norm": lenet_bn}
more = d2lcnn.load_data_fashion_mnist(1000, examples=5_000)[0]
train = Batches(more.images[:1_000], more.labels[:1_000], 64, shuffle=True)
held_out = Batches(more.images[1_000:], more.labels[1_000:], 1000)
few = Batches(more.images[1_000:1_060], more.labels[1_000:1_060], 60)  # what fit looks at; we look at the end
test = d2lcnn.load_data_fashion_mnist(1000)[1]


def with_dropout(net, rate):
    """The same layers, with dropout before each dense layer but the first."""
    new, dense = nn.HybridSequential(), 0
    for layer in net:
        dense += isinstance(layer, nn.Dense)
        if isinstance(layer, nn.Dense) and dense > 1:
            new.add(nn.Dropout(rate))
        new.add(layer)
    return new


def run(net, dropout, lr, seed):
    """Accuracies in predict mode."""
    net = with_dropout(NETS[net](), dropout) if dropout else NETS[net]()
    d2lcnn.fit(net, (train, few), 40, lr, seed=seed, show=False)
    return {f"{name}_acc": round(d2lcnn.evaluate_accuracy(net, images), 4)
            for name, images in (("train", train), ("held_out", held_out), ("test", test))}


designs = product((0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4), NETS, (0.0, 0.5))
rows = run_experiment(({"net": net, "dropout": rate, "lr": lr, "seed": 0} for lr, net, rate in designs), run)
tried = rows.query("seed == 0")
best = tried.loc[tried.groupby(["net", "dropout"]).held_out_acc.idxmax()]
run_experiment(({"net": row.net, "dropout": row.dropout, "lr": row.lr, "seed": seed}
        for seed in range(1, 7) for row in best.itertuples()), run)
