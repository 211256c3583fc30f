"""Made by `make export` from notebooks/12_densenet.ipynb: change it there."""
from mxnet.gluon import nn


def conv_block(channels, kernel_size=3, use_bias=True):
    """Batch normalization and ReLU come before the convolution."""
    block = nn.HybridSequential()
    block.add(nn.BatchNorm(), nn.Activation("relu"),
              nn.Conv2D(channels, kernel_size, padding=kernel_size // 2,
                        use_bias=use_bias))
    return block


class Concat(nn.HybridBlock):
    """Joins two arrays along their channels."""

    def hybrid_forward(self, F, x, y):
        return F.np.concatenate((x, y), axis=1)


class DenseLayer(nn.HybridBlock):
    """x -> [x, f(x)]: all that came in, then the channels that f adds."""

    def __init__(self, f):
        super().__init__()
        self.f, self.concat = f, Concat()

    def hybrid_forward(self, F, x):
        return self.concat(x, self.f(x))


class DenseBlock(nn.HybridSequential):
    """Layers that read all layers before them, Huang et al. (2016)."""

    def __init__(self, num_convs, growth, make=conv_block):
        super().__init__()
        for _ in range(num_convs):
            self.add(DenseLayer(make(growth)))


class Transition(nn.HybridSequential):
    """Fewer channels by a 1 x 1 convolution, then half the sides."""

    def __init__(self, channels, use_bias=True):
        super().__init__()
        self.add(*conv_block(channels, kernel_size=1, use_bias=use_bias),
                 nn.AvgPool2D(pool_size=2, strides=2))


def densenet_small(in_channels=1, classes=10):
    """DenseNet for small images, as in d2l, after Huang et al. (2016)."""
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(64, kernel_size=7, strides=2, padding=3,
                  in_channels=in_channels),
        nn.BatchNorm(), nn.Activation("relu"),
        nn.MaxPool2D(pool_size=3, strides=2, padding=1),
        DenseBlock(4, growth=32),  # from 64 channels to 192
        Transition(96),
        DenseBlock(4, growth=32),  # from 96 to 224
        Transition(112),
        DenseBlock(4, growth=32),  # from 112 to 240
        Transition(120),
        DenseBlock(4, growth=32),  # from 120 to 248
        nn.BatchNorm(), nn.Activation("relu"),
        nn.GlobalAvgPool2D(),
        nn.Dense(classes))
    return net


def bottleneck(growth):
    """First a 1 x 1 convolution to four times the growth rate."""
    block = nn.HybridSequential()
    block.add(*conv_block(4 * growth, kernel_size=1, use_bias=False),
              *conv_block(growth, use_bias=False))
    return block


DENSENETS = {  # depth: (channels of the stem, growth, layers of each block)
    121: (64, 32, (6, 12, 24, 16)), 161: (96, 48, (6, 12, 36, 24)),
    169: (64, 32, (6, 12, 32, 32)), 201: (64, 32, (6, 12, 48, 32))}


def densenet(depth, in_channels=3, classes=1000):
    """DenseNet-121, 161, 169 or 201 for ImageNet, Huang et al. (2016)."""
    if depth not in DENSENETS:
        raise ValueError(f"no DenseNet of depth {depth!r}: take one of "
                         f"{', '.join(map(str, DENSENETS))}")
    channels, growth, blocks = DENSENETS[depth]
    net = nn.HybridSequential()
    net.add(nn.Conv2D(channels, kernel_size=7, strides=2, padding=3,
                      use_bias=False, in_channels=in_channels),
            nn.BatchNorm(), nn.Activation("relu"),
            nn.MaxPool2D(pool_size=3, strides=2, padding=1))
    for i, num_convs in enumerate(blocks):
        net.add(DenseBlock(num_convs, growth, bottleneck))
        channels += num_convs * growth
        if i < len(blocks) - 1:
            channels //= 2
            net.add(Transition(channels, use_bias=False))
    net.add(nn.BatchNorm(), nn.Activation("relu"), nn.GlobalAvgPool2D(),
            nn.Dense(classes))
    return net

__all__ = ['Concat', 'DENSENETS', 'DenseBlock', 'DenseLayer', 'Transition', 'bottleneck', 'conv_block', 'densenet', 'densenet_small']
