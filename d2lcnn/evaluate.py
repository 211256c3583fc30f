"""What a network answers, and how often it is right. First used in notebook 06."""
import numpy
import pandas as pd
from mxnet import gluon, np, npx

from .data import Batches, images_to_array
from .device import device_of, one_device, to_device
from .pipeline import read_in_bursts
from .validate import check_finite, check_is_network, check_labels, check_pair, class_scores, is_count

__all__ = ["Score", "class_names", "confusion", "evaluate", "evaluate_accuracy", "labeled", "predict"]


AT_ONCE = 256  # images of an array that are predicted together: all of them might not fit into memory


class Score(gluon.HybridBlock):
    """The loss of each example, and an array of two: the sum of the losses and the number of right answers.

    One hybridized block: as eight operations of their own they would cost small networks a twentieth of their time.
    With `soft` labels, of shape (batch, classes), an answer is right if both are largest at the same class.
    """

    def __init__(self, loss, soft=False):
        super().__init__()
        self.loss, self.soft = loss, soft

    def hybrid_forward(self, F, y_hat, y):
        losses = self.loss(y_hat, y)
        classes = F.np.argmax(y, axis=1) if self.soft else y
        right = F.np.argmax(y_hat, axis=1).astype("float32") == classes.astype("float32")
        sums = [F.np.sum(losses.astype("float32")), F.np.sum(right.astype("float32"))]
        return losses, F.np.stack(sums)


def evaluate(net, data_iter, device, score):
    """Return the mean loss and the accuracy of `net` on the batches of a test set, by a `Score`."""
    def results():
        for X, y in _plain("test_iter", data_iter):
            X, y = to_device(device, X, y)
            y_hat = net(X)
            classes = y_hat.shape[1]
            hard = score.soft and y.ndim == 1  # trained with soft labels, tested with hard ones
            yield score(y_hat, npx.one_hot(y, classes) if hard else y)[1], (y, classes)

    loss = right = examples = 0
    for i, (sums, (y, classes)) in enumerate(read_in_bursts(results())):
        check_labels(f"batch {i + 1} of test_iter", y.asnumpy(), classes)
        loss, right, examples = loss + float(sums[0]), right + float(sums[1]), examples + len(y)
    if not examples:
        raise ValueError("test_iter yields nothing when it is iterated again: it must begin anew each time")
    return loss / examples, right / examples


def evaluate_accuracy(net, data_iter, device=None, top=1):
    """Return the share of examples of `data_iter` that `net` classifies correctly, in 0..1.

    d2l's `evaluate_accuracy_gpu`. With `top=5` an answer counts as right if the right class is among the five with
    the highest scores. `Batches` are taken in order and without augmentation. `device` defaults to that of the
    network; of a list of devices, as `fit` takes it, the first one is used, also by `predict`. Raises ValueError if
    the iterator is empty, images are not finite, labels are not of shape (batch,) or name no class, or outputs are not
    of shape (batch, classes).
    """
    right = total = 0
    for scores, y in _answers(net, data_iter, device):
        if not (is_count(top) and top <= scores.shape[1]):
            raise ValueError(f"top must be a number of classes in 1..{scores.shape[1]}, got {top!r}")
        best = numpy.argsort(-scores, axis=1, kind="stable")[:, :top]
        right += (best == y[:, None]).any(axis=1).sum()
        total += len(y)
    return float(right / total)


def confusion(net, data_iter, device=None):
    """Return how often each class was taken for which: a DataFrame, a row per right, a column per predicted class.

    Classes carry the names of `Batches.classes`, where it has some, else numbers. The diagonal counts the right
    answers. Raises what `evaluate_accuracy` raises.
    """
    pairs = [(y, scores.argmax(axis=1), scores.shape[1]) for scores, y in _answers(net, data_iter, device)]
    classes = pairs[0][2]
    counts = numpy.zeros((classes, classes), int)
    for y, predicted, _ in pairs:
        numpy.add.at(counts, (y, predicted), 1)
    names = class_names(data_iter, classes)
    return pd.DataFrame(counts, index=pd.Index(names, name="right"), columns=pd.Index(names, name="predicted"))


def predict(net, images, device=None):
    """Return the probability that `net` gives to each class (softmax of its outputs), as an array (n, classes).

    `images` are batches `(X, y)`, whose order is kept; or an array as the network takes it, float of shape
    (n, channels, height, width); or images as `Batches` takes them, uint8 of shape (n, height, width, channels). One
    image without the first axis gives an array (classes,). `device` defaults to that of the network. Raises ValueError
    for other arrays, if they are not finite, and if they do not fit the network. See notebook 06.
    """
    check_is_network(net)
    device = one_device(device) or device_of(net)
    one = False
    if hasattr(images, "shape"):
        X = images_to_array(images, next((p.dtype for p in net.collect_params().values()), "float32"))
        one = X.ndim == 3
        X = X[None] if one else X
        images = [(X[i:i + AT_ONCE], None) for i in range(0, len(X), AT_ONCE)]
    if not hasattr(images, "__iter__") or isinstance(images, str):
        raise ValueError(f"images must be an array or batches (X, y), got {images!r}")

    def results():
        for X, _ in _plain("images", images, labeled=False):
            [X] = to_device(device, X)
            yield npx.softmax(class_scores(net, X)), None

    found = [probabilities for probabilities, _ in read_in_bursts(results())]
    if not found:
        raise ValueError("there are no images: nothing to predict")
    return np.array(found[0][0] if one else numpy.concatenate(found))


def class_names(data_iter, classes):
    """Return a name for each of `classes` classes: those of `Batches.classes`, then numbers."""
    names = getattr(data_iter, "classes", None) or ()
    return [*names[:classes], *range(len(names), classes)]


def _plain(name, data_iter, labeled=True):
    """Yield the batches as they are, in order and without augmentation; raise ValueError for what is none."""
    known = isinstance(data_iter, Batches)
    for i, batch in enumerate(data_iter.plain() if known else data_iter, 1):
        X, y = check_pair(name, batch, labeled)
        if not known:  # Batches are made of bytes
            check_finite(f"batch {i} of {name}", X)
        yield X, y


def labeled(data_iter):
    """Yield the batches (X, y) in order and without augmentation; raise ValueError if y is not one label per image."""
    for X, y in _plain("the iterator", data_iter):
        if y.shape != X.shape[:1]:  # would be compared all with all
            raise ValueError(f"labels must be one per image, got {y.shape} for images of shape {X.shape}")
        yield X, y


def _answers(net, data_iter, device):
    """Yield (scores, labels) as NumPy arrays, batch by batch; raise ValueError for what cannot be compared."""
    check_is_network(net)
    device, empty = one_device(device) or device_of(net), True

    def results():
        for X, y in labeled(data_iter):
            [X] = to_device(device, X)
            yield class_scores(net, X), y

    for i, (scores, y) in enumerate(read_in_bursts(results())):
        y, empty = y.asnumpy(), False
        check_labels(f"batch {i + 1}", y, scores.shape[1])
        yield scores, y.astype(int)
    if empty:
        raise ValueError("the iterator is empty: nothing to evaluate")
