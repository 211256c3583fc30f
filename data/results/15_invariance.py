"""Notebook 15: accuracy against shift, angle, scale, brightness, contrast and gamma, with and without augmentation.

MNIST (4,000 images, 8 epochs): an MLP, LeNet and a network of four convolutions. CIFAR-10 (5,000 images, 15 epochs):
the network of four convolutions. Three seeds; the learning rates are usual ones of the course, not tuned. The same
2,000 test images are changed in each way; the columns that are named after a change and its strength are accuracies.
"""
from d2lcnn import Normalization, evaluate_accuracy, fit, load_data_cifar10, load_data_mnist, run_experiment
from d2lcnn.augment import warp
from d2lcnn.evaluate import Score, evaluate
from d2lcnn.models.lenet import lenet

from mxnet import gluon, np
from mxnet.gluon import nn

DATA = {"MNIST": (load_data_mnist(64, examples=4_000)[0], load_data_mnist(500, examples=12_000)[1]),
        "CIFAR-10": (load_data_cifar10(64, examples=5_000)[0], load_data_cifar10(500)[1])}
EPOCHS, RATES = {"MNIST": 8, "CIFAR-10": 15}, {"MLP": 0.05, "LeNet": 0.05, "four convolutions": 0.1}
STRENGTHS = {("MNIST", "none"): {}, ("CIFAR-10", "none"): {},
             ("MNIST", "all"): dict(shift=4, rotate=30, scale=0.25, brightness=0.4, contrast=0.4),
             ("CIFAR-10", "flip, shift"): dict(flip=0.5, shift=4),
             ("CIFAR-10", "all"): dict(flip=0.5, shift=4, rotate=20, scale=0.25, brightness=0.4, contrast=0.4)}


def shift(X, right):
    return np.pad(X, ((0, 0), (0, 0), (0, 0), (right, 0)))[..., :X.shape[3]] if right else X


def contrast(X, factor):
    mean = X.mean(axis=(1, 2, 3), keepdims=True)
    return np.clip(mean + factor * (X - mean), 0, 1)


CHANGES = {"shift": (shift, (0, 1, 2, 3, 4, 6, 8)),
           "angle": (lambda X, angle: warp(X, angle), (10, 20, 30, 45, 60, 90)),
           "scale": (lambda X, scale: warp(X, 0, scale), (0.5, 0.6, 0.75, 1.25, 1.5, 2)),
           "brightness": (lambda X, factor: np.clip(X * factor, 0, 1), (0.25, 0.5, 0.75, 1.5, 2, 3)),
           "contrast": (contrast, (0.1, 0.25, 0.5, 1.5, 2, 3)),
           "gamma": (lambda X, gamma: X**gamma, (0.25, 0.5, 2, 4))}


def mlp():
    net = nn.HybridSequential()
    net.add(nn.Dense(512, activation="relu"), nn.Dense(512, activation="relu"), nn.Dense(10))
    return net


def conv(channels):
    return [nn.Conv2D(channels, kernel_size=3, padding=1), nn.BatchNorm(), nn.Activation("relu")]


def four_convolutions():
    net = nn.HybridSequential()
    net.add(*conv(32), nn.MaxPool2D(2), *conv(64), nn.MaxPool2D(2), *conv(128), nn.MaxPool2D(2), *conv(128),
            nn.GlobalAvgPool2D(), nn.Dense(10))
    return net


NETS = {"MLP": mlp, "LeNet": lenet, "four convolutions": four_convolutions}


def run(images, network, augmented, seed):
    train, test = DATA[images]
    net = nn.HybridSequential()
    net.add(Normalization(*train.mean_and_std()), NETS[network]())
    fit(net, (train.augmented(**STRENGTHS[images, augmented]), None), EPOCHS[images], RATES[network], seed=seed,
        show=False)
    score, result = Score(gluon.loss.SoftmaxCrossEntropyLoss(), False), {}
    for part, batches in (("train", train), ("test", test)):
        loss, accuracy = evaluate(net, batches, batches.device, score)  # as they are, without augmentation
        result |= {f"{part}_loss": round(loss, 4), f"{part}_acc": round(accuracy, 4)}
    for name, (change, strengths) in CHANGES.items():
        for strength in strengths:
            changed = [(change(X, strength), y) for X, y in test]
            result[f"{name} {strength}"] = round(evaluate_accuracy(net, changed), 4)
    return result


KINDS = [("MNIST", network, kind) for network in NETS for kind in ("none", "all")] + [
    ("CIFAR-10", "four convolutions", kind) for kind in ("none", "flip, shift", "all")]
run_experiment([{"images": images, "network": network, "augmented": kind, "seed": seed}
                for seed in (1, 2, 3) for images, network, kind in KINDS], run)
