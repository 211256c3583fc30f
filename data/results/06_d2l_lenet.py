"""Notebook 06: LeNet with average pooling on Fashion-MNIST, as early editions of d2l trained it, and with ReLU.

Batches of 256, weights after Xavier, no momentum, a constant learning rate; three seeds. d2l's version has sigmoids and
a rate of 0.9, and d2l reports a test accuracy of 0.825 after ten epochs.
"""
from d2lcnn import load_data_fashion_mnist, run_experiment, set_seed, train
from d2lcnn.models.lenet import lenet

from mxnet import init
from mxnet.gluon import nn

EPOCHS = {("sigmoid", 0.9): 10, ("sigmoid", 0.1): 3, ("relu", 0.1): 3}
histories = {}


def run(activation, lr, seed, epoch):
    if (activation, lr, seed) not in histories:
        set_seed(seed)
        net = lenet(activation=activation, pool=nn.AvgPool2D)
        net.initialize(init.Xavier())
        histories[activation, lr, seed] = train(net, *load_data_fashion_mnist(256), EPOCHS[activation, lr], lr,
                                                seed=seed, show=False)
    history = histories[activation, lr, seed]
    return {"loss": round(history.loss[epoch - 1], 4), "test_acc": round(history.test_acc[epoch - 1], 4)}


run_experiment([{"activation": activation, "lr": lr, "seed": seed, "epoch": epoch}
                for (activation, lr), epochs in EPOCHS.items() for seed in range(3) for epoch in range(1, epochs + 1)],
               run)
