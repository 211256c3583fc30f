"""Notebook 06: LeNet on MNIST, three epochs, five seeds, beside the dense network of 06_mlp."""
from d2lcnn import fit, load_data_mnist, run_experiment
from d2lcnn.models.lenet import lenet

DATA = load_data_mnist(256)


def run(seed):
    history = fit(lenet(), DATA, 3, 0.1, seed=seed, show=False)
    return {"test_acc": round(history.test_acc[-1], 4)}


run_experiment([{"seed": seed} for seed in range(5)], run)
