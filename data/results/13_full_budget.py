"""All networks of the course on all 60,000 images of Fashion-MNIST for ten epochs, at the course's CPU sizes.

The learning rate of each network is the one that 13_compare chose on held-out images; nothing is chosen by the test
set. (ResNet-18 takes the second best, 0.03: with 0.1 its loss was nan in the first epoch, in which the rate rises
longer.) Three seeds for the small networks, one for the others. A run takes up to two hours, so each keeps a
checkpoint beside this script until it is recorded. Drawn in notebook 13; its scores stand in 06 to 12.
"""
from pathlib import Path

from d2lcnn import fit, load_data_fashion_mnist, run_experiment
from d2lcnn.models.alexnet import alexnet
from d2lcnn.models.densenet import densenet_small
from d2lcnn.models.googlenet import googlenet
from d2lcnn.models.lenet import lenet
from d2lcnn.models.lenet_bn import lenet_bn
from d2lcnn.models.nin import nin
from d2lcnn.models.resnet import resnet18
from d2lcnn.models.vgg import vgg11

NETWORKS = {  # name: (network, side of the images in pixels, learning rate, seeds)
    "LeNet": (lenet, 28, 0.03, 3), "LeNet with BN": (lenet_bn, 28, 0.3, 3),
    "DenseNet": (densenet_small, 32, 0.01, 1), "ResNet-18": (resnet18, 32, 0.03, 1), "NiN": (nin, 67, 0.03, 1),
    "VGG-11/4": (vgg11, 32, 0.01, 1), "GoogLeNet": (googlenet, 32, 0.01, 1), "AlexNet": (alexnet, 67, 0.03, 1)}


def run(network, seed):
    make, side, lr, _ = NETWORKS[network]
    checkpoint = Path(__file__).with_name(f"13_{network.replace('/', '-')}_{seed}.checkpoint")
    history = fit(make(), load_data_fashion_mnist(64, side), 10, lr, seed=seed, show=False, checkpoint=checkpoint)
    checkpoint.unlink()
    scores = {f"epoch {i}": round(accuracy, 4) for i, accuracy in enumerate(history.test_acc, 1)}
    return {"lr": lr, "side": side, "train_acc": round(history.train_acc[-1], 4), "test_acc": scores["epoch 10"],
            "train_loss": round(history.loss[-1], 4), "test_loss": round(history.test_loss[-1], 4),
            "train_seconds": round(sum(history.seconds))} | scores


run_experiment([{"network": name, "seed": seed} for seed in range(3) for name, (*_, seeds) in NETWORKS.items()
                if seed < seeds], run)
