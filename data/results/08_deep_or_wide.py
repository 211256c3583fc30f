"""Notebook 08: about 75,000 parameters spent on depth, on large kernels, or on a dense layer; Fashion-MNIST, 28 px.

Every design gets the same images, steps, learning rates and seeds.
"""
from itertools import product

import d2lcnn
from d2lcnn.models.vgg import vgg_block
from d2lcnn import run_experiment

from mxnet.gluon import nn

DESIGNS = {"two 3 × 3": ("33",), "one 5 × 5": ("5",), "one 3 × 3, dense": ("3", 88)}


def three_blocks(layers, hidden=None):
    net = nn.HybridSequential()
    for channels in (16, 32, 64):
        net.add(vgg_block(layers, channels))
    if hidden:
        net.add(nn.Dense(hidden, activation="relu"))
    net.add(nn.Dense(10))
    return net


def run(design, lr, seed):
    data = d2lcnn.load_data_fashion_mnist(64, examples=6_000)
    history = d2lcnn.fit(three_blocks(*DESIGNS[design]), data, 3, lr, seed=seed, show=False)
    return {"train_acc": round(history.train_acc[-1], 4), "test_acc": round(history.test_acc[-1], 4)}


run_experiment(({"design": design, "lr": lr, "seed": seed}
        for seed, lr, design in product(range(5), (0.02, 0.05, 0.1, 0.2), DESIGNS)), run)
