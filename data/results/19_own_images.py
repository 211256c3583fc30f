"""Notebook 19: 5, 10 and 30 photographs a class, three ways to learn from them, three choices of photographs each.

The photographs are those of data/own; 40 % are held back for testing, always the same. "new last layer" trains nothing
but that, "fine-tuned" then trains all layers for five epochs, "from nothing" trains a small ResNet at 64 pixels.
"""
from d2lcnn import evaluate_accuracy, fit, load_images, run_experiment
from d2lcnn.data import Batches
from d2lcnn.files import DATA
from d2lcnn.models.efficientnet import efficientnet_lite0
from d2lcnn.models.resnet import small_resnet

from mxnet.gluon import nn

OWN = {side: load_images(DATA / "own", 16, side, test_share=0.4) for side in (64, 224)}


def chosen(side, number, seed):
    """`number` training photographs of each class, chosen by `seed`."""
    train, _, classes = OWN[side]
    few = train.split(number * len(classes), seed)[1]
    return Batches(few.images, few.labels, 16, shuffle=True, classes=classes)


def features(backbone, batches):
    return [(backbone(X).reshape(len(X), -1), y) for X, y in batches]


def run(method, number, seed):
    if method == "from nothing":
        net, test = small_resnet(14, in_channels=3, classes=3), OWN[64][1]
        fit(net, (chosen(64, number, seed).augmented(flip=0.5, shift=6), None), 60, 0.05, seed=seed, show=False)
        return {"test_acc": round(evaluate_accuracy(net, test), 4)}
    few, test = chosen(224, number, seed), OWN[224][1]
    backbone, last = efficientnet_lite0(pretrained=True)[:-1], nn.Dense(3)
    backbone.hybridize()
    fit(last, (features(backbone, few.plain()) * 3, None), 20, 0.05, seed=seed, show=False)
    net = nn.HybridSequential()
    net.add(backbone, last)
    if method == "fine-tuned":
        fit(net, (few.augmented(flip=0.5), None), 5, 0.003, seed=seed, init=None, show=False)
    return {"test_acc": round(evaluate_accuracy(net, test), 4)}


run_experiment([{"method": method, "number": number, "seed": seed} for seed in range(3)
                for method in ("new last layer", "from nothing", "fine-tuned") for number in (5, 10, 30)], run)
