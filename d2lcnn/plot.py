"""Pictures: images, small matrices, training curves, predictions. First used in notebook 00."""
import numpy
from matplotlib import pyplot as plt

from .device import to_numpy
from .evaluate import class_names, labeled, predict
from .validate import check_labels, is_listed

__all__ = ["draw_histories", "plot_histories", "show_arrays", "show_images", "show_predictions"]


def show_images(images, titles=None, num_cols=8, scale=1.2, cmap="gray", limits=None):
    """Draw images in a grid: an array (n, h, w), (n, 1, h, w), (n, 3, h, w), (n, h, w, 3), or a list of such images.

    `titles` has one text per image, `scale` is the width of one in inches. All gray ones share one scale of values,
    `limits` or their least and greatest finite value. Also for kernels and feature maps. Raises ValueError for anything
    that is not an image, or if the number of titles differs.
    """
    images = [to_numpy(image) for image in images]
    images = [image[0] if image.ndim == 3 and len(image) == 1 else image for image in images]
    images = [image.transpose(1, 2, 0) if image.ndim == 3 and len(image) == 3 else image for image in images]
    wrong = [image.shape for image in images if image.ndim != 2 and not (image.ndim == 3 and image.shape[2] == 3)]
    if wrong or not images:
        raise ValueError("images must be a list of (h, w), (3, h, w) or (h, w, 3) arrays, or one array of several, got "
                         + (f"one of shape {wrong[0]}" if wrong else "none"))
    if not (titles is None or is_listed(titles)):
        raise ValueError(f"titles must be one text per image, got {titles!r}: the number of columns is num_cols=")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"there are {len(images)} images, but {len(titles)} titles")
    titles = None if titles is None else list(titles)  # a Series would look for the label i
    if limits is None:
        finite = [values for image in images if (values := image[numpy.isfinite(image)]).size] or [numpy.zeros(1)]
        limits = min(values.min() for values in finite), max(values.max() for values in finite)
    low, high = limits
    num_cols = min(num_cols, len(images))
    num_rows = -(-len(images) // num_cols)
    tall = images[0].shape[0] / images[0].shape[1] * scale + (0.3 if titles is not None else 0.05)
    figure, grid = plt.subplots(num_rows, num_cols, figsize=(num_cols * scale, num_rows * tall), squeeze=False,
                                layout="constrained")
    for axes in grid.flat:
        axes.set_axis_off()
    for i, (axes, image) in enumerate(zip(grid.flat, images, strict=False)):
        axes.imshow(image, cmap=cmap, vmin=low, vmax=high)
        if titles is not None:
            axes.set_title(str(titles[i]), fontsize=10, pad=3)


def show_arrays(arrays, titles=None, windows=None, scale=0.42, gray=()):
    """Draw small matrices side by side with their numbers, colored by value: blue below zero, red above.

    The matrices whose indices are in `gray` are images: from black, their least value or 0, to white, their largest.
    `windows` has one (row, column, height, width) or None per matrix and outlines that part; `scale` is the side of
    a cell in inches. Raises ValueError for anything that is not a matrix, or if the number of titles or windows
    differs.
    """
    arrays = [numpy.atleast_2d(to_numpy(a)).astype(float) for a in arrays]  # bytes would overflow
    wrong = [a.shape for a in arrays if a.ndim != 2]
    if wrong or not arrays:
        raise ValueError(f"arrays must be matrices, got {f'one of shape {wrong[0]}' if wrong else 'none'}")
    for name, given in (("titles", titles), ("windows", windows)):
        if not (given is None or is_listed(given)):
            raise ValueError(f"{name} must be a list, one for each matrix, got {given!r}")
        if given is not None and len(given) != len(arrays):
            raise ValueError(f"there are {len(arrays)} matrices, but {len(given)} {name}")
    titles, windows = (None if given is None else list(given) for given in (titles, windows))
    high, wide = max(a.shape[0] for a in arrays), sum(a.shape[1] + 1 for a in arrays) - 1
    axes = plt.figure(figsize=(scale * wide + 0.2, scale * high + 0.5)).add_axes((0, 0, 1, 1))
    left = 0
    for i, array in enumerate(arrays):
        finite = array[numpy.isfinite(array)]
        limit = max(1e-9, abs(finite).max(initial=0)) * 2.2  # pale enough for black numbers
        x, y = numpy.arange(array.shape[1] + 1) + left, numpy.arange(array.shape[0] + 1)
        low, top = finite.min(initial=0), finite.max(initial=1e-9)
        style = {"cmap": "gray", "vmin": low, "vmax": top} if i in gray else {
            "cmap": "RdBu_r", "vmin": -limit, "vmax": limit}
        axes.pcolormesh(x, y, array, edgecolors="0.6", lw=0.5, **style)
        for (row, column), value in numpy.ndenumerate(array):
            text = f"{round(float(value), 2) + 0.0:g}"  # no -0
            dark = i in gray and value - low < 0.5 * (top - low)
            axes.text(left + column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=10,
                      color="white" if dark else "black")
        if titles:
            axes.text(left + array.shape[1] / 2, -0.2, titles[i], ha="center", va="bottom", fontsize=10)
        if windows and windows[i] is not None:
            row, column, height, width = windows[i]
            axes.add_patch(plt.Rectangle((left + column, row), width, height, fill=False, edgecolor="C1", lw=3))
        left += array.shape[1] + 1
    axes.set(xlim=(-0.2, wide + 0.2), ylim=(high + 0.2, -0.5 / scale), aspect="equal")
    axes.set_axis_off()


def show_predictions(net, data_iter, num_images=16, wrong=False):
    """Draw images of `data_iter` with the class that `net` predicts for each, and the right one where it differs.

    Right answers stand in green, wrong ones in red as "coat, not shirt"; `wrong=True` shows wrong answers only. Classes
    carry the names of `Batches.classes`, where it has some, else numbers. Raises what `evaluate_accuracy`
    raises, but for an empty iterator.
    """
    shown, titles, colors = [], [], []
    for i, (X, y) in enumerate(labeled(data_iter)):
        probabilities, y = to_numpy(predict(net, [(X, y)])), to_numpy(y)
        check_labels(f"batch {i + 1}", y, probabilities.shape[1])
        names = class_names(data_iter, probabilities.shape[1])
        for image, guess, label in zip(X, probabilities.argmax(axis=1), y.astype(int), strict=True):
            if len(shown) < num_images and (guess != label or not wrong):
                guess_name, name = (str(names[i]) for i in (guess, label))
                shown.append(image)
                titles.append(guess_name if guess == label else f"{guess_name},\nnot {name}")
                colors.append("C2" if guess == label else "C3")
        if len(shown) == num_images:
            break
    if not shown:
        print("no wrong answer among these images" if wrong else "there are no images")
        return
    show_images(shown, titles)
    for axes, color in zip(plt.gcf().axes, colors, strict=False):
        axes.title.set_color(color)


def plot_histories(histories):
    """Draw loss and accuracy against the epoch for a dict of names and `History`s, such as `{"LeNet": history}`.

    Raises ValueError for anything else.
    """
    named = isinstance(histories, dict) and histories
    if not named or not all(hasattr(history, "batch_loss") for history in histories.values()):
        raise ValueError(f"histories must be a dict of names and Histories, got {type(histories).__name__}: "
                         'plot_histories({"LeNet": history}), or history.plot() for one')
    draw_histories(plt.figure(figsize=(8, 3)), histories)


def draw_histories(figure, histories):
    """Draw what `plot_histories` draws into a figure: lines for test data, dots for the epochs of training."""
    # Fixed margins: to have matplotlib find them would double the time of a live picture. Beside each panel there must
    # be room for the longest name, in shares of the figure's width.
    names = min(0.27, max(0.1, 0.03 + 0.01 * max(len(str(name)) for name in histories)))
    panel = (0.85 - 2 * names) / 2
    left, right = figure.subplots(1, 2, gridspec_kw={"left": 0.08, "right": 1 - names, "bottom": 0.17, "top": 0.88,
                                                     "wspace": (names + 0.07) / panel})
    for axes, name in ((left, "loss"), (right, "accuracy")):
        axes.set(xlabel="epoch", ylabel=name)
        axes.xaxis.get_major_locator().set_params(integer=True)
        if len(histories) > 1:
            axes.set_title("lines: test; dotted: training", fontsize=10)
    words = {left: [], right: []}
    for i, (name, history) in enumerate(histories.items()):
        color, several = f"C{i}", len(histories) > 1
        batches = numpy.arange(1, len(history.batch_loss) + 1) / history.batches
        ends = numpy.arange(1, len(history.loss) + 1)
        left.plot(batches, history.batch_loss, color, alpha=0.3, lw=0.8)
        for axes, train, test in ((left, history.loss, history.test_loss),
                                  (right, history.train_acc, history.test_acc)):
            axes.plot(ends - 0.5, train, f"{color}o:", ms=4)
            test_ends = ends[:len(test)]
            axes.plot(test_ends, test, f"{color}-" if several else "C1-", marker="s", ms=3)
            if several and (test or train):
                words[axes].append(((test or train)[-1], name, color))
            elif not several:
                words[axes] += [(curve[-1], word, shade) for curve, word, shade in (
                    (train, "train", color), (test, "test", "C1")) if curve]
    for axes, labels in words.items():
        axes.set_xlim(left=0)
        _write_beside(axes, labels)


def _write_beside(axes, labels):
    """Write words at the right edge, each at the height of its curve's end, pushed apart where they would overlap."""
    low, high = axes.get_ylim()
    step, place = 0.085 * (high - low), -numpy.inf
    for value, text, color in sorted(labels, key=lambda label: label[0]):
        place = max(value, place + step)
        axes.annotate(text, (1.02, place), xycoords=axes.get_yaxis_transform(), color=color, fontsize=10, va="center",
                      annotation_clip=False)
