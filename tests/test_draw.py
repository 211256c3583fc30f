"""Drawings of networks, of blocks and of a convolution's steps."""
from d2lcnn import draw_blocks, draw_network, draw_windows, summary
from d2lcnn.models.lenet import lenet

import numpy
import pytest
from matplotlib import pyplot as plt
from mxnet import np
from mxnet.gluon import nn
from mxnet.gluon.model_zoo import vision

from .drawings import DRAWINGS, described, stored
from .small import sequence


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


def test_a_deep_network_of_dense_layers_keeps_its_widths():
    draw_network(sequence(*[nn.Dense(50 + i % 2) for i in range(20)]), (1, 784))
    assert texts()[:21] == ["784", *["50", "51"] * 10]


@pytest.mark.parametrize("name", ["resnet101_v1", "vgg19"])
def test_a_deep_network_is_drawn_with_few_boxes_whose_labels_do_not_overlap(name):
    draw_network(getattr(vision, name)(), (1, 3, 224, 224))
    renderer = plt.gcf().canvas.get_renderer()
    labels = [text for text in plt.gca().texts if text.get_text() and text.get_position()[1] < 0]  # below the boxes
    assert 5 <= len(labels) <= 15
    boxes = sorted((text.get_window_extent(renderer) for text in labels), key=lambda box: box.x0)
    assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))


def test_blocks_are_drawn_layer_by_layer_in_the_order_of_their_paths():
    draw_blocks({"residual": ["3x3 BN", "", "+ ReLU"], "split": ["1x3:384|3x1:384", "concat"]})
    residual, split = plt.gcf().axes
    assert (residual.get_title(), split.get_title()) == ("residual", "split")
    assert [text.get_text() for text in residual.texts] == ["3×3", "BN", "input", "+", "ReLU"]
    assert [text.get_text() for text in split.texts] == ["1×3\n384", "3×1\n384", "input", "concat"]
    heights = {text.get_text(): text.get_position()[1] for text in residual.texts}
    assert heights["input"] < heights["3×3"] < heights["BN"] < heights["+"] < heights["ReLU"]


@pytest.mark.parametrize("padding, strides", [(0, 1), (1, 2), ((0, 1), (2, 1))])
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
