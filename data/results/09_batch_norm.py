"""Notebook 09: two Inception blocks with and without batch normalization; 2,000 images of Fashion-MNIST, 1 epoch."""
from itertools import product

import d2lcnn
from d2lcnn.models.googlenet import Inception, chain, conv
from d2lcnn import run_experiment

from mxnet.gluon import nn

data = d2lcnn.load_data_fashion_mnist(32, examples=2_000)


def two_blocks(batch_norm):
    return chain(conv(64, 7, batch_norm, strides=2, padding=3),
                 nn.MaxPool2D(3, strides=2, padding=1),
                 Inception(64, (96, 128), (16, 32), 32, batch_norm),
                 Inception(128, (128, 192), (32, 96), 64, batch_norm),
                 nn.GlobalAvgPool2D(), nn.Dense(10))


def run(batch_norm, lr, seed):
    history = d2lcnn.fit(two_blocks(batch_norm == "with"), data, 1, lr, seed=seed, show=False)
    return {"loss": round(history.loss[-1], 4), "test_acc": round(history.test_acc[-1], 4)}


run_experiment([{"batch_norm": batch_norm, "lr": lr, "seed": seed} for seed, lr, batch_norm in product(
    range(3), (0.02, 0.05, 0.1, 0.2), ("without", "with"))], run)
