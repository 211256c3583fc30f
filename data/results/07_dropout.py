"""Notebook 07: a dense network with and without dropout, of which a share of the hidden units is then switched off.

It learns 1,000 images of Fashion-MNIST, 28 px; all runs get the same images, epochs, rates and seeds. The columns are
the accuracy on the training images, and on 5,000 test images by the share switched off.
"""
from itertools import product

import d2lcnn
from d2lcnn import run_experiment

from mxnet import np
from mxnet.gluon import nn

tiny = d2lcnn.load_data_fashion_mnist(50, examples=1_000)
test = d2lcnn.load_data_fashion_mnist(250, examples=30_000)[1]


def dense_net(p):
    net = nn.HybridSequential()
    for _ in range(2):
        net.add(nn.Dense(512, activation="relu"), nn.Dropout(p))
    net.add(nn.Dense(10))
    return net


def dropout(X, p):
    mask = np.random.uniform(size=X.shape, ctx=X.ctx) > p
    return mask * X / (1 - p)


def accuracy_without(share, net):
    right = 0
    for X, y in test:
        for layer in net:
            X = layer(X)
            if isinstance(layer, nn.Dropout):
                X = dropout(X, share)
        right += int((X.argmax(axis=1).astype(y.dtype) == y).sum())
    return round(right / len(test.labels), 4)


def accuracies(p, lr, seed):
    net = dense_net(p)
    d2lcnn.fit(net, tiny, 40, lr, seed=seed, show=False)
    shares = {str(share): accuracy_without(share, net) for share in (0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9)}
    return {"train": d2lcnn.evaluate_accuracy(net, tiny[0])} | shares


run_experiment(({"p": p, "lr": lr, "seed": seed} for seed, lr, p in product(range(5), (0.01, 0.02, 0.05), (0.0, 0.5))),
       accuracies)
