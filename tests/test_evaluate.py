"""Accuracy, confusion and predictions, compared with NumPy."""
import math

from d2lcnn import Batches, confusion, evaluate_accuracy, predict
from d2lcnn.evaluate import AT_ONCE, Score, class_names, evaluate

import mxnet as mx
import numpy
import pytest
from mxnet import gluon, np
from mxnet.gluon import nn

from .small import CPU, ready, sequence, small_data, small_net


class Scores(nn.Block):
    """Takes the images themselves, of shape (batch, classes), for its answers."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def forward(self, X):
        self.calls.append(len(X))
        return X


SCORES = np.array([[5, 1, 2, 0], [0, 1, 2, 3], [1, 9, 8, 0], [4, 3, 2, 1], [0, 0, 1, 0]])
LABELS = np.array([0, 2, 2, 3, 1], dtype="int32")  # the rank of the right answer: 1, 2, 2, 4 and, in a tie, 3
BATCHES = [(SCORES[:2], LABELS[:2]), (SCORES[2:], LABELS[2:])]


@pytest.mark.parametrize("top, right", [(1, 1), (2, 3), (3, 4), (4, 5)])
def test_accuracy_is_the_share_of_right_answers_among_the_highest(top, right):
    assert evaluate_accuracy(Scores(), BATCHES, top=top) == right / 5
    assert evaluate_accuracy(Scores(), BATCHES) == 1 / 5


def test_scores_that_are_no_numbers_or_all_equal_are_not_all_right():
    """A tie goes to the first class, as in training."""
    for value in (0.0, math.nan):
        flat, constant = [(np.ones((4, 4)), np.arange(4))], nn.Lambda(lambda X, value=value: X * value)
        assert [evaluate_accuracy(constant, flat, top=top) for top in (1, 2, 4)] == [0.25, 0.5, 1.0]


def test_confusion_counts_rows_of_right_and_columns_of_predicted_classes():
    table = confusion(Scores(), BATCHES)
    expected = numpy.zeros((4, 4), int)
    for label, guess in zip(LABELS.tolist(), SCORES.asnumpy().argmax(axis=1), strict=True):
        expected[label, guess] += 1
    numpy.testing.assert_array_equal(table.to_numpy(), expected)
    assert (table.index.name, table.columns.name, list(table.index)) == ("right", "predicted", [0, 1, 2, 3])
    assert table.to_numpy().trace() / 5 == evaluate_accuracy(Scores(), BATCHES)


@pytest.mark.parametrize("classes, names", [
    (("cat", "dog", "cow"), ["cat", "dog", "cow"]), (None, [0, 1, 2])])
def test_confusion_carries_the_names_of_the_classes(classes, names):
    table = confusion(ready(), small_data(classes=classes))
    assert list(table.index) == list(table.columns) == names and table.to_numpy().sum() == 18


def test_classes_without_a_name_keep_their_number():
    named = small_data(classes=("cat", "dog", "cow"))
    assert class_names(named, 5) == ["cat", "dog", "cow", 3, 4] and class_names(named, 2) == ["cat", "dog"]
    assert list(confusion(ready(small_net(outputs=4)), named).columns) == ["cat", "dog", "cow", 3]


def softmax(scores):
    exponents = numpy.exp(scores - scores.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def test_predictions_of_batches_an_array_bytes_and_one_image_agree():
    net, batches = ready(), small_data(10)
    bytes_, floats = batches.images, np.concatenate([X for X, _ in batches.plain()])
    expected = softmax(net(floats).asnumpy())
    for images in (batches, batches.augmented(flip=1, shift=2), list(batches.plain()), floats, floats.asnumpy(), bytes_,
                   bytes_.asnumpy(), floats.astype("float64")):
        found = predict(net, images)
        assert isinstance(found, np.ndarray) and found.shape == (10, 3)
        numpy.testing.assert_allclose(found.asnumpy(), expected, rtol=1e-5)
        numpy.testing.assert_allclose(found.asnumpy().sum(axis=1), 1, rtol=1e-5)
    for image in (floats[4], bytes_[4], bytes_.asnumpy()[4]):
        assert predict(net, image).shape == (3,)
        numpy.testing.assert_allclose(predict(net, image).asnumpy(), expected[4], rtol=1e-5)


def test_arrays_and_bytes_take_the_precision_of_the_network():
    net = ready(sequence(nn.Dense(3)))
    net.cast("float64")
    pixels, W = small_data(10).images, net[0].weight.data().asnumpy().astype("float64")
    X = pixels.asnumpy().transpose(0, 3, 1, 2) / 255
    expected = softmax(X.reshape(10, -1) @ W.T)
    for images, error in ((X, 1e-12), (pixels, 1e-6)):  # MXNet divides bytes in single precision
        assert abs(predict(net, images).asnumpy() - expected).max() < error


def test_an_array_is_predicted_in_parts_that_fit_into_memory():
    class Flat(Scores):
        def forward(self, X):
            return super().forward(X.reshape(len(X), -1))
    net, n = Flat(), 2 * AT_ONCE + 3
    images = numpy.random.RandomState(0).rand(n, 1, 1, 3).astype("float32")
    numpy.testing.assert_allclose(predict(net, images).asnumpy(), softmax(images[:, 0, 0]), rtol=1e-5)
    assert net.calls == [AT_ONCE, AT_ONCE, 3]


def test_the_device_defaults_to_that_of_the_network_and_can_be_told():
    there = mx.cpu(1)
    net = small_net()
    net.initialize(ctx=there)
    net(np.ones((1, 1, 8, 8), ctx=there))
    batches = small_data(shuffle=False)
    same = ready()
    for mine, theirs in zip(net.collect_params().values(), same.collect_params().values(), strict=True):
        theirs.set_data(mine.data(there).as_in_ctx(CPU))
    numpy.testing.assert_array_equal(predict(net, batches).asnumpy(), predict(same, batches).asnumpy())
    numpy.testing.assert_array_equal(predict(net, batches, there).asnumpy(), predict(same, batches).asnumpy())
    assert evaluate_accuracy(net, batches) == evaluate_accuracy(net, batches, there) == evaluate_accuracy(same, batches)
    assert (confusion(net, batches) == confusion(net, batches, there)).all(axis=None)
    several = [there, CPU]  # as train takes them
    assert (predict(net, batches, several) == predict(net, batches, there)).all()
    assert evaluate_accuracy(net, batches, several) == evaluate_accuracy(net, batches, there)
    assert (confusion(net, batches, several) == confusion(net, batches, there)).all(axis=None)
    assert Batches(batches.images, batches.labels, 4, device=several).device == there


def test_loss_and_accuracy_of_a_test_set_are_means_over_examples_in_order_and_without_augmentation():
    net, batches = ready(), small_data(18, 4)
    X = np.concatenate([X for X, _ in batches.plain()])
    y = batches.labels
    scores = net(X).asnumpy()
    losses = -numpy.log(softmax(scores))[range(18), y.asnumpy()]
    right = (scores.argmax(axis=1) == y.asnumpy()).mean()
    score = Score(gluon.loss.SoftmaxCrossEntropyLoss())
    for each in (batches, batches.augmented(shift=3, erase=4), [(X, y)]):
        loss, accuracy = evaluate(net, each, CPU, score)
        assert loss == pytest.approx(losses.mean(), rel=1e-5) and accuracy == right == evaluate_accuracy(net, each)
        assert type(loss) is type(accuracy) is float


def test_evaluate_leaves_the_networks_mode_and_statistics_alone():
    net = ready(small_net(dropout=0.9))
    first = predict(net, small_data(shuffle=False)).asnumpy()
    assert (first == predict(net, small_data(shuffle=False)).asnumpy()).all()
    assert not net[1].running_mean.data().any()
    images = numpy.full((1, 8, 8, 1), 7, "uint8")
    assert predict(net, Batches(images, [0], 1, device=CPU)).shape == (1, 3)
