"""Drawings of networks and blocks. First used in notebooks 00 (networks) and 08 (blocks)."""
from itertools import groupby
from math import prod

import numpy
from matplotlib import pyplot as plt
from matplotlib.patches import Polygon

from .costs import summary
from .device import to_numpy

__all__ = ["draw_blocks", "draw_network", "draw_windows"]

COLORS = {"1x1": "C0", "3x3": "C1", "5x5": "C2", "BN": "C4", "ReLU": "C8"}  # of layers, others are red or gray
MOST = 14  # boxes in a drawing, else layers of one image size share a box


def draw_network(net, input_shape, depth=None):
    """Draw the features that flow through a network as boxes, and between them the layers, by their real shapes.

    The front of a box is the image, its depth stands for the channels, both on square-root scales; vectors are bars.
    Above each arrow stand the layers that make the next box (see `summary`, also for `depth`); where the first of them
    is a convolution or pooling, its window is drawn on the box it reads, and leads to one pixel of the box it makes.
    Layers that follow each other share an arrow if they make the same shape or, in a drawing of more than 14 boxes, the
    same image size; the box then shows the largest.
    """
    layers = summary(net, input_shape, depth)
    groups = [list(run) for _, run in groupby(layers, key=lambda layer: layer.shape)]
    if len(groups) > MOST:
        groups = [list(run) for _, run in groupby(layers, key=lambda layer: layer.shape[2:] or layer.shape)]
    shapes = [tuple(input_shape[1:]) or (1,)] + [max((layer.shape[1:] or (1,) for layer in group), key=prod)
                                                for group in groups]
    most_pixels = max((max(shape[1:]) for shape in shapes if shape[1:]), default=1)
    most_channels = max(shape[0] for shape in shapes)

    figure = plt.figure(figsize=(max(4.5, 1.25 * len(shapes)), 2.9))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    boxes, x = [], 0.0
    for shape in shapes:
        channels, *pixels = shape
        deep = (channels / most_channels) ** 0.5
        if pixels:
            high, wide = (0.12 + 1.9 * (n / most_pixels) ** 0.5 for n in (pixels[0], pixels[-1]))
            deep = 0.06 + 0.6 * deep
        else:
            high, wide, deep = 0.15 + 2 * deep, 0.1, 0.05
        boxes.append((x, high, wide, deep, pixels))
        _draw_box(axes, x, high, wide, deep, "C0" if pixels else "C1")
        text = "×".join(map(str, [*pixels, f"{channels:,}"]))
        axes.text(x + (wide + deep) / 2, -1.3, text, ha="center", va="top", fontsize=10)
        x += wide + deep + 1.25
    for group, before, after in zip(groups, boxes, boxes[1:], strict=False):
        _draw_layer_between(axes, group, before, after)
    axes.set(xlim=(-0.2, x - 1.0), ylim=(-1.75, 2.7), aspect="equal")
    figure.set_size_inches((x - 0.8) * 0.52, 4.45 * 0.52)


def _draw_box(axes, x, high, wide, deep, color):
    front = numpy.array([[0, 0], [wide, 0], [wide, high], [0, high]])
    slope = numpy.array([deep, 0.6 * deep])
    top, side = (numpy.array([front[i], front[j], front[j] + slope, front[i] + slope]) for i, j in ((3, 2), (1, 2)))
    for face, alpha in ((front, 0.3), (top, 0.15), (side, 0.5)):
        axes.add_patch(Polygon(face + [x, -high / 2], facecolor=color, alpha=alpha, edgecolor="black", lw=0.6))


def _draw_layer_between(axes, group, before, after):
    """The names of the layers of `group`, an arrow from box to box, and the window of the first of them."""
    (x, high, wide, deep, pixels), (x_after, high_after, wide_after, _, pixels_after) = before, after
    start, end = x + wide + deep, x_after
    first = group[0]
    if len(first.kernel) == len(pixels) == len(pixels_after) == 2:
        k_h, k_w = (min(1, k / n) * side for k, n, side in zip(first.kernel, pixels, (high, wide), strict=True))
        left, low = x + 0.55 * (wide - k_w), 0.1 * high - k_h / 2
        axes.add_patch(plt.Rectangle((left, low), k_w, k_h, facecolor="C1", alpha=0.6, edgecolor="C1", zorder=3))
        point = (x_after + 0.55 * wide_after, 0.1 * high_after)
        for corner in ((left + k_w, low), (left + k_w, low + k_h)):
            axes.plot(*zip(corner, point, strict=True), color="C1", lw=0.8, zorder=3)
    else:
        axes.annotate("", (end - 0.12, 0), (start + 0.12, 0), arrowprops={"arrowstyle": "->", "color": "0.3"})
    names = []
    for layer in group:
        kind = layer.layer.split(maxsplit=1)[-1].removesuffix("2D")
        names.append(f"{kind} {'×'.join(map(str, layer.kernel))}".strip())
    counted = [(name, len(list(run))) for name, run in groupby(names)]
    lines = [f"{count} {name}" if count > 1 else name for name, count in counted]
    if len(lines) > 4:
        lines = [*lines[:3], f"… {len(lines) - 3} more"]
    axes.text((start + end) / 2, 1.45, "\n".join(lines), ha="center", va="bottom", fontsize=10, linespacing=1.1)


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


def draw_windows(X, K, padding=0, strides=1, columns=5):
    """Draw every step of a convolution of two small matrices: where the window lies, and the output so far.

    Blue is the image, gray the padding, orange the output. `padding` (zeros per side) and `strides` are one number or
    one per axis. After the pictures of Dumoulin and Visin (2016).
    """
    X, K = to_numpy(X), to_numpy(K)
    pad, step = ((value, value) if isinstance(value, int) else tuple(value) for value in (padding, strides))
    padded = numpy.pad(X, [(p, p) for p in pad])
    Y = (numpy.lib.stride_tricks.sliding_window_view(padded, K.shape) * K).sum(axis=(2, 3))[::step[0], ::step[1]]
    (high, wide), rows, columns = padded.shape, -(-Y.size // columns), min(columns, Y.size)
    size = (0.3 * (wide + 1) * columns, 0.3 * (high + len(Y) + 1.5) * rows)
    figure, grid = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for t, axes in enumerate(grid.flat):
        axes.set(xlim=(-0.1, wide + 0.1), ylim=(high + len(Y) + 0.8, -0.1), aspect=1)
        axes.set_axis_off()
        if t < Y.size:
            i, j = divmod(t, Y.shape[1])
            _draw_squares(axes, padded, 0, 0, "0.92")
            _draw_squares(axes, X, *pad, "lightblue")
            _draw_squares(axes, Y[:i], high + 0.5, 0, "moccasin")
            _draw_squares(axes, Y[i:i + 1, :j + 1], high + 0.5 + i, 0, "moccasin")
            axes.add_patch(plt.Rectangle((j * step[1], i * step[0]), *K.shape[::-1], fill=False, edgecolor="C1", lw=3))


def _draw_squares(axes, matrix, top, left, color):
    for (i, j), value in numpy.ndenumerate(matrix):
        axes.add_patch(plt.Rectangle((left + j, top + i), 1, 1, facecolor=color, edgecolor="white"))
        axes.text(left + j + 0.5, top + i + 0.55, f"{value:g}", fontsize=9, color="black", ha="center", va="center")
