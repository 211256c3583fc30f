"""Made by `make export` from notebooks/14_activations_and_initialization.ipynb: change it there."""
from mxnet.gluon import nn


def plain(layer=lambda: nn.Activation("relu"), classes=10):
    """Nine convolutions in a row; `layer()` makes an activation layer."""
    net = nn.HybridSequential()
    for channels in (16, 32, 64):
        for strides in (2, 1, 1):
            net.add(nn.Conv2D(channels, kernel_size=3, strides=strides,
                              padding=1), layer())
    net.add(nn.Flatten(), nn.Dense(classes))
    return net

__all__ = ['plain']
