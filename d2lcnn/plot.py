"""Pictures of images, small matrices and a network's feature volumes. First used in notebooks 02 and 06."""
from itertools import groupby
from math import prod

import numpy
from matplotlib import pyplot as plt
from matplotlib.patches import Polygon

from .device import to_numpy
from .summary import summary

__all__ = ["draw_network", "show_arrays", "show_images"]

plt.rcParams.update({
    "figure.figsize": (5, 3), "figure.dpi": 100, "figure.facecolor": "white", "savefig.facecolor": "white",
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.3,
    "legend.frameon": False, "image.cmap": "gray",
})


def show_images(images, titles=None, num_cols=8, scale=1.2, cmap="gray", limits=None):
    """Draw images in a grid: an array (n, h, w), (n, 1, h, w), (n, 3, h, w), (n, h, w, 3), or a list of such images.

    `titles` has one text per image, `scale` is the width of one in inches. All gray ones share one scale of values,
    `limits` or their least and greatest value. Also for kernels and feature maps. Raises ValueError for what is no
    image, and where titles and images differ in number.
    """
    images = [to_numpy(image) for image in images]
    images = [image[0] if image.ndim == 3 and len(image) == 1 else image for image in images]
    images = [image.transpose(1, 2, 0) if image.ndim == 3 and image.shape[2] > 4 else image for image in images]
    if not images or any(image.ndim not in (2, 3) for image in images):
        raise ValueError("images must be a list of (h, w) or (h, w, 3) arrays, or one array of several, "
                         f"got {len(images)} of {images[0].ndim if images else 0} axes")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"there are {len(images)} images, but {len(titles)} titles")
    low, high = limits or (min(i.min() for i in images), max(i.max() for i in images))
    num_cols = min(num_cols, len(images))
    num_rows = -(-len(images) // num_cols)
    tall = images[0].shape[0] / images[0].shape[1] * scale + (0.25 if titles is not None else 0.05)
    figure, grid = plt.subplots(num_rows, num_cols, figsize=(num_cols * scale, num_rows * tall), squeeze=False,
                                layout="constrained")
    for axes in grid.flat:
        axes.set_axis_off()
    for i, (axes, image) in enumerate(zip(grid.flat, images, strict=False)):
        axes.imshow(image, cmap=cmap, vmin=low, vmax=high)
        if titles is not None:
            axes.set_title(str(titles[i]), fontsize=8, pad=3)


def show_arrays(arrays, titles=None, windows=None, scale=0.42):
    """Draw small matrices side by side with their numbers, colored by value: blue below zero, red above.

    `windows` has one (row, column, height, width) or None per matrix and outlines that part; `scale` is the side of
    a cell in inches. First used in notebook 02.
    """
    arrays = [numpy.atleast_2d(to_numpy(a)) for a in arrays]
    high, wide = max(a.shape[0] for a in arrays), sum(a.shape[1] + 1 for a in arrays) - 1
    axes = plt.figure(figsize=(scale * wide + 0.2, scale * high + 0.5)).add_axes((0, 0, 1, 1))
    left = 0
    for i, array in enumerate(arrays):
        limit = max(1e-9, abs(array).max()) * 2.2  # pale enough for black numbers
        x, y = numpy.arange(array.shape[1] + 1) + left, numpy.arange(array.shape[0] + 1)
        axes.pcolormesh(x, y, array, cmap="RdBu_r", vmin=-limit, vmax=limit, edgecolors="0.6", lw=0.5)
        for (row, column), value in numpy.ndenumerate(array):
            text = f"{round(float(value), 2) + 0.0:g}"  # no -0
            axes.text(left + column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=9)
        if titles:
            axes.text(left + array.shape[1] / 2, -0.2, titles[i], ha="center", va="bottom", fontsize=9)
        if windows and windows[i]:
            row, column, height, width = windows[i]
            axes.add_patch(plt.Rectangle((left + column, row), width, height, fill=False, edgecolor="C1", lw=3))
        left += array.shape[1] + 1
    axes.set(xlim=(-0.2, wide + 0.2), ylim=(high + 0.2, -0.5 / scale), aspect="equal")
    axes.set_axis_off()


def draw_network(net, input_shape, depth=None):
    """Draw the volumes of features that flow through a network as boxes, from its real layer shapes (see `summary`).

    Height and depth of a box stand for the image, its width for the channels, on square-root scales; vectors are
    bars. Layers that follow each other share a box if they make the same shape or, where that leaves more than 16
    boxes, the same image size; the box then shows the largest.
    """
    volumes = [(layer.layer.split()[-1], layer.shape[1:] or (1,)) for layer in summary(net, input_shape, depth)]
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
