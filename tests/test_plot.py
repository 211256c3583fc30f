"""Pictures of images, matrices, histories and predictions."""
from d2lcnn import Batches, plot_histories, show_arrays, show_images, show_predictions

import numpy
import pandas
import pytest
from matplotlib import pyplot as plt
from mxnet import np

from .drawings import PLOTS, described, history, predictions, stored
from .small import CPU, ready, small_data


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


@pytest.mark.parametrize("given", [
    ["b", "c", "a"], pandas.Series(["b", "c", "a"], index=[1, 2, 0]), pandas.Series(["b", "c", "a"], index=[5, 7, 9]),
    numpy.array(["b", "c", "a"])], ids=["list", "shuffled Series", "filtered Series", "array"])
def test_titles_and_windows_stand_in_their_order(given):
    show_images(numpy.zeros((3, 2, 2)), given, num_cols=3)
    assert titles() == ["b", "c", "a"]
    show_arrays([[1], [2], [3]], given, windows=pandas.Series([None, (0, 0, 1, 1), None], index=[2, 0, 1]))
    assert [text.get_text() for text in plt.gca().texts] == ["1", "b", "2", "c", "3", "a"]
    assert [window.get_x() for window in plt.gca().patches] == [2]


def test_images_share_one_scale_of_values():
    show_images([numpy.zeros((2, 2)), numpy.full((2, 2), 5.0)])
    assert {axes.images[0].get_clim() for axes in plt.gcf().axes} == {(0.0, 5.0)}
    show_images([numpy.zeros((2, 2))], limits=(-1, 1))
    assert plt.gcf().axes[0].images[0].get_clim() == (-1, 1)


@pytest.mark.parametrize("value", [numpy.nan, numpy.inf, -numpy.inf])
def test_a_number_that_is_not_finite_does_not_hide_the_others(value):
    show_images([numpy.array([[value, -1.0]]), numpy.array([[2, 5]], "uint8")])
    assert {axes.images[0].get_clim() for axes in plt.gcf().axes} == {(-1.0, 5.0)}
    show_images(numpy.full((2, 2, 2), value))
    assert plt.gcf().axes[0].images[0].get_clim() == (0.0, 0.0)
    for gray, limits in (((), (-2.2, 2.2)), ([0], (-1, 0.5))):
        show_arrays([[[value, -1, 0.5]]], gray=gray)
        assert plt.gca().collections[0].get_clim() == limits


@pytest.mark.parametrize("dtype", ["int8", "uint8", "bool"])
def test_colors_of_matrices_of_small_whole_numbers_do_not_overflow(dtype):
    matrix = numpy.array([[-128, 127]]).astype(dtype)
    show_arrays([matrix, matrix], gray=[1])
    colored, gray = (mesh.get_clim() for mesh in plt.gca().collections)
    most = abs(matrix.astype(int)).max()
    assert colored == pytest.approx((-2.2 * most, 2.2 * most)) and gray == (min(0, matrix.min()), matrix.max())


def test_matrices_show_their_numbers_and_outline_the_window():
    show_arrays([np.array([[1.0, -2.5], [-1e-6, 19]]), [7]], titles=["input", "output"], windows=[(0, 1, 2, 1), None])
    axes, = plt.gcf().axes
    assert [text.get_text() for text in axes.texts] == ["1", "-2.5", "0", "19", "input", "7", "output"]
    [window] = axes.patches
    assert window.get_bbox().bounds == (1, 0, 1, 2) and axes.yaxis_inverted()


@pytest.mark.parametrize("name", PLOTS)
def test_a_picture_is_as_it_was_when_somebody_looked_at_it(name):
    """After a change on purpose, look at it again, then: python -m tests.drawings"""
    assert described(PLOTS[name]) == stored()[name]


def test_a_stored_description_follows_from_what_is_drawn():
    """So that the comparison can fail."""
    first, second = (described(lambda size=size: show_images(numpy.ones((1, 2, 2)), scale=size)) for size in (1.2, 1.3))
    assert first != second


def test_histories_share_two_labeled_panels():
    plot_histories({"sigmoid": history(2), "ReLU": history(2, 0.9)})
    loss, accuracy = plt.gcf().axes
    assert (loss.get_ylabel(), accuracy.get_ylabel(), loss.get_xlabel()) == ("loss", "accuracy", "epoch")
    assert [len(axes.lines) for axes in (loss, accuracy)] == [6, 4]
    assert len({line.get_color() for line in loss.lines}) == 2
    for axes in (loss, accuracy):
        assert sorted(text.get_text() for text in axes.texts) == ["ReLU", "sigmoid"]


def test_histories_may_be_named_by_numbers():
    plot_histories({0.1: history(2), 0.5: history(2, 0.9)})
    assert sorted(text.get_text() for text in plt.gcf().axes[0].texts) == ["0.1", "0.5"]


def test_words_beside_curves_do_not_overlap():
    plot_histories({f"run {i}": history(2, 1 + i / 1000) for i in range(6)})
    renderer = plt.gcf().canvas.get_renderer()
    for axes in plt.gcf().axes:
        boxes = sorted((text.get_window_extent(renderer) for text in axes.texts), key=lambda box: box.y0)
        assert len(boxes) == 6 and all(low.y1 <= high.y0 + 1 for low, high in zip(boxes, boxes[1:], strict=False))


@pytest.mark.parametrize("name", ["MLP", "augmented", "batch normalization, 0.03"])
def test_long_names_stay_between_the_panels_and_within_the_figure(name):
    plot_histories({"LeNet": history(2), name: history(2, 0.9)})
    figure = plt.gcf()
    renderer, (loss, accuracy) = figure.canvas.get_renderer(), figure.axes
    ends = [max(text.get_window_extent(renderer).x1 for text in axes.texts) for axes in (loss, accuracy)]
    assert ends[0] <= accuracy.yaxis.get_tightbbox(renderer).x0 and ends[1] <= figure.bbox.x1


def titles():
    return [axes.get_title() for axes in plt.gcf().axes if axes.images]


def test_predictions_name_the_class_and_the_right_one_where_it_differs():
    predictions()
    assert titles() == ["cat", "dog,\nnot owl", "owl"]
    colors = [axes.title.get_color() for axes in plt.gcf().axes if axes.images]
    assert colors == ["C2", "C3", "C2"]
    predictions(wrong=True)
    assert titles() == ["dog,\nnot owl", "owl,\nnot dog"]


def test_predictions_of_other_batches_carry_numbers_and_end_at_the_number_of_images():
    net, batches = ready(), small_data(18, shuffle=False)
    X, y = next(iter(batches))
    show_predictions(net, [(X, y)] * 9, num_images=5)
    assert len(titles()) == 5 and all(set(title) <= set("012,\nnot ") for title in titles())
    show_predictions(net, batches)
    assert len(titles()) == 16


def test_augmented_batches_are_shown_as_they_are_evaluated():
    pixels = numpy.full((1, 8, 8, 1), 200, "uint8")
    batches = Batches(pixels, [0], 1, device=CPU).augmented(erase=20)
    show_predictions(ready(), batches)
    assert (plt.gcf().axes[0].images[0].get_array() > 0.7).all()


def test_where_nothing_is_left_to_show_a_line_says_so(capsys):
    net, batches = ready(), small_data(18, shuffle=False)
    y = net(next(iter(batches))[0]).argmax(axis=1)
    show_predictions(net, [(next(iter(batches))[0], y)], wrong=True)
    show_predictions(net, [])
    assert capsys.readouterr().out == "no wrong answer among these images\nthere are no images\n"
    assert not plt.get_fignums()
