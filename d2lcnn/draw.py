"""Drawings of networks and blocks. First used in notebooks 00 (networks) and 08 (blocks)."""
from itertools import groupby
from math import prod

import numpy
from matplotlib import pyplot as plt
from matplotlib.patches import Polygon

from .costs import summary

__all__ = ["draw_blocks", "draw_network"]

COLORS = {"1x1": "C0", "3x3": "C1", "5x5": "C2", "BN": "C4", "ReLU": "C8"}  # of layers, others are red or gray


def draw_network(net, input_shape, depth=None):
    """Draw the volumes of features that flow through a network as boxes, from its real layer shapes (see `summary`).

    Height and depth of a box stand for the image, its width for the channels, on square-root scales; vectors are
    bars. Layers that follow each other share a box if they make the same shape or, where that leaves more than 16
    boxes, the same image size; the box then shows the largest.
    """
    layers = summary(net, input_shape, depth)
    volumes = [(layer.layer.split(maxsplit=1)[-1], layer.shape[1:] or (1,)) for layer in layers]
    boxes = [list(run) for _, run in groupby(volumes, key=lambda volume: volume[1])]
    if len(boxes) > 15:
        boxes = [list(run) for _, run in groupby(volumes, key=lambda volume: volume[1][1:] or volume[1])]
    volumes.append(("input", tuple(input_shape[1:]) or (1,)))
    boxes.insert(0, volumes[-1:])
    most_pixels = max((max(shape[1:]) for _, shape in volumes if shape[1:]), default=1)
    most_channels = max(shape[0] for _, shape in volumes)

    axes = plt.figure(figsize=(max(4.5, 1.05 * len(boxes)), 2.6), layout="constrained").add_subplot()
    x = 0.0
    for box in boxes:
        channels, *pixels = max((shape for _, shape in box), key=prod)
        long = (channels / most_channels) ** 0.5
        if pixels:
            width, deep, high = 0.06 + 0.75 * long, *(2 * (n / most_pixels) ** 0.5 for n in (pixels[-1], pixels[0]))
        else:
            width, deep, high = 0.1, 0.12, 2 * long
        _draw_box(axes, x, width, high, 0.3 * deep, "C0" if pixels else "C1")
        middle = x + (width + 0.3 * deep) / 2
        kind = box[0][0] if len(box) == 1 else f"{len(box)} layers"
        label = "\n".join([f"{channels:,}", *(["×".join(map(str, pixels))] if pixels else [])])
        axes.text(middle, 1.75, kind, ha="center", va="bottom", fontsize=8, rotation=30)
        axes.text(middle, -1.2, label, ha="center", va="top", fontsize=8)
        x += max(1.25, width + 0.3 * deep + 0.25)
    axes.set(xlim=(-0.3, x), ylim=(-1.9, 2.6), aspect="equal")
    axes.set_axis_off()


def _draw_box(axes, x, width, high, skew, color):
    front = numpy.array([[0, 0], [width, 0], [width, high], [0, high]])
    top = numpy.array([[0, high], [width, high], [width + skew, high + skew], [skew, high + skew]])
    side = numpy.array([[width, 0], [width + skew, skew], [width + skew, high + skew], [width, high]])
    for face, alpha in ((front, 0.35), (top, 0.2), (side, 0.55)):
        axes.add_patch(Polygon(face + [x, -high / 2], facecolor=color, alpha=alpha, edgecolor="black", lw=0.5))


def draw_blocks(blocks):
    """Draw blocks of layers side by side: a dict of a title and a list of texts for each.

    All texts but the last are paths from the input: layers such as "1x1:96 3x3:128" (a kernel and its channels), "a|b"
    for two layers side by side, "" for a shortcut. The last text says what follows where the paths meet, as "concat"
    or "+ ReLU".
    """
    widths = [len(texts) - 1 + 0.25 for texts in blocks.values()]
    high = max(max(len(path.split()) for path in paths) + len(rest.split()) for *paths, rest in blocks.values())
    figure = plt.figure(figsize=(1.1 * sum(widths), 0.5 * high + 0.8), layout="constrained")
    panels = figure.subplots(1, len(blocks), squeeze=False, width_ratios=widths)[0]
    for axes, (title, (*paths, rest)) in zip(panels, blocks.items(), strict=True):
        middle, meet = (len(paths) - 1) / 2, max(len(path.split()) for path in paths) + 1
        line = {"color": "0.5", "lw": 1, "zorder": 0}
        for x, path in enumerate(paths):
            layers = path.split()
            axes.plot([middle, x], [0, 0.5], **line)
            axes.plot([x, x, middle], [len(layers) + 0.5, meet - 0.5, meet], **line)
            for y, layer in enumerate(layers, 1):
                parts = layer.split("|")
                for i, part in enumerate(parts):
                    here = x + 0.5 * (i - (len(parts) - 1) / 2)
                    axes.plot([x, here, here, x], [y - 0.5, y - 0.3, y + 0.3, y + 0.5], **line)
                    _draw_layer(axes, here, y, part)
        axes.plot([middle, middle], [meet, meet + len(rest.split()) - 0.4], **line)
        for y, word in enumerate(["input", *rest.split()]):
            _draw_layer(axes, middle, y and meet + y - 1, word)
        axes.set(xlim=(-0.65, len(paths) - 0.35), ylim=(high + 0.9, -0.5))
        axes.set_title(title, fontsize=9)
        axes.set_axis_off()


def _draw_layer(axes, x, y, word):
    kind, _, channels = word.partition(":")
    text = kind.replace("x", "×") if kind[0].isdigit() else kind
    axes.text(x, y, f"{text}\n{channels}".strip(), ha="center", va="center", fontsize=8, linespacing=1,
              bbox={"boxstyle": "round", "facecolor": "white", "lw": 1.5, "edgecolor": COLORS.get(
                  kind.split("/")[0], "C3" if kind[0].isdigit() else "0.5")})
