"""Made by `make export` from notebooks/06_lenet.ipynb: change it there."""
from mxnet.gluon import nn


def lenet(in_channels=1, classes=10, activation="relu", pool=nn.MaxPool2D):
    """LeNet-5 for gray images of 28 x 28, after LeCun et al. (1998)."""
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(6, kernel_size=5, padding=2, activation=activation,
                  in_channels=in_channels),
        pool(pool_size=2, strides=2),
        nn.Conv2D(16, kernel_size=5, activation=activation),
        pool(pool_size=2, strides=2),
        nn.Flatten(),
        nn.Dense(120, activation=activation),
        nn.Dense(84, activation=activation),
        nn.Dense(classes))
    return net

__all__ = ['lenet']
