"""All networks of the course on the same images for the same number of steps. Drawn in notebook 13.

The learning rate of each network is chosen with seed 0 among 0.01, 0.03 and 0.1 on 1,200 images of the training set
that are not trained on; where the lowest or highest wins, one beyond it is tried. Two more seeds follow with the rate
chosen. The test set is looked at once after each run and chooses nothing.
"""
from d2lcnn import evaluate_accuracy, fit, load_data_fashion_mnist, run_experiment
from d2lcnn.data import Batches
from d2lcnn.models.alexnet import alexnet
from d2lcnn.models.densenet import densenet_small
from d2lcnn.models.googlenet import googlenet
from d2lcnn.models.lenet import lenet
from d2lcnn.models.lenet_bn import lenet_bn
from d2lcnn.models.nin import nin
from d2lcnn.models.resnet import resnet18
from d2lcnn.models.vgg import vgg11

NETWORKS = {  # name: (network, side of the images in pixels)
    "LeNet": (lenet, 28), "LeNet with BN": (lenet_bn, 28), "DenseNet": (densenet_small, 32),
    "ResNet-18": (resnet18, 32), "GoogLeNet": (googlenet, 32),
    "VGG-11/4": (vgg11, 32), "NiN": (nin, 67), "AlexNet": (alexnet, 67)}
BEYOND = {0.01: 0.003, 0.1: 0.3}
EXAMPLES, HELD_OUT, EPOCHS, BATCH_SIZE = 6000, 1200, 3, 64


def run(network, lr, seed):
    make, side = NETWORKS[network]
    chosen, _ = load_data_fashion_mnist(BATCH_SIZE, side, EXAMPLES + HELD_OUT)
    _, test = load_data_fashion_mnist(BATCH_SIZE, side)
    train = Batches(chosen.images[:EXAMPLES], chosen.labels[:EXAMPLES], BATCH_SIZE, side, shuffle=True)
    held_out = Batches(chosen.images[EXAMPLES:], chosen.labels[EXAMPLES:], BATCH_SIZE, side)
    net = make()
    try:
        history = fit(net, (train, held_out), EPOCHS, lr, seed=seed, show=False)
    except FloatingPointError:  # this rate is too high
        return {"train_acc": None, "held_out_acc": None, "test_acc": None}
    return {"train_acc": round(history.train_acc[-1], 4), "held_out_acc": round(history.test_acc[-1], 4),
            "test_acc": round(evaluate_accuracy(net, test), 4)}


def best(network, rates):
    """Return the best of these learning rates and of those that were tried before."""
    rows = run_experiment([{"network": network, "lr": lr, "seed": 0} for lr in rates], run)
    rows = rows[(rows.network == network) & (rows.seed == 0)]
    return rows.lr[rows.held_out_acc.idxmax()]


for network in NETWORKS:
    lr = best(network, [0.01, 0.03, 0.1])
    lr = best(network, [BEYOND.get(lr, lr)])
    run_experiment([{"network": network, "lr": lr, "seed": seed} for seed in (1, 2)], run)
