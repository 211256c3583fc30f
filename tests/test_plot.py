import sys
from types import SimpleNamespace

import numpy
import pytest
from matplotlib import pyplot as plt
from mxnet import np
from mxnet.gluon.model_zoo import vision

from d2lcnn import History, draw_network, plot, plot_histories, show_arrays, show_images, summary
from d2lcnn.models.lenet import lenet
from d2lcnn.plot import Progress


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def history(epochs=2):
    return History(3, loss=[2.0, 1.0][:epochs], train_acc=[0.3, 0.6][:epochs], test_acc=[0.4, 0.7][:epochs],
                   seconds=[1.0, 1.0], images_per_s=[10.0, 10.0], lr=[0.1, 0.1],
                   batch_loss=[2.2, 2.0, 1.8, 1.1, 1.0, 0.9][:3 * epochs])


def test_histories_share_two_labeled_panels():
    plot_histories({"sigmoid": history(), "ReLU": history()}, title="both")
    loss, accuracy = plt.gcf().axes
    assert (loss.get_ylabel(), accuracy.get_ylabel(), loss.get_xlabel()) == ("loss", "accuracy", "epoch")
    assert [len(axes.lines) for axes in (loss, accuracy)] == [4, 4]
    assert accuracy.lines[1].get_label().startswith("sigmoid test")
    numpy.testing.assert_array_equal(accuracy.lines[1].get_ydata(), [0.4, 0.7])
    numpy.testing.assert_allclose(loss.lines[0].get_xdata(), numpy.arange(1, 7) / 3)
    assert len({line.get_color() for line in loss.lines}) == 2


def test_a_history_plots_itself():
    history().plot()
    assert len(plt.gcf().axes) == 2


@pytest.fixture
def notebook(monkeypatch):
    """A notebook that keeps what it is asked to show."""
    shown = []

    class Handle:
        def update(self, image):
            shown[-1].append(image)

    def display(image, display_id):
        shown.append([image])
        return Handle()
    display_module = sys.modules.get("IPython.display") or __import__("IPython.display").display
    monkeypatch.setattr(display_module, "display", display)
    monkeypatch.setattr(plot, "_in_notebook", lambda: True)
    return shown


def test_in_a_notebook_one_picture_is_updated_in_place(notebook, capsys):
    h = History(3)
    with Progress(h, num_epochs=2) as progress:
        for epoch in range(2):
            for loss in (2.0, 1.5, 1.2):
                h.batch_loss.append(loss)
                progress.drawing = 0.0  # as if drawing were free: every batch is drawn
                progress.batch(100.0)
            for values in (h.loss, h.train_acc, h.test_acc, h.images_per_s):
                values.append(0.5)
            progress.epoch()
            assert len(h.loss) == epoch + 1
    [images] = notebook
    assert len(images) == 8 and all(image.data.startswith(b"\x89PNG") for image in images)
    assert images[-1].data != images[0].data
    assert [line[:8] for line in capsys.readouterr().out.splitlines()] == ["epoch  1", "epoch  2"]


def test_drawing_takes_a_small_share_of_the_time(notebook):
    h = History(10_000)
    with Progress(h, num_epochs=1) as progress:
        for _ in range(300):
            h.batch_loss.append(1.0)
            progress.batch(100.0)
    assert sum(map(len, notebook)) <= 2


def test_show_false_shows_nothing(notebook, capsys):
    h = history()
    with Progress(h, num_epochs=2, show=False) as progress:
        progress.batch(1.0)
        progress.epoch()
    assert not notebook and capsys.readouterr() == ("", "")


@pytest.mark.parametrize("images, shape", [
    (np.zeros((3, 8, 8)), (8, 8)), (np.zeros((3, 1, 8, 8)), (8, 8)), (numpy.zeros((3, 8, 8, 3)), (8, 8, 3)),
    ([numpy.zeros((5, 7))], (5, 7))])
def test_images_of_every_layout_are_shown(images, shape):
    show_images(images, titles=range(len(images)), num_cols=2)
    drawn = [axes for axes in plt.gcf().axes if axes.images]
    assert len(drawn) == len(images) and drawn[0].images[0].get_array().shape == shape
    assert [axes.get_title() for axes in drawn] == [str(i) for i in range(len(images))]


def test_images_share_one_scale_of_values():
    show_images([numpy.zeros((2, 2)), numpy.full((2, 2), 5.0)])
    assert {axes.images[0].get_clim() for axes in plt.gcf().axes} == {(0.0, 5.0)}
    show_images([numpy.zeros((2, 2))], limits=(-1, 1))
    assert plt.gcf().axes[0].images[0].get_clim() == (-1, 1)


def test_matrices_show_their_numbers_and_outline_the_window():
    show_arrays([np.array([[1.0, -2.5], [0, 19]]), [7]], titles=["input", "output"], windows=[(0, 1, 2, 1), None])
    axes, = plt.gcf().axes
    assert [text.get_text() for text in axes.texts] == ["1", "-2.5", "0", "19", "input", "7", "output"]
    [window] = axes.patches
    assert window.get_bbox().bounds == (1, 0, 1, 2) and axes.yaxis_inverted()


def labels():
    return [text.get_text() for text in plt.gca().texts]


def test_lenet_is_drawn_from_its_real_shapes():
    draw_network(lenet(), (1, 1, 28, 28))
    assert labels()[::2] == ["input", *(row.layer.split()[1] for row in summary(lenet(), (1, 1, 28, 28)))]
    assert labels()[1::2] == ["1\n28×28", "6\n28×28", "6\n14×14", "16\n10×10", "16\n5×5", "400", "120", "84", "10"]


@pytest.mark.parametrize("name", ["resnet101_v1", "vgg19"])
def test_a_deep_network_is_drawn_with_few_boxes_whose_labels_do_not_overlap(name):
    draw_network(getattr(vision, name)(), (1, 3, 224, 224))
    figure = plt.gcf()
    assert 5 <= len(labels()) / 2 <= 16
    renderer = figure.canvas.get_renderer()
    boxes = sorted((text.get_window_extent(renderer) for text in plt.gca().texts[1::2]), key=lambda box: box.x0)
    assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))


def test_a_notebook_is_recognized_by_its_kernel(monkeypatch):
    assert not plot._in_notebook()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1)))
    assert plot._in_notebook()
