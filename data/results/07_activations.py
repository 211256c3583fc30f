"""Notebook 07: batches until the mean loss of 20 is below 0.45: LeNet with ReLU, tanh, sigmoid; Fashion-MNIST, 28 px.

All get the same images, batches, momentum, rates and seeds. The field `steps` is empty where five epochs (940
batches) are not enough; 07_sigmoid gives the sigmoid more.
"""
from itertools import product

import d2lcnn
from d2lcnn import run_experiment
from d2lcnn.models.lenet import lenet

from mxnet import init

START = {"Xavier": init.Xavier(), "He": d2lcnn.HE}
TARGET, EPOCHS = 0.45, 5
train_iter, _ = d2lcnn.load_data_fashion_mnist(64, examples=12_000)


def arrived(history):
    last = history.batch_loss[-20:]
    return sum(last) / len(last) < TARGET


def steps_to_target(activation, start, lr, seed):
    d2lcnn.set_seed(seed)
    net = lenet(activation=activation)
    net.initialize(START[start])
    try:
        history = d2lcnn.train(net, train_iter, None, EPOCHS, lr, momentum=0.9, each_batch=arrived, seed=seed,
                               show=False)
    except FloatingPointError:
        return {"steps": None}
    return {"steps": len(history.batch_loss) if history.stopped else None}


run_experiment(({"activation": activation, "start": start, "lr": lr, "seed": seed}
                for seed, lr, (activation, start) in product(
                    range(5), (0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
                    [("relu", "Xavier"), ("tanh", "Xavier"), ("sigmoid", "Xavier"), ("relu", "He")])), steps_to_target)
