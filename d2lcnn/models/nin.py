"""Made by `make export` from notebooks/labs/09_network_in_network.ipynb: change it there."""
from mxnet import init, np
from mxnet.gluon import nn


def nin_block(channels, kernel_size, strides, padding, **options):
    """A convolution and two of 1 x 1 after it, each with ReLU."""
    net = nn.HybridSequential()
    net.add(nn.Conv2D(channels, kernel_size, strides, padding,
                      activation="relu", **options),
            nn.Conv2D(channels, kernel_size=1, activation="relu"),
            nn.Conv2D(channels, kernel_size=1, activation="relu"))
    return net


class Identity(init.Initializer):
    """Start a 1 x 1 convolution so that it hands on what it gets."""

    def _init_weight(self, _, weight):
        weight[:] = np.eye(len(weight)).reshape(weight.shape)


def class_block(classes):
    """The last block: a channel per class, and no ReLU after the scores."""
    net = nn.HybridSequential()
    net.add(nn.Conv2D(classes, kernel_size=3, padding=1, activation="relu",
                      weight_initializer="zeros", bias_initializer="ones"),
            nn.Conv2D(classes, kernel_size=1, activation="relu",
                      weight_initializer=Identity(), bias_initializer="ones"),
            nn.Conv2D(classes, kernel_size=1, weight_initializer=Identity()))
    return net


def nin(in_channels=1, classes=10, dropout=0.5):
    """Network in network in d2l's form, after Lin, Chen and Yan (2013)."""
    net = nn.HybridSequential()
    net.add(nin_block(96, 11, strides=4, padding=0, in_channels=in_channels),
            nn.MaxPool2D(pool_size=3, strides=2),
            nin_block(256, 5, strides=1, padding=2),
            nn.MaxPool2D(pool_size=3, strides=2),
            nin_block(384, 3, strides=1, padding=1),
            nn.MaxPool2D(pool_size=3, strides=2),
            nn.Dropout(dropout),
            class_block(classes),
            nn.GlobalAvgPool2D(),
            nn.Flatten())
    return net

__all__ = ['Identity', 'class_block', 'nin', 'nin_block']
