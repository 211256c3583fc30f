import sys
from types import SimpleNamespace

import numpy
import pytest
from matplotlib import pyplot as plt

from d2lcnn import History, curves, plot_histories
from d2lcnn.curves import Progress


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
    monkeypatch.setattr(curves, "_in_notebook", lambda: True)
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


def test_a_notebook_is_recognized_by_its_kernel(monkeypatch):
    assert not curves._in_notebook()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1)))
    assert curves._in_notebook()
