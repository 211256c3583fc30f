"""The networks of the course in d2l's small forms, each written once and built for MXNet or for PyTorch.

LeNet has the slides' ReLU and max pooling. A network of MXNet moves to d2lcnn.models when its notebook arrives.
"""


def networks(kit):
    """Return `{name: (build, pixels, batch size, learning rate)}`; `kit` is `mxnet_kit()` or `torch_kit()`."""
    seq, conv, norm, relu, pool = kit.seq, kit.conv, kit.norm, kit.relu, kit.pool
    mean, flat, dense, drop, concat, add = kit.mean, kit.flat, kit.dense, kit.drop, kit.concat, kit.add

    def head():
        return flat(), dense(4096), relu(), drop(), dense(4096), relu(), drop(), dense(10)

    def lenet():
        return seq(conv(6, 5, pad=2), relu(), pool(2, 2), conv(16, 5), relu(), pool(2, 2),
                   flat(), dense(120), relu(), dense(84), relu(), dense(10))

    def alexnet():
        return seq(conv(96, 11, 4, 1), relu(), pool(3, 2), conv(256, 5, pad=2), relu(), pool(3, 2),
                   conv(384, 3, pad=1), relu(), conv(384, 3, pad=1), relu(), conv(256, 3, pad=1), relu(), pool(3, 2),
                   *head())

    def vgg11():
        body = []
        for convs, channels in (1, 16), (1, 32), (2, 64), (2, 128), (2, 128):
            body += [layer for _ in range(convs) for layer in (conv(channels, 3, pad=1), relu())] + [pool(2, 2)]
        return seq(*body, *head())

    def nin():
        def block(channels, size, stride, pad):
            return conv(channels, size, stride, pad), relu(), conv(channels, 1), relu(), conv(channels, 1), relu()
        return seq(*block(96, 11, 4, 0), pool(3, 2), *block(256, 5, 1, 2), pool(3, 2), *block(384, 3, 1, 1), pool(3, 2),
                   drop(), *block(10, 3, 1, 1), mean(), flat())

    def googlenet():
        def inception(a, b, c, d):
            return concat(seq(conv(a, 1), relu()),
                          seq(conv(b[0], 1), relu(), conv(b[1], 3, pad=1), relu()),
                          seq(conv(c[0], 1), relu(), conv(c[1], 5, pad=2), relu()),
                          seq(pool(3, 1, 1), conv(d, 1), relu()))
        return seq(conv(64, 7, 2, 3), relu(), pool(3, 2, 1), conv(64, 1), relu(), conv(192, 3, pad=1), relu(),
                   pool(3, 2, 1),
                   inception(64, (96, 128), (16, 32), 32), inception(128, (128, 192), (32, 96), 64), pool(3, 2, 1),
                   inception(192, (96, 208), (16, 48), 64), inception(160, (112, 224), (24, 64), 64),
                   inception(128, (128, 256), (24, 64), 64), inception(112, (144, 288), (32, 64), 64),
                   inception(256, (160, 320), (32, 128), 128), pool(3, 2, 1),
                   inception(256, (160, 320), (32, 128), 128), inception(384, (192, 384), (48, 128), 128),
                   mean(), flat(), dense(10))

    def resnet18():
        def residual(channels, stride, project):
            return add(seq(conv(channels, 3, stride, 1), norm(), relu(), conv(channels, 3, pad=1), norm()),
                       seq(conv(channels, 1, stride)) if project else seq())
        body = []
        for i, channels in enumerate((64, 128, 256, 512)):
            body += [residual(channels, 2 if i else 1, i > 0), relu(), residual(channels, 1, False), relu()]
        return seq(conv(64, 7, 2, 3), norm(), relu(), pool(3, 2, 1), *body, mean(), flat(), dense(10))

    def densenet():
        body, channels = [], 64
        for i in range(4):
            body += [concat(seq(), seq(norm(), relu(), conv(32, 3, pad=1))) for _ in range(4)]
            channels += 4 * 32
            if i < 3:
                channels //= 2
                body += [norm(), relu(), conv(channels, 1), kit.average(2, 2)]
        return seq(conv(64, 7, 2, 3), norm(), relu(), pool(3, 2, 1), *body, norm(), relu(), mean(), flat(), dense(10))

    return {"LeNet": (lenet, 28, 256, 0.1), "AlexNet": (alexnet, 224, 128, 0.01), "VGG-11/4": (vgg11, 224, 64, 0.01),
            "NiN": (nin, 224, 64, 0.01), "GoogLeNet": (googlenet, 96, 128, 0.01),
            "ResNet-18": (resnet18, 96, 128, 0.01), "DenseNet": (densenet, 96, 128, 0.01)}


def mxnet_kit():
    from mxnet.gluon import nn

    class Branches(nn.HybridBlock):
        def __init__(self, *branches):
            super().__init__()
            for i, branch in enumerate(branches):
                self.register_child(branch, str(i))

    class Concat(Branches):
        def hybrid_forward(self, F, x):
            return F.np.concatenate([branch(x) for branch in self._children.values()], axis=1)

    class Add(Branches):
        def hybrid_forward(self, F, x):
            left, right = (branch(x) for branch in self._children.values())
            return left + right

    class kit:
        concat, add, flat, norm, mean = Concat, Add, nn.Flatten, nn.BatchNorm, nn.GlobalAvgPool2D

        def seq(*layers):
            net = nn.HybridSequential()
            net.add(*layers)
            return net

        def conv(channels, size, stride=1, pad=0):
            return nn.Conv2D(channels, size, stride, pad)

        def pool(size, stride, pad=0):
            return nn.MaxPool2D(size, stride, pad)

        def average(size, stride):
            return nn.AvgPool2D(size, stride)

        def relu():
            return nn.Activation("relu")

        def dense(units):
            return nn.Dense(units)

        def drop():
            return nn.Dropout(0.5)

    return kit


def torch_kit():
    import torch
    from torch import nn

    class Concat(nn.Module):
        def __init__(self, *branches):
            super().__init__()
            self.branches = nn.ModuleList(branches)

        def forward(self, x):
            return torch.cat([branch(x) for branch in self.branches], 1)

    class Add(Concat):
        def forward(self, x):
            return self.branches[0](x) + self.branches[1](x)

    class kit:
        seq, concat, add, flat, norm = nn.Sequential, Concat, Add, nn.Flatten, nn.LazyBatchNorm2d
        pool, average, dense = nn.MaxPool2d, nn.AvgPool2d, nn.LazyLinear

        def conv(channels, size, stride=1, pad=0):
            return nn.LazyConv2d(channels, size, stride, pad)

        def relu():
            return nn.ReLU(inplace=True)

        def mean():
            return nn.AdaptiveAvgPool2d(1)

        def drop():
            return nn.Dropout(0.5)

    return kit
