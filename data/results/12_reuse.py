"""Notebook 12: what a trained DenseNet does without the oldest or the newest channels of a block; Fashion-MNIST, 32 px.

Whatever reads the block then sees, in place of each of these channels, its mean over the test images.
"""
from functools import cache
from itertools import product

import d2lcnn
from d2lcnn import run_experiment
from d2lcnn.models.densenet import densenet_small

from mxnet import gluon, np

BLOCKS, WIDTHS = (4, 6, 8, 10), (192, 224, 240, 248)  # place in the network, channels at the end
loss = gluon.loss.SoftmaxCrossEntropyLoss()


@cache
def trained(seed):
    """Return a trained network, the test images' features after each of its layers, and their labels."""
    train_iter, test_iter = d2lcnn.load_data_fashion_mnist(64, 32, examples=12_000)
    net = densenet_small()
    d2lcnn.fit(net, (train_iter, test_iter), 3, lr=0.1, seed=seed, show=False)
    batches = [[X] for X, _ in test_iter]
    for layer in net:
        for features in batches:
            features.append(layer(features[-1]))
    return net, [np.concatenate(parts) for parts in zip(*batches, strict=True)], test_iter.labels


def run(seed, block, first, cut):
    net, features, y = trained(seed)
    place = BLOCKS[block - 1]
    X = features[place + 1].copy()
    channels = slice(0, cut) if first == "oldest" else slice(X.shape[1] - cut, None)
    if cut:
        X[:, channels] = X[:, channels].mean(axis=(0, 2, 3), keepdims=True)
    scores = net[place + 1:](X)
    return {"loss": round(float(loss(scores, y).mean()), 4),
            "accuracy": round(float((scores.argmax(axis=1).astype(y.dtype) == y).mean()), 4)}


run_experiment([{"seed": seed, "block": block, "first": first, "cut": cut}
        for seed, block, first in product((1, 2, 3), (1, 2, 3, 4), ("oldest", "newest"))
        for cut in range(0, WIDTHS[block - 1], 32)], run)
