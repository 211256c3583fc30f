"""Plain and residual networks of growing depth, 8 to 32 channels, Fashion-MNIST at 16 pixels. Drawn in notebook 11.

Every network gets the same images, steps, recipe and seeds; those of 44 layers also get a smaller learning rate.
"""
from itertools import product

from d2lcnn import fit, load_data_fashion_mnist, run_experiment
from d2lcnn.models.resnet import small_resnet

EXAMPLES, EPOCHS, BATCH_SIZE = 12_000, 4, 64
DATA = load_data_fashion_mnist(BATCH_SIZE, resize=16, examples=EXAMPLES)


def run(kind, depth, lr, seed):
    net = small_resnet(depth, shortcuts=kind == "residual", width=8)
    history = fit(net, DATA, EPOCHS, lr, seed=seed, show=False)
    return {"loss": round(history.loss[-1], 4), "train_error": round(1 - history.train_acc[-1], 4),
            "test_error": round(1 - history.test_acc[-1], 4)}


sizes = [*product([8, 20, 44], [0.1]), (44, 0.03)]
run_experiment([{"kind": kind, "depth": depth, "lr": lr, "seed": seed}
        for seed, (depth, lr), kind in product(range(3), sizes, ["plain", "residual"])], run)
