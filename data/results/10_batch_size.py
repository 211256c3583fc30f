"""Notebook 10: batches of 2 to 1024 with and without batch normalization; LeNet, Fashion-MNIST, 28 px.

Every run sees 6,000 images twice, so a larger batch takes fewer steps. Seed 0 chooses the best of the same six
learning rates around 0.05 * sqrt(B / 64) for every net and batch size, by 4,000 other training images; seeds 1 to 3
are the result. A run whose loss overflows has no accuracies.
"""
from itertools import product

import d2lcnn
from d2lcnn import run_experiment
from d2lcnn.data import Batches
from d2lcnn.models.lenet import lenet
from d2lcnn.models.lenet_bn import lenet_bn

from mxnet import autograd

NETS = {"plain": lenet, "batch norm": lenet_bn}
FACTORS, SIZES = (0.03, 0.1, 0.33, 1.0, 3.0, 9.0), [2**k for k in range(10, 0, -1)]
more = d2lcnn.load_data_fashion_mnist(1000, examples=10_000)[0]
held_out = Batches(more.images[6_000:], more.labels[6_000:], 1000)
few = Batches(more.images[6_000:6_060], more.labels[6_000:6_060], 60)  # what fit looks at; we look at the end
test = d2lcnn.load_data_fashion_mnist(1000)[1]


def run(net, batch_size, factor, seed):
    """Accuracies in predict mode and, on the test set, with the statistics of each 1,000 images themselves."""
    net, lr = NETS[net](), 0.05 * factor * (batch_size / 64)**0.5
    train = Batches(more.images[:6_000], more.labels[:6_000], batch_size, shuffle=True)
    try:
        history = d2lcnn.fit(net, (train, few), 2, lr, seed=seed, show=False)
    except FloatingPointError:
        return {}
    held_out_acc, test_acc = (d2lcnn.evaluate_accuracy(net, images) for images in (held_out, test))
    with autograd.train_mode():
        own = d2lcnn.evaluate_accuracy(net, test)
    return {"held_out_acc": round(held_out_acc, 4), "test_acc": round(test_acc, 4),
            "test_acc_own_statistics": round(own, 4), "train_seconds": round(sum(history.seconds), 2)}


def settings(seed, factor, batch_size, net):
    return {"net": net, "batch_size": batch_size, "factor": factor, "seed": seed}


rows = run_experiment((settings(0, *rest) for rest in product(FACTORS, SIZES, NETS)), run)
tried = rows.query("seed == 0")
best = tried.loc[tried.groupby(["batch_size", "net"]).held_out_acc.idxmax()]
run_experiment((settings(seed, row.factor, row.batch_size, row.net) for seed in (1, 2, 3) for row in best.itertuples()),
               run)
