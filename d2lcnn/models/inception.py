"""Made by `make export` from notebooks/labs/11_later_inceptions.ipynb: change it there."""
from d2lcnn.models.googlenet import chain
from mxnet.gluon import nn


class Parallel(nn.HybridSequential):
    """Paths side by side on one input, their channels concatenated."""

    def __init__(self, *paths):
        super().__init__()
        self.add(*paths)

    def hybrid_forward(self, F, X):
        return F.np.concatenate([path(X) for path in self], axis=1)


def conv(channels, kernel_size, strides=1, padding=None, in_channels=0):
    """A convolution, batch normalization and ReLU.

    Unless a padding is given, it keeps the size of the image.
    """
    if isinstance(kernel_size, int):
        kernel_size = kernel_size, kernel_size
    if padding is None:
        padding = kernel_size[0] // 2, kernel_size[1] // 2
    return chain(nn.Conv2D(channels, kernel_size, strides, padding,
                           use_bias=False, in_channels=in_channels),
                 nn.BatchNorm(epsilon=0.001), nn.Activation("relu"))


def same_pool():
    """A mean of 3 x 3 pixels that keeps the size of the image."""
    return nn.AvgPool2D(3, strides=1, padding=1)


def v3_a(pool):
    return Parallel(
        conv(64, 1),
        chain(conv(48, 1), conv(64, 5)),
        chain(conv(64, 1), conv(96, 3), conv(96, 3)),
        chain(same_pool(), conv(pool, 1)))


def v3_b(c):
    return Parallel(
        conv(192, 1),
        chain(conv(c, 1), conv(c, (1, 7)), conv(192, (7, 1))),
        chain(conv(c, 1), conv(c, (7, 1)), conv(c, (1, 7)),
              conv(c, (7, 1)), conv(192, (1, 7))),
        chain(same_pool(), conv(192, 1)))


def cross(channels):
    return Parallel(conv(channels, (1, 3)), conv(channels, (3, 1)))


def v3_c():
    return Parallel(
        conv(320, 1),
        chain(conv(384, 1), cross(384)),
        chain(conv(448, 1), conv(384, 3), cross(384)),
        chain(same_pool(), conv(192, 1)))


def inception_v3(in_channels=3, classes=1000):
    """Inception-v3 for 299 x 299, after Szegedy et al. (2016)."""
    return chain(
        conv(32, 3, strides=2, padding=0, in_channels=in_channels),
        conv(32, 3, padding=0), conv(64, 3), nn.MaxPool2D(3, strides=2),
        conv(80, 1), conv(192, 3, padding=0), nn.MaxPool2D(3, strides=2),
        v3_a(32), v3_a(64), v3_a(64),
        Parallel(conv(384, 3, strides=2, padding=0),
                 chain(conv(64, 1), conv(96, 3),
                       conv(96, 3, strides=2, padding=0)),
                 nn.MaxPool2D(3, strides=2)),
        v3_b(128), v3_b(160), v3_b(160), v3_b(192),
        Parallel(chain(conv(192, 1), conv(320, 3, strides=2, padding=0)),
                 chain(conv(192, 1), conv(192, (1, 7)), conv(192, (7, 1)),
                       conv(192, 3, strides=2, padding=0)),
                 nn.MaxPool2D(3, strides=2)),
        v3_c(), v3_c(),
        nn.GlobalAvgPool2D(), nn.Dropout(0.5), nn.Dense(classes))


def inception_v3_auxiliary(classes=1000):
    """The second classifier, on the last features of 17 x 17."""
    return chain(nn.AvgPool2D(5, strides=3), conv(128, 1),
                 conv(768, 5, padding=0), nn.Dense(classes))


def v4_a():
    return Parallel(
        conv(96, 1),
        chain(conv(64, 1), conv(96, 3)),
        chain(conv(64, 1), conv(96, 3), conv(96, 3)),
        chain(same_pool(), conv(96, 1)))


def v4_b():
    return Parallel(
        conv(384, 1),
        chain(conv(192, 1), conv(224, (1, 7)), conv(256, (7, 1))),
        chain(conv(192, 1), conv(192, (7, 1)), conv(224, (1, 7)),
              conv(224, (7, 1)), conv(256, (1, 7))),
        chain(same_pool(), conv(128, 1)))


def v4_c():
    return Parallel(
        conv(256, 1),
        chain(conv(384, 1), cross(256)),
        chain(conv(384, 1), conv(448, (3, 1)), conv(512, (1, 3)),
              cross(256)),
        chain(same_pool(), conv(256, 1)))


def inception_v4(in_channels=3, classes=1000):
    """Inception-v4 for 299 x 299, after Szegedy et al. (2016)."""
    return chain(
        conv(32, 3, strides=2, padding=0, in_channels=in_channels),
        conv(32, 3, padding=0), conv(64, 3),
        Parallel(nn.MaxPool2D(3, strides=2),
                 conv(96, 3, strides=2, padding=0)),
        Parallel(chain(conv(64, 1), conv(96, 3, padding=0)),
                 chain(conv(64, 1), conv(64, (1, 7)), conv(64, (7, 1)),
                       conv(96, 3, padding=0))),
        Parallel(conv(192, 3, strides=2, padding=0),
                 nn.MaxPool2D(3, strides=2)),
        *[v4_a() for _ in range(4)],
        Parallel(conv(384, 3, strides=2, padding=0),
                 chain(conv(192, 1), conv(224, 3),
                       conv(256, 3, strides=2, padding=0)),
                 nn.MaxPool2D(3, strides=2)),
        *[v4_b() for _ in range(7)],
        Parallel(chain(conv(192, 1), conv(192, 3, strides=2, padding=0)),
                 chain(conv(256, 1), conv(256, (1, 7)), conv(320, (7, 1)),
                       conv(320, 3, strides=2, padding=0)),
                 nn.MaxPool2D(3, strides=2)),
        *[v4_c() for _ in range(3)],
        nn.GlobalAvgPool2D(), nn.Dropout(0.2), nn.Dense(classes))


class ResidualInception(nn.HybridBlock):
    """The input plus a share of what paths make of it, then ReLU."""

    def __init__(self, paths, channels, scale=0.2):
        super().__init__()
        self.scale = scale
        self.paths = Parallel(*paths)
        self.expand = nn.Conv2D(channels, kernel_size=1)

    def hybrid_forward(self, F, X):
        return F.npx.relu(X + self.scale * self.expand(self.paths(X)))

__all__ = ['Parallel', 'ResidualInception', 'conv', 'cross', 'inception_v3', 'inception_v3_auxiliary', 'inception_v4', 'same_pool', 'v3_a', 'v3_b', 'v3_c', 'v4_a', 'v4_b', 'v4_c']
