"""Notebook 06: the dense network of three layers of 1,200 units on MNIST, three epochs, five seeds."""
from d2lcnn import fit, load_data_mnist, run_experiment

from mxnet.gluon import nn

DATA = load_data_mnist(256)


def run(seed):
    net = nn.HybridSequential()
    for _ in range(3):
        net.add(nn.Dense(1200, activation="relu"))
    net.add(nn.Dense(10))
    history = fit(net, DATA, 3, 0.1, seed=seed, show=False)
    return {"test_acc": round(history.test_acc[-1], 4)}


run_experiment([{"seed": seed} for seed in range(5)], run)
