"""Notebook 07: batches until the mean loss of 20 is below 0.45: LeNet with ReLU, tanh, sigmoid; Fashion-MNIST, 28 px.

All get the same images, batches, momentum, rates and seeds. The field `steps` is empty where five epochs (940
batches) are not enough.
"""
import math
from itertools import product

import d2lcnn
from d2lcnn.models.lenet import lenet
from d2lcnn import run_experiment

from mxnet import autograd, gluon, init

START = {"Xavier": init.Xavier(), "He": init.MSRAPrelu("in", slope=0)}
TARGET, EPOCHS = 0.45, 5
device = d2lcnn.try_gpu()
train_iter, _ = d2lcnn.load_data_fashion_mnist(64, examples=12_000, device=device)
loss = gluon.loss.SoftmaxCrossEntropyLoss()


def steps_to_target(activation, start, lr, seed):
    d2lcnn.set_seed(seed)
    net, losses = lenet(activation=activation), []
    net.initialize(START[start], ctx=device)
    net.hybridize(static_alloc=True, static_shape=True)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr, "momentum": 0.9})
    for _ in range(EPOCHS):
        for X, y in train_iter:
            with autograd.run_experiment():
                l = loss(net(X), y)  # noqa: E741
            l.backward()
            trainer.step(len(y))
            losses.append(float(l.mean()))
            last = losses[-20:]
            if sum(last) / len(last) < TARGET:
                return {"steps": len(losses)}
            if not math.isfinite(losses[-1]):
                return {"steps": None}
    return {"steps": None}


run_experiment(({"activation": activation, "start": start, "lr": lr, "seed": seed}
        for seed, lr, (activation, start) in product(
            range(5), (0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
            [("relu", "Xavier"), ("tanh", "Xavier"), ("sigmoid", "Xavier"), ("relu", "He")])), steps_to_target)
