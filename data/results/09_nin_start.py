"""NiN from three starts of its last block; 4,000 images of Fashion-MNIST at 68 px, 2 epochs."""
from itertools import product

import d2lcnn
from d2lcnn import run_experiment
from d2lcnn.models.nin import nin

data = d2lcnn.load_data_fashion_mnist(32, resize=68, examples=4_000)


def run(start, lr, seed):
    net = nin(dropout=0.0)
    for layer in net[7]:  # nin() itself starts with all: take back what this start does without
        if start != "all three":
            layer.weight.init = None
        if start == "He alone":
            layer.bias.init = "zeros"
    history = d2lcnn.fit(net, data, 2, lr, seed=seed, show=False)
    return {"loss": round(history.loss[-1], 4), "test_acc": round(history.test_acc[-1], 4)}


run_experiment([{"start": start, "lr": lr, "seed": seed} for seed, lr, start in product(
    range(3), (0.01, 0.02), ("He alone", "biases of 1", "all three"))], run)
