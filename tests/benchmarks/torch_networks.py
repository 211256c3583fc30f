"""The networks of `d2lcnn.models` in PyTorch, layer by layer, for comparison. LeNet has ReLU and max pooling."""
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


def conv(channels, size, stride=1, pad=0):
    return nn.LazyConv2d(channels, size, stride, pad)


def relu():
    return nn.ReLU(inplace=True)


def mean(classes=None):
    return nn.AdaptiveAvgPool2d(1), nn.Flatten(), *([nn.LazyLinear(classes)] if classes else [])


def head():
    layers = [layer for _ in range(2) for layer in (nn.LazyLinear(4096), relu(), nn.Dropout(0.5))]
    return nn.Flatten(), *layers, nn.LazyLinear(10)


def lenet():
    return nn.Sequential(conv(6, 5, pad=2), relu(), nn.MaxPool2d(2, 2), conv(16, 5), relu(), nn.MaxPool2d(2, 2),
                         nn.Flatten(), nn.LazyLinear(120), relu(), nn.LazyLinear(84), relu(), nn.LazyLinear(10))


def alexnet():
    return nn.Sequential(conv(96, 11, 4), relu(), nn.MaxPool2d(3, 2), conv(256, 5, pad=2), relu(), nn.MaxPool2d(3, 2),
                         conv(384, 3, pad=1), relu(), conv(384, 3, pad=1), relu(), conv(256, 3, pad=1), relu(),
                         nn.MaxPool2d(3, 2), *head())


def vgg11():
    body = []
    for convs, channels in (1, 16), (1, 32), (2, 64), (2, 128), (2, 128):
        body += [layer for _ in range(convs) for layer in (conv(channels, 3, pad=1), relu())] + [nn.MaxPool2d(2, 2)]
    return nn.Sequential(*body, *head())


def nin():
    def block(channels, size, stride, pad):
        return conv(channels, size, stride, pad), relu(), conv(channels, 1), relu(), conv(channels, 1), relu()
    return nn.Sequential(*block(96, 11, 4, 0), nn.MaxPool2d(3, 2), *block(256, 5, 1, 2), nn.MaxPool2d(3, 2),
                         *block(384, 3, 1, 1), nn.MaxPool2d(3, 2), nn.Dropout(0.5), *block(10, 3, 1, 1), *mean())


def googlenet():
    def inception(a, b, c, d):
        return Concat(nn.Sequential(conv(a, 1), relu()),
                      nn.Sequential(conv(b[0], 1), relu(), conv(b[1], 3, pad=1), relu()),
                      nn.Sequential(conv(c[0], 1), relu(), conv(c[1], 5, pad=2), relu()),
                      nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(d, 1), relu()))
    return nn.Sequential(
        conv(64, 7, 2, 3), relu(), nn.MaxPool2d(3, 2, 1), conv(64, 1), relu(), conv(192, 3, pad=1), relu(),
        nn.MaxPool2d(3, 2, 1),
        inception(64, (96, 128), (16, 32), 32), inception(128, (128, 192), (32, 96), 64), nn.MaxPool2d(3, 2, 1),
        inception(192, (96, 208), (16, 48), 64), inception(160, (112, 224), (24, 64), 64),
        inception(128, (128, 256), (24, 64), 64), inception(112, (144, 288), (32, 64), 64),
        inception(256, (160, 320), (32, 128), 128), nn.MaxPool2d(3, 2, 1),
        inception(256, (160, 320), (32, 128), 128), inception(384, (192, 384), (48, 128), 128), *mean(10))


def resnet18():
    def residual(channels, stride, project):
        return Add(nn.Sequential(conv(channels, 3, stride, 1), nn.LazyBatchNorm2d(), relu(), conv(channels, 3, pad=1),
                                 nn.LazyBatchNorm2d()),
                   nn.Sequential(conv(channels, 1, stride)) if project else nn.Sequential())
    body = []
    for i, channels in enumerate((64, 128, 256, 512)):
        body += [residual(channels, 2 if i else 1, i > 0), relu(), residual(channels, 1, False), relu()]
    return nn.Sequential(conv(64, 7, 2, 3), nn.LazyBatchNorm2d(), relu(), nn.MaxPool2d(3, 2, 1), *body, *mean(10))


def densenet_small():
    body, channels = [], 64
    for i in range(4):
        body += [Concat(nn.Sequential(), nn.Sequential(nn.LazyBatchNorm2d(), relu(), conv(32, 3, pad=1)))
                 for _ in range(4)]
        channels += 4 * 32
        if i < 3:
            channels //= 2
            body += [nn.LazyBatchNorm2d(), relu(), conv(channels, 1), nn.AvgPool2d(2, 2)]
    return nn.Sequential(conv(64, 7, 2, 3), nn.LazyBatchNorm2d(), relu(), nn.MaxPool2d(3, 2, 1), *body,
                         nn.LazyBatchNorm2d(), relu(), *mean(10))
