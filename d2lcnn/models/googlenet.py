"""Made by `make export` from notebooks/09_inception.ipynb: change it there."""
from mxnet.gluon import nn


def chain(*layers):
    """The layers one after the other."""
    net = nn.HybridSequential()
    net.add(*layers)
    return net


class Inception(nn.HybridBlock):
    """Four paths side by side, after Szegedy et al. (2015).

    `one` and `pool` are the channels that these paths make; `three` and
    `five` are pairs: the channels after the 1 x 1, and after the kernel.
    """

    def __init__(self, one, three, five, pool):
        super().__init__()
        self.one = nn.Conv2D(one, 1, activation="relu")
        self.three = chain(
            nn.Conv2D(three[0], 1, activation="relu"),
            nn.Conv2D(three[1], 3, padding=1, activation="relu"))
        self.five = chain(
            nn.Conv2D(five[0], 1, activation="relu"),
            nn.Conv2D(five[1], 5, padding=2, activation="relu"))
        self.pool = chain(
            nn.MaxPool2D(3, strides=1, padding=1),
            nn.Conv2D(pool, 1, activation="relu"))

    def hybrid_forward(self, F, X):
        return F.np.concatenate([self.one(X), self.three(X), self.five(X),
                                 self.pool(X)], axis=1)


def googlenet(in_channels=1, classes=10):
    """GoogLeNet of five stages, after Szegedy et al. (2015)."""
    stage1 = chain(
        nn.Conv2D(64, 7, strides=2, padding=3, activation="relu",
                  in_channels=in_channels),
        nn.MaxPool2D(3, strides=2, padding=1))
    stage2 = chain(
        nn.Conv2D(64, 1, activation="relu"),
        nn.Conv2D(192, 3, padding=1, activation="relu"),
        nn.MaxPool2D(3, strides=2, padding=1))
    stage3 = chain(
        Inception(64, (96, 128), (16, 32), 32),
        Inception(128, (128, 192), (32, 96), 64),
        nn.MaxPool2D(3, strides=2, padding=1))
    stage4 = chain(
        Inception(192, (96, 208), (16, 48), 64),
        Inception(160, (112, 224), (24, 64), 64),
        Inception(128, (128, 256), (24, 64), 64),
        Inception(112, (144, 288), (32, 64), 64),
        Inception(256, (160, 320), (32, 128), 128),
        nn.MaxPool2D(3, strides=2, padding=1))
    stage5 = chain(
        Inception(256, (160, 320), (32, 128), 128),
        Inception(384, (192, 384), (48, 128), 128))
    return chain(stage1, stage2, stage3, stage4, stage5,
                 nn.GlobalAvgPool2D(), nn.Dense(classes))


def googlenet_imagenet(in_channels=3, classes=1000):
    """GoogLeNet as published, without LRN and auxiliary classifiers."""
    *stages, dense = googlenet(in_channels, classes)
    return chain(*stages, nn.Dropout(0.4), dense)

__all__ = ['Inception', 'chain', 'googlenet', 'googlenet_imagenet']
