"""Drawings of networks and blocks. First used in notebooks 00 (networks) and 08 (blocks)."""
import json
import math
from itertools import groupby
from math import prod

import numpy
from matplotlib import pyplot as plt
from matplotlib.patches import Polygon

from .costs import graph_of, summary
from .device import to_numpy

__all__ = ["draw_blocks", "draw_network", "draw_networks", "draw_windows"]

WIDEST = 12  # inches: in a wider drawing, nobody could read the names on a page
INCHES = 0.52  # of a unit, in the drawing of a network


def draw_network(net, input_shape, depth=None):
    """Draw the features that flow through a network as boxes, and between them the layers, by their real shapes.

    The front of a box is the image, its depth stands for the channels, both on square-root scales; vectors are bars.
    Above each arrow stand the layers that make the next box (see `summary`, also for `depth`); where the first of them
    is a convolution or pooling, its window is drawn on the box it reads, and leads to one pixel of the box it makes.
    Layers that follow each other share an arrow if they make the same shape or, where the drawing would be wider than
    12 inches, the same image size; the box then shows the largest.
    """
    layers = summary(net, input_shape, depth)
    for same in (lambda layer: layer.shape, lambda layer: layer.shape[2:] or layer.shape):
        groups = [list(run) for _, run in groupby(layers, key=same)]
        shapes = [tuple(input_shape[1:]) or (1,)] + [max((layer.shape[1:] or (1,) for layer in group), key=prod)
                                                    for group in groups]
        boxes = _boxes(shapes)
        right = boxes[-1][0] + sum(boxes[-1][2:4]) + 0.25
        if (right + 0.2) * INCHES <= WIDEST:
            break

    axes = plt.figure(figsize=((right + 0.2) * INCHES, 4.45 * INCHES)).add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    for shape, (x, high, wide, deep, pixels) in zip(shapes, boxes, strict=True):
        _draw_box(axes, x, high, wide, deep, "C0" if pixels else "C1")
        text = "×".join(map(str, [*pixels, f"{shape[0]:,}"]))
        axes.text(x + (wide + deep) / 2, -1.3, text, ha="center", va="top", fontsize=10)
    for group, before, after in zip(groups, boxes, boxes[1:], strict=False):
        _draw_layer_between(axes, group, before, after)
    axes.set(xlim=(-0.2, right), ylim=(-1.75, 2.7), aspect="equal")


def _boxes(shapes):
    """For each shape without its first axis: the left edge of its box, height, width, depth, and the image's sides."""
    most_pixels = max((max(shape[1:]) for shape in shapes if shape[1:]), default=1)
    most_channels = max(shape[0] for shape in shapes)
    boxes, x = [], 0.0
    for channels, *pixels in shapes:
        deep = (channels / most_channels) ** 0.5
        if pixels:
            high, wide = (0.12 + 1.9 * (n / most_pixels) ** 0.5 for n in (pixels[0], pixels[-1]))
            deep = 0.06 + 0.6 * deep
        else:
            high, wide, deep = 0.15 + 2 * deep, 0.1, 0.05
        boxes.append((x, high, wide, deep, pixels))
        x += wide + deep + 1.25
    return boxes


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


def draw_networks(networks):
    """Draw networks below each other on common scales: a dict of names and pairs (network, input shape).

    Along a row stand the layers with weights, in the order of depth: as many as the longest path from the input has.
    The height of a bar is the side of the image that the layer makes, its darkness the number of channels; it is
    divided among layers of the same depth. Dense layers are orange and as high as a square of so many numbers. Heights
    are on a square-root scale. Arcs are additions that skip layers. As `summary`, this traces the networks without
    computing, and raises what it raises; also ValueError for a network that cannot be traced.
    """
    rows = {name: _levels(net, input_shape) for name, (net, input_shape) in networks.items()}
    largest = max(max(shape[1:], default=1) for levels, _ in rows.values() for level in levels for shape in level)
    steps = max(len(levels) for levels, _ in rows.values())
    figure = plt.figure()
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    base, step, left = 0.6, 0.16, 1.6  # inches
    key = "gray: input · height: side of the image · dark: many channels\norange: dense"
    if any(shortcuts for _, shortcuts in rows.values()):
        key += " · red: additions that skip layers"
    axes.text(0.1, 0.08, key, fontsize=10, color="0.3", va="bottom")
    for name, (levels, shortcuts) in reversed(rows.items()):
        tops = []
        for i, level in enumerate(levels):
            channels = sum(shape[0] for shape in level)
            side = max(level[0][1:], default=channels ** 0.5)
            high, low = 1.2 * (side / largest) ** 0.5, base
            color = "0.8" if i == 0 else "C0" if level[0][1:] else "C1"
            for shape in level:
                part, dark = high * shape[0] / channels, min(1, max(0.1, math.log2(shape[0]) / 12))
                axes.add_patch(plt.Rectangle((left + i * step, low), 0.8 * step, part, facecolor=color,
                                             edgecolor="white", lw=0.4, alpha=dark if i else 1))
                low += part
            tops.append(low)
        for first, last in shortcuts:
            angle = numpy.linspace(0, math.pi, 20)
            middle, wide = first + last + 0.8, last - first
            axes.plot(left + step * (middle - wide * numpy.cos(angle)) / 2,
                      max(tops[first:last + 1]) + 0.03 + 0.1 * numpy.sin(angle), color="C3", lw=1)
        axes.text(0.1, base, f"{name}\n{len(levels) - 1} layers", fontsize=11, va="bottom")
        base += max(*tops, base + 0.35) - base + 0.3
    wide = max(left + (steps + 1) * step, 5)
    axes.set(xlim=(0, wide), ylim=(0, base))
    figure.set_size_inches(wide, base)


def _levels(net, input_shape):
    """The output shapes of layers with weights, listed by their depth (0: the input), and which depths additions join.

    The depth of a layer is the number of layers with weights on the longest path from the input to it.
    """
    input_shape = summary(net, input_shape).input_shape  # refuses what does not fit
    symbol = graph_of(net)
    inner = symbol.get_internals()
    shapes = dict(zip(inner.list_outputs(), inner.infer_shape(data=input_shape)[1], strict=True))
    levels, shortcuts, depths = [[tuple(input_shape[1:])]], [], []
    for node in json.loads(symbol.tojson())["nodes"]:
        before = [depths[i] for i, *_ in node["inputs"]]
        depth = max(before, default=0)
        if node["op"] in ("Convolution", "FullyConnected"):
            depth += 1
            levels += [[]] * (depth == len(levels))
            levels[depth] = [*levels[depth], shapes[f"{node['name']}_output"][1:]]
        elif "add" in node["op"] and min(before) < depth:
            shortcuts.append((min(before), depth))
        depths.append(depth)
    return levels, shortcuts


COLORS = {"1×1": "C0", "3×3": "C1", "5×5": "C2", "BN": "C4", "ReLU": "C8"}  # by the beginning of a layer's text
GAP, BOX = 0.24, 0.36  # inches: from layer to layer, and the height of a layer of one line


def draw_blocks(blocks):
    """Draw blocks of layers side by side: a dict of a title and a list of layers for each, which follow each other.

    A layer is a text, such as "3×3, 128", or a dict of named paths from the same input, each again a list of layers.
    What stands behind it in the list, such as "concatenate" or "+", is where the paths meet. An empty path is a
    shortcut. `{"residual": [{"body": ["3×3, 64", "ReLU", "3×3, 64"], "shortcut": []}, "+", "ReLU"]}` has two paths.
    """
    widths = [max(_width(layers), _width([title])) + 0.2 for title, layers in blocks.items()]
    high = max(map(_height, blocks.values())) + 1.1
    axes = plt.figure(figsize=(sum(widths), high)).add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, sum(widths)), ylim=(high, 0))
    axes.set_axis_off()
    left = 0
    for (title, layers), width in zip(blocks.items(), widths, strict=True):
        x = left + width / 2
        axes.text(x, 0.2, title, ha="center", va="center", fontsize=11, weight="bold")
        axes.text(x, 0.5, "input", ha="center", va="center", fontsize=10)
        end = _draw_layers(axes, layers, x, 0.62)
        _draw_arrow(axes, x, end, end + GAP)
        left += width


def _lines(text):
    return text.count("\n") + 1


def _width(layers):
    """The width of a list of layers in inches."""
    def wide(layer):
        if isinstance(layer, dict):
            return sum(max(_width(path), _width([name])) for name, path in layer.items())
        return 0.09 * max(map(len, layer.split("\n"))) + 0.3
    return max(map(wide, layers), default=0.5)


def _height(layers):
    """The height of a list of layers in inches."""
    def high(layer):
        if isinstance(layer, dict):
            return (0.3 if any(layer) else 0.12) + max(map(_height, layer.values())) + 0.1
        return GAP + BOX + 0.17 * (_lines(layer) - 1)
    return sum(map(high, layers))


def _draw_layers(axes, layers, x, y):
    """Draw layers below each other, the first below the point (x, y); return the y at which the last of them ends."""
    for layer in layers:
        end = y + _height([layer])
        if isinstance(layer, dict):
            _draw_paths(axes, layer, x, y, end)
        else:
            _draw_arrow(axes, x, y, y + GAP)
            color = next((color for start, color in COLORS.items() if layer.startswith(start)),
                         "C3" if layer[0].isdigit() else "0.5")
            wide = _width([layer]) - 0.14
            for face, alpha in (("white", 1), (color, 0.25)):
                axes.add_patch(plt.Rectangle((x - wide / 2, y + GAP), wide, end - y - GAP, facecolor=face, alpha=alpha))
            axes.add_patch(plt.Rectangle((x - wide / 2, y + GAP), wide, end - y - GAP, fill=False, edgecolor=color))
            axes.text(x, (y + GAP + end) / 2, layer, ha="center", va="center", fontsize=10)
        y = end
    return y


def _draw_paths(axes, paths, x, y, end):
    """Draw named paths side by side from the point (x, y), until they meet at (x, end)."""
    split, line = y + 0.12, {"color": "0.3", "lw": 1, "zorder": 0}
    left = x - _width([paths]) / 2
    for name, path in paths.items():
        width = max(_width(path), _width([name]))
        here = left + width / 2
        axes.plot([x, x, here], [y, split, split], **line)
        top = split + (0.18 if any(paths) else 0)
        axes.plot([here, here], [split, top], **line)
        below = _draw_layers(axes, path, here, top)
        axes.plot([here, here, x], [below, end, end], **line)
        axes.text(here, split + 0.15, name, ha="center", va="center", fontsize=10, style="italic",
                  bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"} if name else None)
        left += width


def _draw_arrow(axes, x, start, end):
    axes.annotate("", (x, end), (x, start), arrowprops={"arrowstyle": "->", "color": "0.3", "shrinkA": 0, "shrinkB": 0})


def draw_windows(X, K, padding=0, strides=1, columns=5):
    """Draw every step of a convolution of two small matrices: where the window lies, and the output so far.

    Blue is the image, gray the padding, orange the output. `padding` (zeros per side) and `strides` are one number or
    one per axis. After the pictures of Dumoulin and Visin (2016).
    """
    X, K = to_numpy(X).astype(float), to_numpy(K).astype(float)  # sums of bytes would overflow
    pad, step = (numpy.broadcast_to(value, 2) for value in (padding, strides))
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
