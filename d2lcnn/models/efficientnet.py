"""Made by `make export` from notebooks/16_efficient_convolutions.ipynb: change it there."""
import numpy
from d2lcnn.files import DATA
from d2lcnn.normalization import Normalization
from mxnet import np
from mxnet.gluon import nn


class SameConv2D(nn.Conv2D):
    """A convolution with TensorFlow's SAME padding, for even sides."""

    def __init__(self, channels, kernel_size, strides=1, groups=1):
        super().__init__(channels, kernel_size, strides, groups=groups,
                         padding=kernel_size // 2 if strides == 1 else 0,
                         use_bias=False)
        self._zeros = None
        if strides == 2:  # left and right, top and bottom
            self._zeros = ((kernel_size - 2) // 2, (kernel_size - 1) // 2)

    def hybrid_forward(self, F, x, weight, bias=None):
        if self._zeros:
            x = F.np.pad(x, ((0, 0), (0, 0), self._zeros, self._zeros))
        return super().hybrid_forward(F, x, weight, bias)


class ReLU6(nn.HybridBlock):
    """min(max(x, 0), 6)."""

    def hybrid_forward(self, F, x):
        return F.np.minimum(F.npx.relu(x), 6)


def conv_bn_relu6(channels, kernel_size, strides=1, groups=1, relu=True):
    """A convolution, batch normalization and, unless told not to, ReLU6."""
    block = nn.HybridSequential()
    block.add(SameConv2D(channels, kernel_size, strides, groups),
              nn.BatchNorm(epsilon=1e-3))
    if relu:
        block.add(ReLU6())
    return block


class InvertedResidual(nn.HybridBlock):
    """Narrow, wide, narrow, Sandler et al. (2018)."""

    def __init__(self, in_channels, channels, kernel_size, strides, expansion):
        super().__init__()
        wide = expansion * in_channels
        self.expand = conv_bn_relu6(wide, 1) if expansion > 1 else None
        self.depthwise = conv_bn_relu6(wide, kernel_size, strides, wide)
        self.project = conv_bn_relu6(channels, 1, relu=False)
        self.adds = strides == 1 and in_channels == channels

    def hybrid_forward(self, F, x):
        y = self.expand(x) if self.expand is not None else x
        y = self.project(self.depthwise(y))
        return x + y if self.adds else y


STAGES = [  # blocks, channels, kernel, strides of the first, expansion
    (1, 16, 3, 1, 1), (2, 24, 3, 2, 6), (2, 40, 5, 2, 6), (3, 80, 3, 2, 6),
    (3, 112, 5, 1, 6), (4, 192, 5, 2, 6), (1, 320, 3, 1, 6)]


def efficientnet_lite0(classes=1000, pretrained=False, device=None):
    """EfficientNet-Lite0, after Tan and Le (2019), for 224 x 224 pixels.

    `pretrained` loads the weights in data/weights, which know the 1,000
    classes of `imagenet_classes`. The first layer scales 0..1 to their
    input, (byte - 127) / 128.
    """
    if pretrained and classes != 1000:
        raise ValueError("the pretrained weights know 1,000 classes, not "
                         f"{classes}: take net[:-1] as features")
    net = nn.HybridSequential()
    net.add(Normalization([127 / 255] * 3, [128 / 255] * 3),
            conv_bn_relu6(32, 3, strides=2))
    before = 32
    for blocks, channels, kernel_size, strides, expansion in STAGES:
        stage = nn.HybridSequential()
        for i in range(blocks):
            stage.add(InvertedResidual(before, channels, kernel_size,
                                       strides if i == 0 else 1, expansion))
            before = channels
        net.add(stage)
    net.add(conv_bn_relu6(1280, 1), nn.GlobalAvgPool2D(), nn.Dropout(0.2),
            nn.Dense(classes))
    if pretrained:
        net.initialize(ctx=device)
        parameters = net._collect_params_with_prefix()
        arrays = numpy.load(DATA / "weights" / "efficientnet_lite0.npz")
        for name in arrays.files:
            array = np.array(arrays[name].astype("float32"), ctx=device)
            parameters[name].set_data(array)
    return net


def imagenet_classes():
    """Return the names of ImageNet's 1,000 classes."""
    path = DATA / "weights" / "imagenet_classes.txt"
    return path.read_text(encoding="utf-8").splitlines()

__all__ = ['InvertedResidual', 'ReLU6', 'STAGES', 'SameConv2D', 'conv_bn_relu6', 'efficientnet_lite0', 'imagenet_classes']
