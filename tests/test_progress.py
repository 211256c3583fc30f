import sys
from types import SimpleNamespace

from d2lcnn import History, curves, plot_histories, train
from d2lcnn.progress import Progress

import numpy
import pytest
from matplotlib import pyplot as plt
from mxnet import np
from mxnet.gluon import nn


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def history(epochs=2):
    return History(3, loss=[2.0, 1.0][:epochs], train_acc=[0.3, 0.6][:epochs], test_acc=[0.4, 0.7][:epochs],
                   seconds=[1.0, 1.0], images_per_s=[10.0, 10.0], lr=[0.1, 0.1],
                   batch_loss=[2.2, 2.0, 1.8, 1.1, 1.0, 0.9][:3 * epochs])


def test_histories_share_two_labeled_panels():
    plot_histories({"sigmoid": history(), "ReLU": history()})
    loss, accuracy = plt.gcf().axes
    assert (loss.get_ylabel(), accuracy.get_ylabel(), loss.get_xlabel()) == ("loss", "accuracy", "epoch")
    assert [len(axes.lines) for axes in (loss, accuracy)] == [4, 4]
    assert [line.get_label() for line in accuracy.lines[1::2]] == ["sigmoid", "ReLU"]
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


def test_a_picture_that_fails_is_reported_once_and_training_goes_on(monkeypatch, notebook, capsys):
    def fails(*_):
        raise RuntimeError("no fonts")
    monkeypatch.setattr(curves, "_draw_histories", fails)
    history = learn()
    assert len(history.loss) == 2 and not notebook
    out, err = capsys.readouterr()
    assert [line[:8] for line in out.splitlines()] == ["epoch  1", "epoch  2"]
    assert err == "the progress of training cannot be drawn (RuntimeError: no fonts): training goes on without\n"


@pytest.mark.parametrize("method", ["__init__", "update", "write", "close"])
def test_a_bar_that_fails_is_reported_once_and_training_goes_on(capsys, method):
    def fails(*_, **__):
        patch.undo()  # so that what the broken bar does when it is deleted does not fail, too
        raise OSError("no terminal")
    patch = pytest.MonkeyPatch()
    patch.setattr(f"tqdm.tqdm.{method}", fails)
    assert len(learn().loss) == 2
    out, err = capsys.readouterr()
    assert out.count("\n") == (1 if method == "write" else 2)  # that line is lost
    assert err.count("cannot be drawn (OSError: no terminal)") == 1


@pytest.mark.parametrize("epochs, batches", [(0, 2), (1, 3), (1, 5), (2, 6)])
def test_a_run_that_goes_on_shows_what_it_has_done_already(notebook, capsys, epochs, batches):
    h = history(epochs)
    h.batch_loss = [1.0] * batches
    with Progress(h, num_epochs=2) as progress:
        assert len(notebook) == 1 and len(capsys.readouterr().out.splitlines()) == epochs
        h.batch_loss.append(1.0)
        progress.drawing = 0.0
        progress.batch(100.0)
        assert len(notebook[0]) == 2


def learn():
    net = nn.Dense(10)
    net.initialize()
    batches = [(np.zeros((4, 8)), np.zeros(4, dtype="int32"))] * 3
    return train(net, batches, batches, 2, 0.1)
