"""Notebook 10: figure 1a of Ioffe and Szegedy (2015), MNIST, with a choice of six learning rates for both nets."""
from itertools import product

import d2lcnn
from d2lcnn import run_experiment

from mxnet import init
from mxnet.gluon import nn

EPOCHS, EVERY = 3, 50  # 3 epochs of 1,000 batches of 60
mnist = d2lcnn.load_data_mnist(60)[0]
test = list(d2lcnn.load_data_mnist(10_000)[1])


def run(net, lr, seed):
    """The first step, of every 50, with a test accuracy of 0.9, and the last accuracy; batches of 60."""
    d2lcnn.set_seed(seed)
    norm, net, seen = net == "batch norm", nn.HybridSequential(), []
    for _ in range(3):
        net.add(nn.Dense(100), *[nn.BatchNorm()] * norm, nn.Activation("sigmoid"))
    net.add(nn.Dense(10))
    net.initialize(init.Normal(0.1))

    def look(history):
        if len(history.batch_loss) % EVERY == 0:
            seen.append(d2lcnn.evaluate_accuracy(net, test))
    d2lcnn.train(net, mnist, None, EPOCHS, lr, each_batch=look, seed=seed, show=False)
    to_target = next((i * EVERY for i, accuracy in enumerate(seen, 1) if accuracy >= 0.9), None)
    return {"steps to 0.9": to_target, "test_acc": round(seen[-1], 4)}


settings = product(range(2), (0.03, 0.1, 0.3, 1.0, 3.0, 10.0), ("plain", "batch norm"))
run_experiment(({"net": net, "lr": lr, "seed": seed} for seed, lr, net in settings), run)
