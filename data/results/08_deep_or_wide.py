"""About 75,000 parameters spent on depth, on large kernels, or on a dense layer; Fashion-MNIST at 28 pixels.

Every design gets the same images, steps, learning rates and seeds. Drawn in the lab 08_deep_or_wide.
"""
from itertools import product

import d2lcnn
from d2lcnn import run_experiment

from mxnet.gluon import nn

DESIGNS = {"two 3 × 3": ([3, 3], None), "one 5 × 5": ([5], None), "one 3 × 3, dense": ([3], 88)}


def three_blocks(kernel_sizes, hidden):
    net = nn.HybridSequential()
    for channels in (16, 32, 64):
        block = nn.HybridSequential()
        for size in kernel_sizes:
            block.add(nn.Conv2D(channels, size, padding=size // 2, activation="relu"))
        block.add(nn.MaxPool2D(pool_size=2, strides=2))
        net.add(block)
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
