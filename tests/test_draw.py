"""Drawings of networks, of blocks and of a convolution's steps."""
from d2lcnn import draw_blocks, draw_network, draw_networks, draw_windows, explore, explore_kernels, summary
from d2lcnn.models.alexnet import alexnet
from d2lcnn.models.lenet import lenet

import numpy
import pytest
from matplotlib import pyplot as plt
from mxnet import np
from mxnet.gluon import nn
from mxnet.gluon.model_zoo import vision

from .drawings import DRAWINGS, Branched, described, stored
from .small import ready, sequence
from .test_costs import PlainResidual


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_as_it_was_when_somebody_looked_at_it(name):
    """After a change on purpose, look at it again, then: python -m tests.drawings"""
    assert described(DRAWINGS[name]) == stored()[name]


def texts():
    return [text.get_text() for text in plt.gca().texts if text.get_text()]


def test_lenet_is_drawn_from_its_real_shapes():
    draw_network(lenet(), (1, 1, 28, 28))
    assert texts()[:9] == ["28×28×1", "28×28×6", "14×14×6", "10×10×16", "5×5×16", "400", "120", "84", "10"]
    assert texts()[9:] == ["Conv 5×5", "MaxPool 2×2", "Conv 5×5", "MaxPool 2×2", "Flatten", "Dense", "Dense", "Dense"]
    assert len(summary(lenet(), (1, 1, 28, 28))) == 8


@pytest.mark.parametrize("net, shape, expected", [
    (nn.Dense(3), (1, 5), ["5", "3"]), (nn.Conv1D(4, 3), (1, 2, 9), ["9×2", "7×4"]),
    (nn.Conv3D(4, 3), (1, 2, 5, 6, 7), ["5×6×7×2", "3×4×5×4"]), (nn.Conv2D(2, 3), (1, 1, 9, 5), ["9×5×1", "7×3×2"])])
def test_unusual_networks_are_drawn(net, shape, expected):
    draw_network(sequence(net), shape)
    assert texts()[:2] == expected


def test_a_drawing_that_fits_a_page_shows_every_shape():
    draw_network(alexnet(), (1, 1, 224, 224))
    sides = [text.split("×")[0] for text in texts()[:8]]
    assert sides == ["224", "54", "26", "26", "12", "12", "12", "5"] and 11 < plt.gcf().get_figwidth() <= 12


def test_a_deep_network_of_dense_layers_keeps_its_widths():
    draw_network(sequence(*[nn.Dense(50 + i % 2) for i in range(20)]), (1, 784))
    assert texts()[:21] == ["784", *["50", "51"] * 10]


@pytest.mark.parametrize("name", ["resnet101_v1", "vgg19"])
def test_a_deep_network_is_drawn_with_few_boxes_whose_labels_do_not_overlap(name):
    draw_network(getattr(vision, name)(), (1, 3, 224, 224))
    renderer = plt.gcf().canvas.get_renderer()
    labels = [text for text in plt.gca().texts if text.get_text() and text.get_position()[1] < 0]  # below the boxes
    assert 5 <= len(labels) <= 15
    assert plt.gcf().get_figwidth() <= 12
    boxes = sorted((text.get_window_extent(renderer) for text in labels), key=lambda box: box.x0)
    assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))


def places():
    return {text.get_text(): text.get_position() for text in plt.gca().texts if text.get_text()}


def test_a_list_is_drawn_downwards_in_its_order():
    draw_blocks({"LeNet": ["5×5, 6", "ReLU", "pooling"]})
    names = ["LeNet", "input", "5×5, 6", "ReLU", "pooling"]
    assert sorted(places(), key=lambda name: places()[name][1]) == names
    assert len({x for x, _ in places().values()}) == 1


def test_paths_are_drawn_side_by_side_below_their_names_and_meet():
    draw_blocks({"Inception": [{"one": ["1×1"], "three": ["1×1, 96", "3×3, 128"], "pool": ["max", "1×1, 4"]}, "join"]})
    at = places()
    assert at["one"][0] < at["three"][0] < at["pool"][0]
    assert at["three"][0] == at["1×1, 96"][0] == at["3×3, 128"][0]
    assert at["three"][1] < at["1×1, 96"][1] < at["3×3, 128"][1] < at["join"][1]
    assert at["input"][0] == at["join"][0]


def test_an_empty_path_is_a_line_from_the_input_to_where_the_paths_meet():
    draw_blocks({"residual": [{"body": ["3×3", "BN"], "shortcut": []}, "+", "ReLU"]})
    at = places()
    beside = [line.get_ydata() for line in plt.gca().lines if set(line.get_xdata()) == {at["shortcut"][0]}]
    assert [name for name in at if at[name][0] == at["shortcut"][0]] == ["shortcut"]
    assert len(beside) == 1 and at["input"][1] < min(beside[0]) < at["3×3"][1]
    meeting = [line.get_ydata()[-1] for line in plt.gca().lines if line.get_xdata()[0] == at["shortcut"][0]]
    assert at["BN"][1] < max(meeting) < at["+"][1] < at["ReLU"][1]


def test_a_path_may_split_again():
    draw_blocks({"C": [{"one": ["1×1"], "cross": ["3×3", {"row": ["1×3"], "column": ["3×1"]}, "concat"]}, "together"]})
    at = places()
    assert at["one"][0] < at["row"][0] < at["cross"][0] < at["column"][0]
    assert at["3×3"][1] < at["row"][1] < at["1×3"][1] < at["concat"][1] < at["together"][1]


@pytest.mark.parametrize("blocks", [
    {"a": [{"first": ["max pooling 3×3"], "second": ["3×3, 128"]}, "concatenate"], "b": ["1×1"]},
    {"a very long title": ["1×1"], "another long title": ["two\nlines", "BN"]},
    {"nested": [{"x": [{"p": ["3×3, 1024"], "q": ["BN", "ReLU"]}], "y": [{"r": [], "s": ["1×3"]}]}, "+"]}])
def test_no_two_texts_of_blocks_overlap(blocks):
    draw_blocks(blocks)
    renderer = plt.gcf().canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in plt.gca().texts if text.get_text()]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    wide, high = plt.gcf().get_size_inches() * plt.gcf().dpi
    assert all(0 <= box.x0 and box.x1 <= wide and 0 <= box.y0 and box.y1 <= high for box in boxes)


def drawn(networks):
    """Of each row of `draw_networks`: its text, and the bars with equal places together, as (height, parts)."""
    draw_networks(networks)
    rows = {}
    for text in plt.gca().texts[1:]:
        at = text.get_position()[1]
        rows[text.get_text()] = bars = {}
        for bar in plt.gca().patches:
            if at <= bar.get_y() < at + 1.2:
                bars.setdefault(round(bar.get_x(), 3), []).append(bar.get_height())
    return {name: [(sum(parts), len(parts)) for _, parts in sorted(bars.items())] for name, bars in rows.items()}


def test_networks_are_drawn_as_deep_as_their_longest_path_and_on_one_scale():
    rows = drawn({"LeNet": (lenet(), (1, 1, 28, 28)), "VGG-11": (vision.vgg11(), (1, 3, 224, 224))})
    small, large = rows["LeNet\n5 layers"], rows["VGG-11\n11 layers"]
    assert len(small) == 1 + 5 and len(large) == 1 + 11
    assert large[0][0] == pytest.approx(1.2) and small[0][0] == pytest.approx(1.2 * (28 / 224) ** 0.5)
    assert [high for high, _ in large[1:4]] == pytest.approx([1.2 * (n / 224) ** 0.5 for n in (224, 112, 56)])


def test_layers_side_by_side_share_a_place_and_additions_get_an_arc():
    net = sequence(Branched(), nn.Dense(9))
    rows = drawn({"branched": (net, (1, 3, 8, 8))})
    assert [parts for _, parts in rows["branched\n3 layers"]] == [1, 2, 1, 1]
    assert len(plt.gca().lines) == 1
    plt.close("all")
    drawn({"plain": (sequence(nn.Conv2D(4, 3), nn.Dense(9)), (1, 3, 8, 8))})
    assert not plt.gca().lines


class Outputs(nn.HybridBlock):
    """Several outputs, in a list within a tuple."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Dense(4), nn.Dense(2)

    def hybrid_forward(self, F, X):
        Y = self.first(X)
        return Y, [self.second(Y), X]


def test_a_network_of_several_outputs_is_drawn():
    assert [parts for _, parts in drawn({"three": (Outputs(), [1, 8])})["three\n2 layers"]] == [1, 1, 1]


@pytest.mark.parametrize("net, shape, message", [
    (lenet, (1, 1, 28, 28), r"net must be a Gluon network, got function: lenet\(\) makes one"),
    (lenet(), 784, "input_shape must be whole numbers .* got 784"),
    (nn.Conv2D(3, 5), (1, 1, 3, 3), r"input shape \(1, 1, 3, 3\) does not fit the network"),
    (PlainResidual(), (1, 4, 6, 6), "cannot be traced .* initialize it"),
    (ready(sequence(nn.Conv2D(4, 3), nn.HybridLambda(lambda F, X: X * X.asnumpy().mean()))), (1, 1, 8, 8),
     r"cannot be traced \(.*asnumpy.*\): build it of HybridBlocks")])
def test_what_cannot_be_drawn_is_named(net, shape, message):
    with pytest.raises(ValueError, match=message):
        draw_networks({"net": (net, shape)})


@pytest.mark.parametrize("padding, strides", [(0, 1), (1, 2), ((0, 1), (2, 1)), (numpy.int64(1), numpy.int32(2))])
def test_the_steps_of_a_convolution_end_with_its_output(padding, strides):
    X, K = numpy.arange(12.0).reshape(3, 4), numpy.array([[0.0, 1], [2, 3]])
    draw_windows(X, K, padding=padding, strides=strides)
    shown = [axes for axes in plt.gcf().axes if axes.texts]
    layer = nn.Conv2D(1, 2, strides=strides, padding=padding, use_bias=False, in_channels=1)
    layer.initialize()
    layer.weight.set_data(K.reshape(1, 1, 2, 2))
    output = layer(np.array(X, dtype="float32").reshape(1, 1, 3, 4)).asnumpy().ravel()
    assert len(shown) == len(output)
    numbers = [float(text.get_text()) for text in shown[-1].texts]
    assert numbers[-len(output):] == output.tolist() and numbers[-len(output) - 12:-len(output)] == list(range(12))


@pytest.mark.parametrize("dtype, most", [("uint8", 255), ("int8", 127), ("bool", 1), ("float32", 255)])
def test_products_and_sums_of_small_whole_numbers_do_not_overflow(monkeypatch, dtype, most):
    X, K = numpy.full((2, 2), most, dtype), numpy.full((2, 2), most, dtype)
    draw_windows(X, K)
    assert plt.gcf().axes[0].texts[-1].get_text() == f"{4 * most ** 2:g}"
    shown = []
    monkeypatch.setattr(explore, "show_arrays", lambda arrays, *_, **__: shown.append(arrays))
    explore_kernels(X, {"K": K})
    assert [array.max() for array in shown[0]] == [most, most, most ** 2, 4 * most ** 2]
