"""What a history counts, tells and shows."""
from d2lcnn import History, fit

import pandas
import pytest
from matplotlib import pyplot as plt

from .small import CPU, small_data, small_net


def test_a_history_adds_up_its_batches():
    history = History(3)
    assert (history.done, history.rate, history.loss, history.stopped) == (0, None, [], False)
    assert repr(history) == ("History(batches=3, loss=[], train_acc=[], test_loss=[], test_acc=[], seconds=[], "
                             "images_per_s=[], lr=[], batch_loss=[], stopped=False)")
    history.add_batch(8.0, 3, 4, 2.0)
    history.add_batch(2.0, 1, 4, 0.5)
    assert history.batch_loss == [2.0, 0.5] and history.done == 2 and history.rate == 8 / 2.5
    history.add_batch(1.0, 2, 2, 1.5)
    assert history.done == 3 and history.loss == []
    history.end_epoch(0.1, (0.7, 0.5))
    assert (history.loss, history.train_acc, history.seconds, history.images_per_s) == ([1.1], [0.6], [4.0], [2.5])
    assert (history.lr, history.test_loss, history.test_acc, history.done) == ([0.1], [0.7], [0.5], 0)
    assert history.rate == 2.5  # of the last epoch, until a batch of the next is done
    history.add_batch(1.0, 1, 1, 0.1)
    assert history.done == 1 and history.rate == 10


def test_a_history_without_a_test_set_has_no_test_values():
    history = History(1)
    history.add_batch(1.0, 1, 2, 1.0)
    history.end_epoch(0.1)
    assert history.test_loss == history.test_acc == [] and history.loss == [0.5]


@pytest.fixture(scope="module")
def histories():
    return [fit(small_net(), (small_data(), test), 2, 0.05, CPU, show=False) for test in (small_data(), None)]


def test_a_table_has_a_row_per_epoch_and_a_column_per_value_there_is(histories):
    tested, untested = (history.table() for history in histories)
    assert isinstance(tested, pandas.DataFrame) and list(tested.index) == [1, 2] and tested.index.name == "epoch"
    assert list(tested) == ["loss", "train_acc", "test_loss", "test_acc", "seconds", "images_per_s", "lr"]
    assert list(untested) == ["loss", "train_acc", "seconds", "images_per_s", "lr"]
    for name in tested:
        assert list(tested[name]) == getattr(histories[0], name)
    assert History(5).table().empty


def test_a_line_reports_an_epoch():
    history = History(7, loss=[2.25, 0.125], train_acc=[0.1, 0.9871], test_loss=[3.5, 0.0625], test_acc=[0.2, 0.75],
                      seconds=[1.0, 2.0], images_per_s=[1234.4, 99.6], lr=[0.1, 0.1])
    assert history.line(2) == ("epoch  2   loss 0.1250   train acc 0.987   test loss 0.0625   test acc 0.750"
                               "      100 images/s")
    history.test_loss = history.test_acc = []
    assert history.line(1) == "epoch  1   loss 2.2500   train acc 0.100    1,234 images/s"
    assert len({len(history.line(epoch)) for epoch in (1, 2)}) == 1


def test_a_history_plots_itself(histories):
    for history in histories:
        history.plot()
        loss, accuracy = plt.gcf().axes
        assert [text.get_text() for text in accuracy.texts] in (["train", "test"], ["test", "train"], ["train"])
        assert list(loss.lines[1].get_ydata()) == history.loss and list(loss.lines[2].get_ydata()) == history.test_loss
        plt.close()
