"""Notebook 06: LeNet with sigmoids and average pooling on Fashion-MNIST, as early editions of d2l trained it.

Learning rate 0.9, batches of 256, ten epochs, weights after Xavier; three seeds. d2l reports a test accuracy of 0.825.
"""
from d2lcnn import load_data_fashion_mnist, run_experiment, set_seed, train
from d2lcnn.models.lenet import lenet

from mxnet import init
from mxnet.gluon import nn

histories = {}


def run(seed, epoch):
    if seed not in histories:
        set_seed(seed)
        net = lenet(activation="sigmoid", pool=nn.AvgPool2D)
        net.initialize(init.Xavier())
        histories[seed] = train(net, *load_data_fashion_mnist(256), 10, 0.9, seed=seed, show=False)
    history = histories[seed]
    return {"loss": round(history.loss[epoch - 1], 4), "test_acc": round(history.test_acc[epoch - 1], 4)}


run_experiment([{"seed": seed, "epoch": epoch} for seed in range(3) for epoch in range(1, 11)], run)
