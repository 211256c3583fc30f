"""All networks of the course on the same images for the same number of steps. Drawn in notebook 13.

For each network a learning rate is chosen on 1,200 images of the training set that are not trained on; then follow two
more seeds with that rate. The test set is looked at once per run and chooses nothing.
"""
import pandas as pd
from record import record

import d2lcnn
from d2lcnn.data import Batches
from d2lcnn.models.alexnet import alexnet
from d2lcnn.models.densenet import densenet_small
from d2lcnn.models.googlenet import googlenet
from d2lcnn.models.lenet import lenet
from d2lcnn.models.lenet_bn import lenet_bn
from d2lcnn.models.nin import nin
from d2lcnn.models.resnet import resnet18
from d2lcnn.models.vgg import HE, vgg11

NETWORKS = {  # name: (network, side of the images in pixels, learning rates to try)
    "LeNet": (lenet, 28, (0.03, 0.1)), "LeNet with BN": (lenet_bn, 28, (0.03, 0.1)),
    "AlexNet": (alexnet, 67, (0.01, 0.03)), "VGG-11": (vgg11, 32, (0.01, 0.03)),
    "DenseNet": (densenet_small, 32, (0.03, 0.1)), "ResNet-18": (resnet18, 32, (0.03, 0.1)),
    "GoogLeNet": (googlenet, 32, (0.01, 0.03)), "NiN": (nin, 67, (0.01, 0.03))}
FROM_HE = "AlexNet", "NiN", "GoogLeNet"  # as in their notebooks; VGG-11 does it by itself
EXAMPLES, HELD_OUT, TESTED, EPOCHS, BATCH_SIZE = 6000, 1200, 3000, 3, 64

path = d2lcnn.files.DATA / "results" / "13_compare.csv"
rows = pd.read_csv(path, comment="#").to_dict("records") if path.exists() else []


def run(name, lr, seed):
    """Train once, or find that it was done, and return the accuracy on the held-out images."""
    for row in rows:
        if (row["network"], row["lr"], row["seed"]) == (name, lr, seed):
            return row["val_acc"]
    make, side, _ = NETWORKS[name]
    more, test = d2lcnn.load_data_fashion_mnist(BATCH_SIZE, side, 6 * TESTED)
    train, held_out = (Batches(more.images[part], more.labels[part], BATCH_SIZE, side, shuffle=part.start == 0)
                       for part in (slice(0, EXAMPLES), slice(EXAMPLES, EXAMPLES + HELD_OUT)))
    net = make()
    if name in FROM_HE:
        net.collect_params(".*weight").setattr("init", HE)
    row = {"network": name, "side": side, "examples": EXAMPLES, "epochs": EPOCHS,
                        "batch_size": BATCH_SIZE, "lr": lr, "seed": seed}
    try:
        history = d2lcnn.fit(net, (train, held_out), EPOCHS, lr, seed=seed, show=False)
        row |= {"train_acc": round(history.train_acc[-1], 4), "val_acc": round(history.test_acc[-1], 4),
                "test_acc": round(d2lcnn.evaluate_accuracy(net, test), 4), "seconds": round(sum(history.seconds), 1)}
    except FloatingPointError:  # this rate is too high
        row |= {"train_acc": 0.0, "val_acc": 0.0, "test_acc": 0.0, "seconds": 0.0}
    rows.append(row)
    record(rows)
    print(rows[-1], flush=True)
    return rows[-1]["val_acc"]


for name, (_, _, rates) in NETWORKS.items():
    best = max(rates, key=lambda lr: run(name, lr, 0))
    for seed in (1, 2):
        run(name, best, seed)
