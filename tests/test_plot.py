from d2lcnn import draw_blocks, draw_network, show_arrays, show_images, summary
from d2lcnn.models.lenet import lenet

import numpy
import pytest
from matplotlib import pyplot as plt
from mxnet import np
from mxnet.gluon import nn
from mxnet.gluon.model_zoo import vision


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("images, shape", [
    (np.zeros((3, 8, 8)), (8, 8)), (np.zeros((3, 1, 8, 8)), (8, 8)), (numpy.zeros((3, 8, 8, 3)), (8, 8, 3)),
    (np.zeros((2, 3, 8, 8)), (8, 8, 3)), (np.zeros((2, 3, 3, 4)), (3, 4, 3)), ([numpy.zeros((5, 7))], (5, 7))])
def test_images_of_every_layout_are_shown(images, shape):
    show_images(images, titles=range(len(images)), num_cols=2)
    drawn = [axes for axes in plt.gcf().axes if axes.images]
    assert len(drawn) == len(images) and drawn[0].images[0].get_array().shape == shape
    assert [axes.get_title() for axes in drawn] == [str(i) for i in range(len(images))]


@pytest.mark.parametrize("images, titles, message", [
    ([], None, "got none"), (numpy.zeros((8, 8)), None, r"one of shape \(8,\)"),
    (numpy.zeros((2, 5, 8, 8)), None, r"one of shape \(5, 8, 8\)"),
    (numpy.zeros((2, 8, 8)), ["a"], "2 images, but 1 titles")])
def test_what_is_no_list_of_images_is_refused(images, titles, message):
    with pytest.raises(ValueError, match=message):
        show_images(images, titles)


def test_images_share_one_scale_of_values():
    show_images([numpy.zeros((2, 2)), numpy.full((2, 2), 5.0)])
    assert {axes.images[0].get_clim() for axes in plt.gcf().axes} == {(0.0, 5.0)}
    show_images([numpy.zeros((2, 2))], limits=(-1, 1))
    assert plt.gcf().axes[0].images[0].get_clim() == (-1, 1)


def test_matrices_show_their_numbers_and_outline_the_window():
    show_arrays([np.array([[1.0, -2.5], [-1e-6, 19]]), [7]], titles=["input", "output"], windows=[(0, 1, 2, 1), None])
    axes, = plt.gcf().axes
    assert [text.get_text() for text in axes.texts] == ["1", "-2.5", "0", "19", "input", "7", "output"]
    [window] = axes.patches
    assert window.get_bbox().bounds == (1, 0, 1, 2) and axes.yaxis_inverted()


def labels():
    return [text.get_text() for text in plt.gca().texts]


@pytest.mark.parametrize("arrays, options, message", [
    ([], {}, "got none"), ([numpy.zeros((2, 2, 2))], {}, r"one of shape \(2, 2, 2\)"),
    ([[1, 2]], {"titles": []}, "1 matrices, but 0 titles"), ([[1]], {"windows": [None, None]}, "but 2 windows")])
def test_what_are_no_matrices_is_refused(arrays, options, message):
    with pytest.raises(ValueError, match=message):
        show_arrays(arrays, **options)


def test_lenet_is_drawn_from_its_real_shapes():
    draw_network(lenet(), (1, 1, 28, 28))
    assert labels()[::2] == ["input", *(row.layer.split()[1] for row in summary(lenet(), (1, 1, 28, 28)))]
    assert labels()[1::2] == ["1\n28×28", "6\n28×28", "6\n14×14", "16\n10×10", "16\n5×5", "400", "120", "84", "10"]


@pytest.mark.parametrize("net, shape, expected", [
    (nn.Dense(3), (1, 5), ["5", "3"]), (nn.Conv1D(4, 3), (1, 2, 9), ["2\n9", "4\n7"]),
    (nn.Conv3D(4, 3), (1, 2, 5, 6, 7), ["2\n5×6×7", "4\n3×4×5"]),
    (nn.Conv2D(2, 3), (1, 1, 9, 5), ["1\n9×5", "2\n7×3"])])
def test_unusual_networks_are_drawn(net, shape, expected):
    draw_network(net, shape)
    assert labels()[1::2] == expected


def test_a_deep_network_of_dense_layers_keeps_its_widths():
    net = nn.HybridSequential()
    net.add(*[nn.Dense(50 + i % 2) for i in range(20)])
    draw_network(net, (1, 784))
    assert labels()[1] == "784" and len(labels()) == 42


@pytest.mark.parametrize("name", ["resnet101_v1", "vgg19"])
def test_a_deep_network_is_drawn_with_few_boxes_whose_labels_do_not_overlap(name):
    draw_network(getattr(vision, name)(), (1, 3, 224, 224))
    figure = plt.gcf()
    assert 5 <= len(labels()) / 2 <= 16
    renderer = figure.canvas.get_renderer()
    boxes = sorted((text.get_window_extent(renderer) for text in plt.gca().texts[1::2]), key=lambda box: box.x0)
    assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))


def test_blocks_are_drawn_layer_by_layer_in_the_order_of_their_paths():
    draw_blocks({"residual": ["3x3 BN", "", "+ ReLU"], "split": ["1x3:384|3x1:384", "concat"]})
    residual, split = plt.gcf().axes
    assert (residual.get_title(), split.get_title()) == ("residual", "split")
    assert [text.get_text() for text in residual.texts] == ["3×3", "BN", "input", "+", "ReLU"]
    assert [text.get_text() for text in split.texts] == ["1×3\n384", "3×1\n384", "input", "concat"]
    heights = {text.get_text(): text.get_position()[1] for text in residual.texts}
    assert heights["input"] < heights["3×3"] < heights["BN"] < heights["+"] < heights["ReLU"]
