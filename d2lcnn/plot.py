"""Pictures of images and small matrices. First used in notebook 00."""
import numpy
from matplotlib import pyplot as plt

from .device import to_numpy

__all__ = ["show_arrays", "show_images"]

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
    images = [image.transpose(1, 2, 0) if image.ndim == 3 and len(image) == 3 else image for image in images]
    wrong = [image.shape for image in images if image.ndim != 2 and not (image.ndim == 3 and image.shape[2] == 3)]
    if wrong or not images:
        raise ValueError("images must be a list of (h, w), (3, h, w) or (h, w, 3) arrays, or one array of several, got "
                         + (f"one of shape {wrong[0]}" if wrong else "none"))
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
    a cell in inches. Raises ValueError for what is no matrix, and where titles or windows and matrices differ in
    number.
    """
    arrays = [numpy.atleast_2d(to_numpy(a)) for a in arrays]
    wrong = [a.shape for a in arrays if a.ndim != 2]
    if wrong or not arrays:
        raise ValueError(f"arrays must be matrices, got {f'one of shape {wrong[0]}' if wrong else 'none'}")
    for name, given in (("titles", titles), ("windows", windows)):
        if given is not None and len(given) != len(arrays):
            raise ValueError(f"there are {len(arrays)} matrices, but {len(given)} {name}")
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
