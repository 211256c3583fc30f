"""Made by `make export` from notebooks/labs/07_zfnet.ipynb: change it there."""
from mxnet.gluon import nn


def zfnet(wide=False, in_channels=3, classes=1000):
    """ZFNet for 224 x 224 pixels, Zeiler and Fergus (2013)."""
    channels = (512, 1024, 512) if wide else (384, 384, 256)
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(96, kernel_size=7, strides=2, padding=1,
                  activation="relu", in_channels=in_channels),
        nn.MaxPool2D(pool_size=3, strides=2, padding=1),
        nn.Conv2D(256, kernel_size=5, strides=2, activation="relu"),
        nn.MaxPool2D(pool_size=3, strides=2, padding=1))
    for c in channels:
        net.add(nn.Conv2D(c, kernel_size=3, padding=1, activation="relu"))
    net.add(nn.MaxPool2D(pool_size=3, strides=2), nn.Flatten())
    for _ in range(2):
        net.add(nn.Dense(4096, activation="relu"), nn.Dropout(0.5))
    net.add(nn.Dense(classes))
    return net

__all__ = ['zfnet']
