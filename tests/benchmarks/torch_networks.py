"""The networks of `d2lcnn.models` in PyTorch: the twins that the lessons print, so that what is timed is what is read.

The first dense layer is made anew, since a twin is written for one size of images and the benchmark may take another.
NiN belongs to a lab, which has no twin: its layers stand here.
"""
from functools import partial

from tests.twins import TWINS, twin

from torch import nn


def for_any_size(lesson):
    net = twin(lesson)
    first = next((i for i, layer in enumerate(net) if isinstance(layer, nn.Linear)), None)
    if first is not None:
        net[first] = nn.LazyLinear(net[first].out_features)
    return net


def nin():
    def block(channels, size, stride, pad):
        sizes = (size, stride, pad), (1, 1, 0), (1, 1, 0)
        return [layer for each in sizes for layer in (nn.LazyConv2d(channels, *each), nn.ReLU())]
    return nn.Sequential(*block(96, 11, 4, 0), nn.MaxPool2d(3, 2), *block(256, 5, 1, 2), nn.MaxPool2d(3, 2),
                         *block(384, 3, 1, 1), nn.MaxPool2d(3, 2), nn.Dropout(0.5), *block(10, 3, 1, 1),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten())


for lesson, (_, function, _) in TWINS.items():
    globals()[function] = partial(for_any_size, lesson)
