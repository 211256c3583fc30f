"""Made by `make export` from notebooks/10_batch_norm.ipynb: change it there."""
from mxnet.gluon import nn


def lenet_bn(in_channels=1, classes=10, activation="relu", pool=nn.MaxPool2D):
    """LeNet with batch normalization, after Ioffe and Szegedy (2015)."""
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(6, kernel_size=5, padding=2, in_channels=in_channels),
        nn.BatchNorm(),
        nn.Activation(activation),
        pool(pool_size=2, strides=2),
        nn.Conv2D(16, kernel_size=5),
        nn.BatchNorm(),
        nn.Activation(activation),
        pool(pool_size=2, strides=2),
        nn.Flatten(),
        nn.Dense(120),
        nn.BatchNorm(),
        nn.Activation(activation),
        nn.Dense(84),
        nn.BatchNorm(),
        nn.Activation(activation),
        nn.Dense(classes))
    return net

__all__ = ['lenet_bn']
