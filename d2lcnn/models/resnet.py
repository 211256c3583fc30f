"""Made by `make export` from notebooks/11_resnet.ipynb and notebooks/labs/11_flavors.ipynb: change it there."""
from mxnet.gluon import nn


class Residual(nn.HybridBlock):
    """relu(x + g(x)): d2l's form of the block of He et al. (2015)."""

    def __init__(self, num_channels, use_1x1conv=False, strides=1, **kwargs):
        super().__init__(**kwargs)
        self.conv1 = nn.Conv2D(num_channels, kernel_size=3, strides=strides,
                               padding=1)
        self.conv2 = nn.Conv2D(num_channels, kernel_size=3, padding=1)
        self.conv3 = None
        if use_1x1conv:
            self.conv3 = nn.Conv2D(num_channels, kernel_size=1,
                                   strides=strides)
        self.bn1 = nn.BatchNorm()
        self.bn2 = nn.BatchNorm()

    def hybrid_forward(self, F, X):
        Y = F.npx.relu(self.bn1(self.conv1(X)))
        Y = self.bn2(self.conv2(Y))
        if self.conv3 is not None:
            X = self.conv3(X)
        return F.npx.relu(Y + X)


def conv_bn(channels, kernel_size, strides=1, in_channels=0):
    """A convolution without bias, and batch normalization."""
    block = nn.HybridSequential()
    block.add(nn.Conv2D(channels, kernel_size, strides,
                        padding=kernel_size // 2, use_bias=False,
                        in_channels=in_channels),
              nn.BatchNorm())
    return block


class Basic(nn.HybridBlock):
    """relu(x + g(x)) as in He et al. (2015), g: two 3 x 3 convolutions."""

    def __init__(self, channels, strides=1, shortcut=True, projection=False):
        super().__init__()
        self.g = nn.HybridSequential()
        self.g.add(conv_bn(channels, 3, strides),
                   nn.Activation("relu"),
                   conv_bn(channels, 3))
        self.shortcut, self.projection = shortcut, None
        if shortcut and projection:
            self.projection = conv_bn(channels, 1, strides)

    def hybrid_forward(self, F, X):
        Y = self.g(X)
        if self.projection is not None:
            X = self.projection(X)
        return F.npx.relu(Y + X if self.shortcut else Y)


def small_resnet(depth, block=Basic, shortcuts=True, width=16,
                 in_channels=1, classes=10):
    """ResNet of 6 n + 2 layers for small images, He et al. (2015)."""
    if depth < 8 or depth % 6 != 2:
        raise ValueError(f"depth must be 6 n + 2 (8, 14, ...), got {depth}")
    net = nn.HybridSequential()
    net.add(conv_bn(width, 3, in_channels=in_channels),
            nn.Activation("relu"))
    for stage in range(3):
        for i in range(depth // 6):
            smaller = stage > 0 and i == 0  # halves the side
            net.add(block(width * 2**stage, 2 if smaller else 1, shortcuts,
                          projection=smaller))
    net.add(nn.GlobalAvgPool2D(), nn.Dense(classes))
    return net


def module(num_channels, strides):
    """Two residual blocks, the first of them with these strides."""
    net = nn.HybridSequential()
    net.add(Residual(num_channels, use_1x1conv=strides > 1, strides=strides),
            Residual(num_channels))
    return net


def resnet18(in_channels=1, classes=10):
    """ResNet-18 in d2l's form, after He et al. (2015)."""
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(64, kernel_size=7, strides=2, padding=3,
                  in_channels=in_channels),
        nn.BatchNorm(),
        nn.Activation("relu"),
        nn.MaxPool2D(pool_size=3, strides=2, padding=1),
        module(64, strides=1),
        module(128, strides=2),
        module(256, strides=2),
        module(512, strides=2),
        nn.GlobalAvgPool2D(),
        nn.Dense(classes))
    return net


class Bottleneck(Basic):
    """relu(x + g(x)), g: 1 x 1 down, 3 x 3, 1 x 1 up."""

    def __init__(self, channels, strides=1, shortcut=True, projection=False):
        super().__init__(channels, strides, shortcut, projection)
        self.g = nn.HybridSequential()
        self.g.add(conv_bn(channels // 4, 1),
                   nn.Activation("relu"),
                   conv_bn(channels // 4, 3, strides),
                   nn.Activation("relu"),
                   conv_bn(channels, 1))


RESNETS = {18: (Basic, (2, 2, 2, 2)),
           34: (Basic, (3, 4, 6, 3)),
           50: (Bottleneck, (3, 4, 6, 3)),
           101: (Bottleneck, (3, 4, 23, 3)),
           152: (Bottleneck, (3, 8, 36, 3))}


def resnet(depth, shortcuts=True, in_channels=3, classes=1000):
    """ResNet of He et al. (2015), or its plain twin without shortcuts."""
    if depth not in RESNETS:
        raise ValueError(f"depth must be one of {[*RESNETS]}, got {depth}")
    block, repeats = RESNETS[depth]
    net = nn.HybridSequential()
    net.add(conv_bn(64, 7, 2, in_channels), nn.Activation("relu"),
            nn.MaxPool2D(3, 2, 1))
    for stage, n in enumerate(repeats):
        channels = (64 if block is Basic else 256) * 2**stage
        for i in range(n):
            smaller = stage > 0 and i == 0  # halves the side
            wider = i == 0 and channels > 64  # stage 1 gets 64 channels
            net.add(block(channels, 2 if smaller else 1, shortcuts,
                          projection=wider))
    net.add(nn.GlobalAvgPool2D(), nn.Dense(classes))
    return net


def conv(channels, kernel_size=3, strides=1):
    return nn.Conv2D(channels, kernel_size, strides,
                     padding=kernel_size // 2, use_bias=False)


def relu():
    return nn.Activation("relu")


class Flavor(nn.HybridBlock):
    """after(g(x) + projection(x)), for the orders of He et al. (2016)."""

    def __init__(self, channels, strides=1, shortcut=True, projection=False):
        super().__init__()
        self.g = nn.HybridSequential()
        self.after = nn.HybridSequential()
        self.projection = nn.HybridSequential()
        self.fill(channels, strides)
        if projection:
            self.project(channels, strides)

    def project(self, channels, strides):
        self.projection.add(conv(channels, 1, strides), nn.BatchNorm())

    def hybrid_forward(self, F, X):
        return self.after(self.g(X) + self.projection(X))


class NormAfterAddition(Flavor):
    def fill(self, channels, strides):
        self.g.add(conv(channels, strides=strides), nn.BatchNorm(), relu(),
                   conv(channels))
        self.after.add(nn.BatchNorm(), relu())


class ReLUBeforeAddition(Flavor):
    def fill(self, channels, strides):
        self.g.add(conv(channels, strides=strides), nn.BatchNorm(), relu(),
                   conv(channels), nn.BatchNorm(), relu())


class ReLUPreActivation(Flavor):
    def fill(self, channels, strides):
        self.g.add(relu(), conv(channels, strides=strides), nn.BatchNorm(),
                   relu(), conv(channels), nn.BatchNorm())

    def project(self, channels, strides):
        self.projection.add(relu(), conv(channels, 1, strides))


class FullPreActivation(Flavor):
    def fill(self, channels, strides):
        self.g.add(nn.BatchNorm(), relu(), conv(channels, strides=strides),
                   nn.BatchNorm(), relu(), conv(channels))

    def project(self, channels, strides):
        self.projection.add(nn.BatchNorm(), relu(),
                            conv(channels, 1, strides))


FLAVORS = {"original": Basic,
           "BN after addition": NormAfterAddition,
           "ReLU before addition": ReLUBeforeAddition,
           "ReLU-only pre-activation": ReLUPreActivation,
           "full pre-activation": FullPreActivation}


def flavored(depth, flavor, width=16, in_channels=1, classes=10):
    """`small_resnet` with one of the FLAVORS of the residual block."""
    *layers, pool, dense = small_resnet(
        depth, FLAVORS[flavor], True, width, in_channels, classes)
    net = nn.HybridSequential()
    net.add(*layers)
    if flavor == "full pre-activation":
        net.add(nn.BatchNorm())
    if flavor.endswith("pre-activation"):
        net.add(relu())
    net.add(pool, dense)
    return net

__all__ = ['Basic', 'Bottleneck', 'FLAVORS', 'Flavor', 'FullPreActivation', 'NormAfterAddition', 'RESNETS', 'ReLUBeforeAddition', 'ReLUPreActivation', 'Residual', 'conv', 'conv_bn', 'flavored', 'module', 'relu', 'resnet', 'resnet18', 'small_resnet']
