"""Notebook 07: batches until the mean loss of 20 is below 0.45 for LeNet with sigmoids, which need longer.

As in 07_activations (12,000 images of Fashion-MNIST, 28 px, batches of 64, momentum 0.9, Xavier's start), but for up
to 40 epochs, 7,520 batches. The field `steps` is empty where these are not enough.
"""
from itertools import product

import d2lcnn
from d2lcnn import run_experiment
from d2lcnn.models.lenet import lenet

from mxnet import init

TARGET, EPOCHS = 0.45, 40
train_iter, _ = d2lcnn.load_data_fashion_mnist(64, examples=12_000)


def arrived(history):
    last = history.batch_loss[-20:]
    return sum(last) / len(last) < TARGET


def steps_to_target(lr, seed):
    d2lcnn.set_seed(seed)
    net = lenet(activation="sigmoid")
    net.initialize(init.Xavier())
    history = d2lcnn.train(net, train_iter, None, EPOCHS, lr, momentum=0.9, each_batch=arrived, seed=seed, show=False)
    return {"steps": len(history.batch_loss) if history.stopped else None}


run_experiment(({"lr": lr, "seed": seed} for seed, lr in product(range(3), (0.05, 0.1, 0.2))), steps_to_target)
