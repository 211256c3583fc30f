"""What is shown of a run while it goes on, in a notebook and in a script."""
import sys
from types import SimpleNamespace

from d2lcnn import History, progress, train
from d2lcnn.progress import SHARE, Progress

import pytest
from matplotlib import pyplot as plt
from mxnet import np
from mxnet.gluon import nn


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def history(epochs=2):
    return History(3, loss=[2.0, 1.0][:epochs], train_acc=[0.3, 0.6][:epochs], test_loss=[2.5, 1.5][:epochs],
                   test_acc=[0.4, 0.7][:epochs], seconds=[1.0, 1.5][:epochs], images_per_s=[10.0, 10.0][:epochs],
                   lr=[0.1, 0.1][:epochs], batch_loss=[2.2, 2.0, 1.8, 1.1, 1.0, 0.9][:3 * epochs])


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
    monkeypatch.setattr(progress, "_in_notebook", lambda: True)
    return shown


def batch(h, seconds=0.5):
    h.add_batch(8.0, 2, 4, seconds)


def test_in_a_notebook_one_picture_is_updated_in_place(notebook, capsys):
    h = History(3)
    with Progress(h, num_epochs=2) as shown:
        for epoch in range(2):
            for _ in range(3):
                batch(h)
                shown.drawing = 0.0  # as if drawing were free: every batch is drawn
                shown.batch()
            h.end_epoch(0.1, (1.0, 0.5))
            shown.epoch()
            assert len(capsys.readouterr().out.splitlines()) == 1
            assert len(notebook[0]) == 4 * (epoch + 1)
    [images] = notebook
    assert all(image.data.startswith(b"\x89PNG") and "loss and accuracy" in image.alt for image in images)
    assert images[-1].data != images[0].data


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr(progress, "time", SimpleNamespace(perf_counter=lambda: now.seconds))
    return now


def test_drawing_takes_a_small_share_of_the_time_and_no_less(notebook, clock, monkeypatch):
    """Of 1,000 s in batches of 0.1 s; a picture takes 0.5 s."""
    def draws(*_):
        clock.seconds += 0.5
    monkeypatch.setattr(progress, "draw_histories", draws)
    h = History(10_000)
    with Progress(h, num_epochs=1) as shown:
        for i in range(10_000):
            clock.seconds += 0.1
            batch(h)
            shown.batch()
            if i == 0:
                assert len(notebook) == 1  # the first at once
    pictures = len(notebook[0])
    assert pictures * 0.5 == pytest.approx(SHARE * 1000, rel=0.1)


def test_the_title_tells_epoch_rate_and_time_left(clock):
    h = History(10)
    shown = Progress(h, num_epochs=3, show=False)
    assert shown.title(1000.0) == "epoch 1 of 3"
    for _ in range(4):
        batch(h, seconds=0.002)
    # 4 of 30 batches took 8 s, with all that goes on between them: the other 26 will take 52 s
    assert shown.title(1008.0) == "epoch 1 of 3, 2,000 images/s, 52 s left"
    for _ in range(6):
        batch(h, seconds=0.002)
    h.end_epoch(0.1)
    assert shown.title(1010.0) == "epoch 2 of 3, 2,000 images/s, 20 s left"
    for _ in range(20):
        batch(h, seconds=0.004)
        if h.done == 10:
            assert shown.title(1010.0).startswith(f"epoch {min(3, len(h.loss) + 2)} of 3, ")
            h.end_epoch(0.1)
    assert shown.title(1099.0) == "3 epochs, 0 s of training"
    h.seconds = [10.0, 20.0, 7.4]
    assert shown.title(1099.0) == "3 epochs, 37 s of training"


def test_the_time_left_of_a_run_that_resumes_counts_its_own_batches(clock):
    h = History(10, batch_loss=[1.0] * 4)
    shown = Progress(h, num_epochs=1, show=False)
    assert shown.title(1000.0) == "epoch 1 of 1"
    batch(h)
    assert shown.title(1002.0) == "epoch 1 of 1, 8 images/s, 10 s left"  # 2 s for one batch, five are left


@pytest.mark.parametrize("epochs, batches", [(0, 2), (1, 3), (2, 6)])
def test_a_bar_begins_where_the_run_resumes(monkeypatch, epochs, batches, capsys):
    bars = []

    class Bar:
        def __init__(self, **options):
            self.options, self.count, self.lines, self.closed = options, 0, [], False
            bars.append(self)

        def update(self):
            self.count += 1

        def write(self, line):
            self.lines.append(line)

        def close(self):
            self.closed = True
    monkeypatch.setattr("tqdm.tqdm", Bar)
    h = history(epochs)
    h.batch_loss = h.batch_loss + [1.0] * (batches - len(h.batch_loss))
    with Progress(h, num_epochs=3) as shown:
        batch(h)
        shown.batch()
        assert not bars[0].closed
    [bar] = bars
    assert bar.options == {"total": 9, "initial": batches, "unit": "batch", "leave": False}
    assert (bar.count, bar.closed, len(bar.lines)) == (1, True, epochs) and capsys.readouterr().out == ""


def test_show_false_shows_nothing(notebook, capsys):
    h = history()
    with Progress(h, num_epochs=2, show=False) as shown:
        shown.batch()
        shown.epoch()
    assert not notebook and capsys.readouterr() == ("", "")


def test_a_notebook_is_recognized_by_its_kernel(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1)))
    assert progress._in_notebook()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace()))
    assert not progress._in_notebook()  # a terminal
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not progress._in_notebook()
    monkeypatch.delitem(sys.modules, "IPython")
    assert not progress._in_notebook()


def test_a_picture_that_fails_is_reported_once_and_training_continues(monkeypatch, notebook, capsys):
    def fails(*_):
        raise RuntimeError("no fonts")
    monkeypatch.setattr(progress, "draw_histories", fails)
    history = learn()
    assert len(history.loss) == 2 and not notebook
    out, err = capsys.readouterr()
    assert [line[:8] for line in out.splitlines()] == ["epoch  1", "epoch  2"]
    assert err == "the progress of training cannot be drawn (RuntimeError: no fonts): training continues without\n"


@pytest.mark.parametrize("method", ["__init__", "update", "write", "close"])
def test_a_bar_that_fails_is_reported_once_and_training_continues(capsys, method):
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
def test_a_run_that_resumes_shows_what_it_has_done_already(notebook, capsys, epochs, batches):
    h = history(epochs)
    h.batch_loss = [1.0] * batches
    with Progress(h, num_epochs=3) as shown:
        assert len(notebook) == 1 and len(capsys.readouterr().out.splitlines()) == epochs
        batch(h)
        shown.drawing = 0.0
        shown.batch()
        assert len(notebook[0]) == 2


def test_a_fresh_run_shows_nothing_before_its_first_batch(notebook, capsys):
    with Progress(History(3), num_epochs=2):
        pass
    assert not notebook and capsys.readouterr() == ("", "")


@pytest.mark.parametrize("test", [True, False])
def test_training_with_and_without_a_test_set_is_drawn(notebook, capsys, test):
    assert len(learn(test).loss) == 2
    assert notebook[0][-1].data.startswith(b"\x89PNG") and capsys.readouterr().err == ""


def learn(test=True):
    net = nn.Dense(10)
    net.initialize()
    batches = [(np.zeros((4, 8)), np.zeros(4, dtype="int32"))] * 3
    return train(net, batches, batches if test else None, 2, 0.1)
