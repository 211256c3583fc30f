"""The five flavors of the residual block in networks of 20 layers, Fashion-MNIST at 16 pixels. Drawn in notebook 11.

Every flavor gets the same images, steps, recipe, learning rate and seeds.
"""
from itertools import product

from d2lcnn import fit, load_data_fashion_mnist, run_experiment
from d2lcnn.models.resnet import FLAVORS, flavored

DEPTH, EXAMPLES, EPOCHS, BATCH_SIZE, LR = 20, 12_000, 2, 64, 0.1
DATA = load_data_fashion_mnist(BATCH_SIZE, resize=16, examples=EXAMPLES)


def run(flavor, seed):
    history = fit(flavored(DEPTH, flavor, width=8), DATA, EPOCHS, LR, seed=seed, show=False)
    return {"loss": round(history.loss[-1], 4), "train_acc": round(history.train_acc[-1], 4),
            "test_acc": round(history.test_acc[-1], 4)}


run_experiment([{"flavor": flavor, "seed": seed} for seed, flavor in product(range(5), FLAVORS)], run)
