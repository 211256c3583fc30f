"""Made by `make export` from notebooks/16_efficient_convolutions.ipynb and notebooks/labs/16_shuffle.ipynb: change it there."""
from d2lcnn.models.resnet import conv_bn
from mxnet.gluon import nn


def grouped_conv_bn(channels, kernel_size, strides, groups):
    """A convolution in groups, and batch normalization."""
    block = nn.HybridSequential()
    block.add(nn.Conv2D(channels, kernel_size, strides,
                        padding=kernel_size // 2, groups=groups,
                        use_bias=False),
              nn.BatchNorm())
    return block


def separable(channels, kernel_size, strides, in_channels):
    """Depthwise for shapes, then pointwise for channels; with BN, ReLU."""
    block = nn.HybridSequential()
    block.add(grouped_conv_bn(in_channels, kernel_size, strides,
                              groups=in_channels),
              nn.Activation("relu"),
              conv_bn(channels, 1),
              nn.Activation("relu"))
    return block


def mobilenet_v1(in_channels=3, classes=1000):
    """MobileNet of Howard et al. (2017)."""
    net = nn.HybridSequential()
    net.add(conv_bn(32, 3, 2, in_channels), nn.Activation("relu"))
    before = 32
    for channels, strides in [
            (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
            (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2),
            (1024, 1)]:
        net.add(separable(channels, 3, strides, before))
        before = channels
    net.add(nn.GlobalAvgPool2D(), nn.Dense(classes))
    return net


from d2lcnn.models.resnet import Bottleneck


class ResNeXtBlock(Bottleneck):
    """A bottleneck twice as wide, with 32 groups, Xie et al. (2017)."""

    def __init__(self, channels, strides=1, shortcut=True, projection=False):
        super().__init__(channels, strides, shortcut, projection)
        self.g = nn.HybridSequential()
        self.g.add(conv_bn(channels // 2, 1),
                   nn.Activation("relu"),
                   grouped_conv_bn(channels // 2, 3, strides, groups=32),
                   nn.Activation("relu"),
                   conv_bn(channels, 1))


def resnet50_of(block, in_channels=3, classes=1000):
    """The 50 layers of ResNet-50, with another block."""
    net = nn.HybridSequential()
    net.add(conv_bn(64, 7, 2, in_channels), nn.Activation("relu"),
            nn.MaxPool2D(3, 2, 1))
    for stage, n in enumerate((3, 4, 6, 3)):
        for i in range(n):
            smaller = stage > 0 and i == 0  # halves the side
            net.add(block(256 * 2**stage, 2 if smaller else 1,
                          projection=i == 0))
    net.add(nn.GlobalAvgPool2D(), nn.Dense(classes))
    return net


def resnext50(in_channels=3, classes=1000):
    """ResNeXt-50 (32 x 4d), Xie et al. (2017)."""
    return resnet50_of(ResNeXtBlock, in_channels, classes)


class Shuffle(nn.HybridBlock):
    """One channel from each group in turn, Zhang et al. (2018)."""

    def __init__(self, groups):
        super().__init__()
        self.groups = groups

    def hybrid_forward(self, F, x):
        # -2: keep, -6: split in two, -5: join two, -4: all that are left
        x = F.npx.reshape(x, (-2, -6, self.groups, -1, -4))
        return F.npx.reshape(F.np.swapaxes(x, 1, 2), (-2, -5, -4))


class ShuffleUnit(nn.HybridBlock):
    """The unit of ShuffleNet v1; strides of 2 concatenate the shortcut."""

    def __init__(self, in_channels, channels, groups, strides=1, first=False):
        super().__init__()
        self.concatenates = strides == 2
        new = channels - in_channels if self.concatenates else channels
        self.pool = nn.AvgPool2D(3, 2, 1) if self.concatenates else None
        self.g = nn.HybridSequential()
        self.g.add(grouped_conv_bn(channels // 4, 1, 1,
                                   1 if first else groups),
                   nn.Activation("relu"),
                   Shuffle(groups),
                   grouped_conv_bn(channels // 4, 3, strides, channels // 4),
                   grouped_conv_bn(new, 1, 1, groups))

    def hybrid_forward(self, F, x):
        if self.concatenates:
            x = F.np.concatenate((self.pool(x), self.g(x)), axis=1)
        else:
            x = x + self.g(x)
        return F.npx.relu(x)


def shufflenet_v1(in_channels=3, classes=1000):
    """ShuffleNet 1x with 3 groups, Zhang et al. (2018)."""
    net = nn.HybridSequential()
    net.add(conv_bn(24, 3, 2, in_channels), nn.Activation("relu"),
            nn.MaxPool2D(3, 2, 1))
    before = 24
    for channels, n in ((240, 4), (480, 8), (960, 4)):
        for i in range(n):
            net.add(ShuffleUnit(before, channels, 3, 2 if i == 0 else 1,
                                first=before == 24))
            before = channels
    net.add(nn.GlobalAvgPool2D(), nn.Dense(classes))
    return net


class SqueezeExcite(nn.HybridBlock):
    """A factor for each channel, from the mean of all, Hu et al. (2018)."""

    def __init__(self, channels, reduction=16):
        super().__init__()
        self.factor = nn.HybridSequential()
        self.factor.add(nn.GlobalAvgPool2D(),
                        nn.Dense(channels // reduction, activation="relu"),
                        nn.Dense(channels, activation="sigmoid"))

    def hybrid_forward(self, F, x):
        factor = F.np.expand_dims(self.factor(x), axis=2)
        return x * F.np.expand_dims(factor, axis=3)


class SEBlock(Bottleneck):
    """ResNet's bottleneck, its new features weighted by channel."""

    def __init__(self, channels, strides=1, shortcut=True, projection=False):
        super().__init__(channels, strides, shortcut, projection)
        self.g.add(SqueezeExcite(channels))


def se_resnet50(in_channels=3, classes=1000):
    """SE-ResNet-50, Hu et al. (2018)."""
    return resnet50_of(SEBlock, in_channels, classes)

__all__ = ['ResNeXtBlock', 'SEBlock', 'Shuffle', 'ShuffleUnit', 'SqueezeExcite', 'grouped_conv_bn', 'mobilenet_v1', 'resnet50_of', 'resnext50', 'se_resnet50', 'separable', 'shufflenet_v1']
