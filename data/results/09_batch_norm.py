"""Two Inception blocks with and without batch normalization; 2,000 images of Fashion-MNIST, 1 epoch.

Drawn in the lab on the later Inceptions.
"""
from itertools import product

import d2lcnn
from d2lcnn import run_experiment
from d2lcnn.models.googlenet import chain
from d2lcnn.models.inception import Parallel

from mxnet.gluon import nn

data = d2lcnn.load_data_fashion_mnist(32, examples=2_000)


def conv(channels, kernel_size, batch_norm, **options):
    norm = [nn.BatchNorm(epsilon=0.001)] if batch_norm else []
    return chain(nn.Conv2D(channels, kernel_size, use_bias=not batch_norm, **options), *norm, nn.Activation("relu"))


def inception(one, three, five, pool, batch_norm):
    return Parallel(conv(one, 1, batch_norm),
                    chain(conv(three[0], 1, batch_norm), conv(three[1], 3, batch_norm, padding=1)),
                    chain(conv(five[0], 1, batch_norm), conv(five[1], 5, batch_norm, padding=2)),
                    chain(nn.MaxPool2D(3, strides=1, padding=1), conv(pool, 1, batch_norm)))


def two_blocks(batch_norm):
    return chain(conv(64, 7, batch_norm, strides=2, padding=3),
                 nn.MaxPool2D(3, strides=2, padding=1),
                 inception(64, (96, 128), (16, 32), 32, batch_norm),
                 inception(128, (128, 192), (32, 96), 64, batch_norm),
                 nn.GlobalAvgPool2D(), nn.Dense(10))


def run(batch_norm, lr, seed):
    history = d2lcnn.fit(two_blocks(batch_norm == "with"), data, 1, lr, seed=seed, show=False)
    return {"loss": round(history.loss[-1], 4), "test_acc": round(history.test_acc[-1], 4)}


run_experiment([{"batch_norm": batch_norm, "lr": lr, "seed": seed} for seed, lr, batch_norm in product(
    range(3), (0.02, 0.05, 0.1, 0.2), ("without", "with"))], run)
