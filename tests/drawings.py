"""Drawings in words: each artist with its place, size and color, compared by tests with what drawings.txt holds.

After a change on purpose, look at the drawings, then store them anew: `python -m tests.drawings`.
"""
from pathlib import Path

import d2lcnn
from d2lcnn.models.lenet import lenet

import matplotlib
import numpy
from matplotlib import colors
from matplotlib import pyplot as plt
from matplotlib.collections import QuadMesh
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text
from mxnet.gluon import nn

from .small import CPU, sequence

STORED = Path(__file__).with_suffix(".txt")


def history(n, scale=1.0, test=True):
    values = [scale / (i + 1) for i in range(n)]
    return d2lcnn.History(
        2, loss=values, train_acc=[1 - v / 2 for v in values], test_loss=[1.5 * v for v in values] * test,
        test_acc=[1 - v / 1.5 for v in values] * test, batch_loss=[v for v in values for _ in range(2)])


def photographs():
    random = numpy.random.RandomState(0)
    return [random.rand(6, 9, 3), random.rand(3, 6, 9), random.rand(6, 9) * 2 - 1]


def predictions(wrong=False):
    """Four images of one pixel each, of which a fixed network gets two right."""
    net = sequence(nn.Flatten(), nn.Dense(3, in_units=3, use_bias=False))
    net.initialize(ctx=CPU)
    net[1].weight.set_data(numpy.eye(3))
    pixels = numpy.zeros((4, 1, 1, 3), "uint8")
    pixels[range(4), 0, 0, [0, 1, 2, 2]] = 255
    batches = d2lcnn.Batches(pixels, [0, 2, 2, 1], 3, device=CPU, classes=("cat", "dog", "owl"))
    d2lcnn.show_predictions(net, batches, num_images=3, wrong=wrong)


def deep():
    """Three image sizes, and more shapes than fit on a page."""
    stages = [[nn.Conv2D(8 * stage + i, 3, padding=1) for i in range(5)] + [nn.MaxPool2D(2)] for stage in (1, 2, 3)]
    return sequence(*sum(stages, []), nn.Flatten(), nn.Dense(10))


class Branched(nn.HybridBlock):
    """Two convolutions side by side, concatenated, and a shortcut around a third one after them."""

    def __init__(self):
        super().__init__()
        self.left, self.right, self.last = nn.Conv2D(4, 3, padding=1), nn.Conv2D(8, 1), nn.Conv2D(12, 1)

    def hybrid_forward(self, F, X):
        both = F.np.concatenate([self.left(X), self.right(X)], axis=1)
        return both + self.last(both)


PLOTS = {
    "show_images, gray": lambda: d2lcnn.show_images(numpy.arange(24.0).reshape(3, 2, 4), ["a", "b", "c"], num_cols=2),
    "show_images, color and gray": lambda: d2lcnn.show_images(photographs(), scale=2, limits=(-1, 1), cmap="viridis"),
    "show_arrays": lambda: d2lcnn.show_arrays([[[1, -2.5], [-1e-6, 19]], [7], [[0.0, 0.126]]], titles=["X", "K", "Y"],
                                              windows=[(0, 1, 2, 1), None, None]),
    "plot_histories, one": lambda: history(3).plot(),
    "plot_histories, one without a test set": lambda: history(2, test=False).plot(),
    "plot_histories, several": lambda: d2lcnn.plot_histories(
        {"wide": history(3), "deep": history(2, 1.1), "untested": history(2, 3.0, False)}),
    "plot_histories, before an epoch ends": lambda: d2lcnn.History(4, batch_loss=[2.0, 1.0]).plot(),
    "show_predictions": predictions,
    "show_predictions, wrong ones": lambda: predictions(wrong=True),
}
DRAWINGS = {
    "draw_network, LeNet": lambda: d2lcnn.draw_network(lenet(), (1, 1, 28, 28)),
    "draw_network, not square": lambda: d2lcnn.draw_network(
        sequence(nn.Conv2D(8, (1, 5), strides=2), nn.AvgPool2D(2), nn.GlobalAvgPool2D(), nn.Dense(3)), (1, 3, 20, 60)),
    "draw_network, deep": lambda: d2lcnn.draw_network(deep(), (1, 3, 32, 32)),
    "draw_network, dense": lambda: d2lcnn.draw_network(sequence(nn.Dense(300), nn.Dense(10)), (1, 784)),
    "draw_network, one axis": lambda: d2lcnn.draw_network(sequence(nn.Conv1D(4, 3), nn.MaxPool1D(2)), (1, 2, 30)),
    "draw_blocks": lambda: d2lcnn.draw_blocks({
        "residual": [{"": ["3×3, 64", "BN"], "shortcut": []}, "+", "ReLU"],
        "inception": [{"one": ["1×1, 64"], "five": ["1×1, 16", "5×5, 32"], "pool": ["max\npooling"]}, "concatenate"],
        "split": ["1×1", {"row": ["1×3, 384"], "two": ["3×1", {"a": ["3×3"], "b": []}, "+"]}]}),
    "draw_networks": lambda: d2lcnn.draw_networks({
        "LeNet": (lenet(), (1, 1, 28, 28)), "branched": (sequence(Branched(), nn.Dense(9)), (1, 3, 8, 8))}),
    "draw_windows": lambda: d2lcnn.draw_windows(
        numpy.arange(6.0).reshape(2, 3), [[0, 1], [2, 3]], padding=(1, 0), strides=(2, 1), columns=3),
}


def number(value):
    return f"{round(float(value), 3) + 0.0:g}"  # no -0


def numbers(values):
    return ",".join(map(number, numpy.ravel(values)))


def color(value, alpha=None):
    return colors.to_hex(colors.to_rgba(value, alpha), keep_alpha=True)


def unlike(**pairs):
    """What differs from matplotlib's default, as text."""
    return "".join(f" {name} {value}" for name, (value, default) in pairs.items() if value != default)


def artist(thing):
    """A line about one artist."""
    if isinstance(thing, Annotation) and not thing.get_text():
        return f"arrow from {numbers(thing.get_position())} to {numbers(thing.xy)} {thing.arrowprops}"
    if isinstance(thing, Text):
        box = thing.get_bbox_patch()
        return (f"{thing.get_text()!r} at {numbers(thing.get_position())} size {number(thing.get_fontsize())} "
                f"{thing.get_ha()} {thing.get_va()}" + unlike(
                    turned=(number(thing.get_rotation()), "0"), color=(color(thing.get_color()), "#000000ff"),
                    spacing=(number(thing._linespacing), "1.2")) + (f" in {artist(box)}" if box else ""))
    if isinstance(thing, Line2D):
        return (f"line {numbers(thing.get_xydata())} {color(thing.get_color(), thing.get_alpha())} "
                f"{thing.get_linestyle()} width {number(thing.get_linewidth())}" + unlike(
                    marker=(thing.get_marker(), "None"), size=(number(thing.get_markersize()), "6"),
                    order=(number(thing.get_zorder()), "2")))
    if isinstance(thing, Patch):
        shape = numbers(thing.get_path().transformed(thing.get_patch_transform()).vertices)
        shape = type(thing.get_boxstyle()).__name__ if hasattr(thing, "get_boxstyle") else shape
        return (f"patch {shape} {color(thing.get_facecolor())} edge {color(thing.get_edgecolor())} "
                f"width {number(thing.get_linewidth())}" + unlike(order=(number(thing.get_zorder()), "1")))
    image = (f"image {numpy.shape(thing.get_array())} sum {number(numpy.sum(thing.get_array()))} "
             f"{thing.get_cmap().name} {numbers(thing.get_clim())}")
    edged = isinstance(thing, QuadMesh)
    return image + (f" edges {color(thing.get_edgecolor()[0])} {number(thing.get_linewidth()[0])}" if edged else "")


def described(draw):
    """What `draw` draws, as lines of text. No font is measured, so they are the same on every machine."""
    plt.close("all")
    draw()
    figure = plt.gcf()
    lines = [f"figure {numbers(figure.get_size_inches())}"]
    for axes in figure.axes:
        whole = unlike(whole=(getattr(axes.xaxis.get_major_locator(), "_integer", False), False))
        lines.append(f" axes at {numbers(axes.get_position().bounds)} x {numbers(axes.get_xlim())} y "
                     f"{numbers(axes.get_ylim())} aspect {axes.get_aspect()} frame {axes.axison}{whole}")
        labels = [text for text in (axes.title, axes.xaxis.label, axes.yaxis.label) if text.get_text()]
        lines += [f"  {artist(thing)}" for thing in (
            *labels, *axes.lines, *axes.images, *axes.collections, *axes.patches, *axes.texts)]
    plt.close("all")
    return "\n".join(lines)


def stored():
    """What drawings.txt holds, by name."""
    parts = STORED.read_text(encoding="utf-8").split("\n== ")
    return {name: text.rstrip("\n") for name, _, text in (part.partition(" ==\n") for part in parts[1:])}


if __name__ == "__main__":
    matplotlib.use("agg")
    text = "Drawings in words, by python -m tests.drawings\n"
    text += "".join(f"\n== {name} ==\n{described(draw)}\n" for name, draw in (PLOTS | DRAWINGS).items())
    STORED.write_text(text, encoding="utf-8")
