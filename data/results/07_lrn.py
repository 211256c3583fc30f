"""Notebook 07: LeNet with and without local response normalization, on 2,000 images of Fashion-MNIST, 28 px.

Both get the same images, epochs, rates and seeds. The constants, k = 1 and alpha = 0.1, are such that it acts at all.
"""
from itertools import product

import d2lcnn
from d2lcnn import run_experiment
from d2lcnn.models.alexnet import LRN
from d2lcnn.models.lenet import lenet

from mxnet.gluon import nn

few = d2lcnn.load_data_fashion_mnist(32, examples=2_000)
test = d2lcnn.load_data_fashion_mnist(250, examples=30_000)[1]


def with_lrn():
    net, plain = nn.HybridSequential(), lenet()
    net.add(plain[:2], LRN(1, 0.1), plain[2:4], LRN(1, 0.1), plain[4:])
    return net


def error(network, lr, seed):
    net = {"with LRN": with_lrn, "without": lenet}[network]()
    d2lcnn.fit(net, few, 5, lr, seed=seed, show=False)
    return {"test_error": round(1 - d2lcnn.evaluate_accuracy(net, test), 4)}


run_experiment(({"network": network, "lr": lr, "seed": seed} for seed, lr, network in product(
    range(5), (0.01, 0.02, 0.05, 0.1), ("without", "with LRN"))), error)
