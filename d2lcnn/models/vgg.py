"""Made by `make export` from notebooks/08_vgg.ipynb: change it there."""
from mxnet.gluon import nn

from d2lcnn.models.alexnet import LRN

BLOCKS = {  # pairs: number of convolutions, channels
    "A": [(1, 64), (1, 128), (2, 256), (2, 512), (2, 512)],  # VGG-11
    "B": [(2, 64), (2, 128), (2, 256), (2, 512), (2, 512)],  # VGG-13
    "D": [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)],  # VGG-16
    "E": [(2, 64), (2, 128), (4, 256), (4, 512), (4, 512)]}  # VGG-19
BLOCKS |= {"A-LRN": BLOCKS["A"], "C": BLOCKS["D"]}
DEPTHS = {11: "A", 13: "B", 16: "D", 19: "E"}


def vgg_block(num_convs, channels, in_channels=0, third=3):
    """Convolutions of 3 x 3 with ReLU, then a pooling that halves the image.

    `third` is the kernel size of a third convolution, if there is one.
    """
    block = nn.HybridSequential()
    for i in range(num_convs):
        size = third if i == 2 else 3
        block.add(nn.Conv2D(channels, size, padding=size // 2,
                            activation="relu", in_channels=in_channels))
        in_channels = channels
    block.add(nn.MaxPool2D(pool_size=2, strides=2))
    return block


def vgg(depth, divisor=1, in_channels=3, classes=1000):
    """VGG of depth 11, 13, 16 or 19, or of configuration "A" to "E".

    Simonyan and Zisserman (2015). `divisor` divides all channels.
    """
    name = DEPTHS.get(depth, depth)
    if name not in BLOCKS:
        raise ValueError(f"depth must be one of {[*DEPTHS]} or "
                         f"{sorted(BLOCKS)}, got {depth!r}")
    net = nn.HybridSequential()
    for num_convs, channels in BLOCKS[name]:
        block = vgg_block(num_convs, channels // divisor, in_channels,
                          third=1 if name == "C" else 3)
        if name == "A-LRN" and len(net) == 0:
            convolution, pooling = block
            block = nn.HybridSequential()
            block.add(convolution, LRN(), pooling)
        net.add(block)
        in_channels = channels // divisor
    net.add(nn.Dense(4096, activation="relu"), nn.Dropout(0.5),
            nn.Dense(4096, activation="relu"), nn.Dropout(0.5),
            nn.Dense(classes))
    return net


def vgg11(divisor=4, in_channels=1, classes=10):
    """VGG-11 for small images, a quarter of the channels, as in d2l."""
    return vgg(11, divisor, in_channels, classes)

__all__ = ['BLOCKS', 'DEPTHS', 'vgg', 'vgg11', 'vgg_block']
