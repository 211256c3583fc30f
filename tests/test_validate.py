"""Bad input: each is refused with its value and the remedy, before any time is spent and before anything is changed."""
import math

from d2lcnn import (
    Batches,
    History,
    Normalization,
    confusion,
    evaluate_accuracy,
    fit,
    load_data_mnist,
    load_weights,
    plot_histories,
    predict,
    show_arrays,
    show_images,
    show_predictions,
    summary,
    train,
)
from d2lcnn.evaluate import Score
from d2lcnn.models.lenet import lenet
from d2lcnn.validate import check_gradients, check_labels, is_count, is_listed

import mxnet as mx
import numpy
import pytest
from mxnet import gluon, init, lr_scheduler, np, npx
from mxnet.gluon import nn

from .small import CPU, equal, ready, sequence, small_data, weights


class Once(list):
    """A list of batches that may be looked at, but not trained on."""

    passes = 0

    def __iter__(self):
        self.passes += 1
        assert self.passes == 1, "training has begun"
        return super().__iter__()


def net(*layers, ctx=CPU, channels=None):
    made = sequence(*(layers or [nn.Conv2D(4, 3), nn.Dense(10)]))
    if ctx:
        made.initialize(init.Xavier(), ctx=ctx)
    if channels:
        made(np.zeros((1, channels, 28, 28), ctx=ctx))
    return made


def data(shape=(4, 1, 28, 28), dtype="float32", labels=(0, 1, 2, 3), label_dtype="int32"):
    return Once([(np.zeros(shape, dtype=dtype), np.array(labels, dtype=label_dtype))])


def soft(labels=((0.5, 0.5, 0),) * 4, shape=(4, 1, 8, 8)):
    return Once([(np.zeros(shape), np.array(labels))])


def cosine(base_lr):
    return lr_scheduler.CosineScheduler(10, base_lr=base_lr)


def mean_loss(y_hat, y):
    return -npx.pick(npx.log_softmax(y_hat), y).mean()


class Lying(list):
    def __len__(self):
        return 3


class Two(nn.HybridBlock):
    """A network with a second output, or with a part that is not used."""

    def __init__(self, outputs=2, spare=False):
        super().__init__()
        self.outputs = outputs
        self.dense = nn.Dense(10)
        if spare:
            self.spare = nn.Dense(3, in_units=2)
            self.head = nn.Dense(3)

    def hybrid_forward(self, F, X):
        return self.dense(X) if self.outputs == 1 else (self.dense(X), X)


def initialized(block):
    block.initialize(ctx=CPU)
    return block


def frozen():
    made = net()
    made.collect_params().setattr("grad_req", "null")
    return made


def double():
    made = net(channels=1)
    made.cast("float64")
    return made


class Ragged(list):
    """A loader of images that differ in size, as gluon's stacks them."""

    def __iter__(self):
        yield np.stack([np.ones((1, 4, 4)), np.ones((1, 5, 4))]), np.zeros(2)


BAD = {
    "a function": (lambda: dict(net=net),
                   r"net must be a Gluon network, got function: net\(\) makes one, net does not"),
    "a class": (lambda: dict(net=nn.Dense), r"net must be a Gluon network, got type: Dense\(\) makes one"),
    "a number as network": (lambda: dict(net=3), "net must be a Gluon network, got int$"),
    "no epochs": (lambda: dict(num_epochs=0), "num_epochs must be a whole number of at least 1, got 0"),
    "half an epoch": (lambda: dict(num_epochs=1.5), "num_epochs .* got 1.5"),
    "an epoch that is true": (lambda: dict(num_epochs=True), "num_epochs .* got True"),
    "lr 0": (lambda: dict(lr=0), "lr must be a finite number above 0, got 0: "),
    "lr not a number": (lambda: dict(lr=float("nan")), "lr must be a finite number above 0, got nan"),
    "lr infinite": (lambda: dict(lr=float("inf")), "lr must be a finite number above 0, got inf"),
    "lr text": (lambda: dict(lr="0.1"), "lr must be a finite number above 0, got '0.1'"),
    "a device twice": (lambda: dict(device=[CPU, CPU]), r"device must be a context, .* or a list of different ones, "
                                                        r"got \[cpu\(0\), cpu\(0\)\]"),
    "no device at all": (lambda: dict(device=()), r"device must be a context, .* got \(\)"),
    "momentum 1": (lambda: dict(momentum=1), "momentum must be at least 0 and below 1, got 1: "),
    "momentum negative": (lambda: dict(momentum=-0.1), "momentum must be at least 0 and below 1, got -0.1: "),
    "momentum text": (lambda: dict(momentum="0.9"), "momentum must be .* got '0.9'"),
    "weight decay negative": (lambda: dict(weight_decay=-1), "weight_decay must be .* at least 0, got -1"),
    "weight decay infinite": (lambda: dict(weight_decay=math.inf), "weight_decay must be .* at least 0, got inf"),
    "unknown optimizer": (lambda: dict(optimizer="sdg"),
                          "optimizer must be one of mx.optimizer's .*'sdg': names are .*sgd"),
    "a class of optimizers": (lambda: dict(optimizer=mx.optimizer.Adam),
                              "optimizer must be one of mx.optimizer's or its"),
    "momentum beside an optimizer": (lambda: dict(optimizer="nag", momentum=0.9),
                                     r"momentum=0.9 .*NAG\(momentum=0.9\)"),
    "an optimizer with a schedule": (lambda: dict(optimizer=mx.optimizer.Adam(lr_scheduler=cosine(0.1))),
                                     "a schedule of its own: give it to train as lr_scheduler="),
    "loss a name": (lambda: dict(loss="hinge"), r"loss must be called as loss\(outputs, labels\), got 'hinge'"),
    "loss a class": (lambda: dict(loss=gluon.loss.L2Loss), r"loss must be called as .*, got <class .*L2Loss"),
    "loss that averages": (lambda: dict(loss=mean_loss), r"the loss makes \(\) of 2 examples, .*: do not average"),
    "loss per output": (lambda: dict(loss=lambda y_hat, y: y_hat), r"the loss makes \(2, 10\) of 2 examples, not one"),
    "loss that fails": (lambda: dict(loss=lambda y_hat, y: y_hat - y),
                        r"loss fails on outputs of shape \(2, 10\) and labels"),
    "loss of other arguments": (lambda: dict(loss=lambda y_hat: y_hat), "the loss fails on outputs .*: TypeError: "),
    "hook no function": (lambda: dict(each_batch=3), "each_batch must be a function of the history, got 3"),
    "seed text": (lambda: dict(seed="lucky"), "seed must be None or a whole number .* got 'lucky'"),
    "seed negative": (lambda: dict(seed=-1), "seed .* got -1"),
    "seed too large": (lambda: dict(seed=2**31), r"seed must be .* in 0..2147483647, got 2147483648"),
    "unknown schedule": (lambda: dict(lr_scheduler="cosine"), "lr_scheduler must be one of mx.lr_scheduler.*'cosine'"),
    "schedule of another lr": (lambda: dict(lr_scheduler=cosine(0.3)), "base_lr=0.3, lr is 0.1: give both the same"),
    "checkpoint in no folder": (lambda: dict(checkpoint="nowhere/a.npz"), "no folder 'nowhere' .*: make it first"),
    "checkpoint a folder": (lambda: dict(checkpoint="/tmp"), "checkpoint must be the path of a file, .* got '/tmp'"),
    "checkpoint a device": (lambda: dict(checkpoint="/dev/null"), "path of a file, .* got '/dev/null'"),
    "checkpoint no path": (lambda: dict(checkpoint=True), "checkpoint must be the path of a file, .* got True"),
    "every 0": (lambda: dict(checkpoint="a.npz", checkpoint_every=0), "checkpoint_every .* at least 1.* got 0"),
    "every without a path": (lambda: dict(checkpoint_every=5), "checkpoint_every .* with checkpoint=path, got 5"),
    "no batches": (lambda: dict(train_iter=[]), "train_iter is empty: is the batch size larger"),
    "no test batches": (lambda: dict(test_iter=[]), "test_iter is empty"),
    "no images": (lambda: dict(train_iter=Batches(numpy.zeros((0, 28, 28, 1), "uint8"), numpy.zeros(0, int), 4)),
                  "train_iter is empty"),
    "a length of 3, but empty": (lambda: dict(train_iter=Lying()), "train_iter is empty: its length is 3"),
    "a generator": (lambda: dict(train_iter=(batch for batch in data())), "train_iter must .*length, got generator"),
    "a number": (lambda: dict(test_iter=3), "test_iter must .* have a length, got int: take load_data_mnist"),
    "images alone": (lambda: dict(train_iter=[np.zeros((4, 1, 28, 28))]), r"pairs \(X, y\) .* got .*ndarray"),
    "triples": (lambda: dict(train_iter=[(*data()[0], 1)]), r"pairs \(X, y\) .* got ndarray, ndarray, int"),
    "NumPy arrays": (lambda: dict(train_iter=[tuple(a.asnumpy() for a in data()[0])]), "mxnet.np arrays, got"),
    "legacy arrays": (lambda: dict(train_iter=[tuple(a.as_nd_ndarray() for a in data()[0])]), "got NDArray, NDArray"),
    "bytes as images": (lambda: dict(train_iter=data(dtype="uint8")),
                        r"train_iter yields images of uint8, the network computes in float32: .*astype\('float32'\)"),
    "double precision": (lambda: dict(test_iter=data(dtype="float64")), "test_iter yields images of float64"),
    "images of rank 3": (lambda: dict(train_iter=data((4, 28, 28))),
                         r"train_iter: images of shape \(1, 28, 28\) do not fit the network \(.*3 vs. 4"),
    "images of rank 0": (lambda: dict(train_iter=data(())), r"a label for each image, got images of shape \(\)"),
    "color for a gray network": (lambda: dict(net=net(channels=1), train_iter=data((4, 3, 28, 28))),
                                 r"shape \(1, 3, 28, 28\) do not fit the network \(.*inconsistent"),
    "images of another size": (lambda: dict(test_iter=data((4, 1, 32, 32))), r"test_iter: .*\(1, 1, 32, 32\) do not"),
    "smaller than the kernel": (lambda: dict(train_iter=data((4, 1, 2, 2))), "do not fit .*kernel size exceed input"),
    "labels of rank 2": (lambda: dict(train_iter=data(labels=[[0], [1], [2], [3]])),
                         r"train_iter must yield a label for each image, .* labels of shape \(4, 1\)"),
    "a label too few": (lambda: dict(train_iter=data(labels=[0, 1, 2])), r"28\) and labels of shape \(3,\)"),
    "a label too high": (lambda: dict(train_iter=data(labels=[0, 1, 10, 3])),
                         r"labels must lie in 0..9, got 10 at index 2 of the first batch of train_iter: was the right"),
    "a label below 0": (lambda: dict(train_iter=data(labels=[0, 1, 2, -1])), "0..9, got -1 at index 3"),
    "half a label": (lambda: dict(train_iter=data(labels=[0, .5, 2, 1], label_dtype="float32")), "got 0.5 at index 1"),
    "a label that is no number": (lambda: dict(test_iter=data(labels=[numpy.nan, 1, 2, 1], label_dtype="float32")),
                                  "got nan at index 0"),
    "a test label too high": (lambda: dict(test_iter=data(labels=[0, 1, 2, 255])), "got 255 at index 3"),
    "bool labels": (lambda: dict(train_iter=data(labels=[True] * 4, label_dtype="bool")),
                    r"train_iter yields labels of bool: convert them, as in y.astype\('int32'\)"),
    "bool labels for the test": (lambda: dict(test_iter=data(labels=[True] * 4, label_dtype="bool")),
                                 "test_iter yields labels of bool"),
    "an empty batch": (lambda: dict(train_iter=data((0, 1, 28, 28), labels=[])),
                       r"must yield images and a label for each image, got images of shape \(0, 1, 28, 28\)"),
    "no output per class": (lambda: dict(net=net(nn.Conv2D(10, 28))), r"makes \(10, 1, 1\) of an image, .*nn.Flatten"),
    "not initialized": (lambda: dict(net=net(ctx=None)),
                        r"not initialized \(conv.*weight\): call fit, .* net.initialize\(init.Xavier\(\), ctx="),
    "on another device": (lambda: dict(net=net(ctx=mx.cpu(1))),
                          r"the network is on cpu\(1\), training was asked for on cpu\(0\): .*reset_ctx\(device\)"),
    "on two devices": (lambda: dict(net=net(ctx=[mx.cpu(0), mx.cpu(1)])), r"on cpu\(0\), cpu\(1\), training"),
    "nothing to learn": (lambda: dict(net=net(nn.Flatten())), "the network has no parameters"),
    "everything frozen": (lambda: dict(net=frozen()),
                          r"all parameters .* frozen: .*setattr\('grad_req', 'write'\) frees"),
    "parts that are not used": (lambda: dict(net=initialized(Two(1, spare=True))),
                                r"does not depend on .*weight, .*bias, .*weight, .*bias: use it in the network's"),
    "two outputs": (lambda: dict(net=initialized(Two())),
                    "train_iter: the network has 2 outputs, one output is needed"),
    "images with nan": (lambda: dict(train_iter=[(np.full((4, 1, 28, 28), math.nan), np.zeros(4))]),
                        "nan or infinite pixels in the first batch of train_iter: was something divided by 0"),
    "infinite images": (lambda: dict(test_iter=[(np.full((4, 1, 28, 28), math.inf), np.zeros(4))]),
                        "nan or infinite pixels in the first batch of test_iter"),
    "images that differ in size": (lambda: dict(train_iter=Ragged([0])),
                                   r"train_iter: the images of a batch differ in size \(.*\): resize them to one size"),
    "soft labels that are whole numbers": (lambda: dict(train_iter=data(labels=[[1] + [0] * 9] * 4)),
                                           r"a label for each image, .*labels of shape \(4, 10\)"),
    "soft labels of other classes": (lambda: dict(train_iter=soft(shape=(4, 1, 28, 28))),
                                     r"soft labels must be 10 shares per image that add up to 1, got of shape"),
    "soft labels that do not add up": (lambda: dict(net=ready(), train_iter=soft([[0.5, 0.4, 0]] * 4)),
                                       r"add up to 1, got \[0.5, 0.4\d*, 0.0\] in the first batch of train_iter"),
    "soft labels below 0": (lambda: dict(net=ready(), train_iter=soft([[1.5, -0.5, 0]] * 4)),
                            r"got \[1.5, -0.5, 0.0\]"),
    "soft labels that are no numbers": (lambda: dict(net=ready(), train_iter=soft([[math.nan, 1, 0]] * 4)),
                                        r"got \[nan"),
    "soft labels for the test alone": (
        lambda: dict(net=ready(), train_iter=data((4, 1, 8, 8), labels=[0] * 4), test_iter=soft()),
        r"test_iter yields soft labels of shape \(4, 3\)"),
}


@pytest.mark.parametrize("change, message", BAD.values(), ids=BAD)
def test_bad_input_is_named_before_any_time_is_spent(change, message):
    arguments = dict(net=net(), train_iter=data(), test_iter=data(), num_epochs=1, lr=0.1, device=CPU) | change()
    with pytest.raises(ValueError, match=message) as raised:
        train(**arguments, show=False)
    text = str(raised.value)
    assert len(text) < 400 and text.count("\n") == 0, text


@pytest.mark.parametrize("change, message", [BAD[name] for name in (
    "a function", "no epochs", "half an epoch", "lr 0", "seed text", "weight decay negative", "unknown optimizer",
    "loss a name", "hook no function", "checkpoint in no folder", "every without a path", "no batches", "a number",
    "loss that averages", "loss that fails", "a label too high", "a test label too high", "images with nan",
    "images of rank 3", "bytes as images", "bool labels", "a length of 3, but empty")] + [
    (lambda: dict(train_iter=data((4, 3, 28, 28))), r"shape \(1, 3, 28, 28\) do not fit the network"),
    (lambda: dict(optimizer="nag", checkpoint="a.checkpoint"), "keeps the state of SGD and Adam, not of NAG"),
    (lambda: dict(checkpoint=__file__), "test_validate.py is damaged, or not one of d2lcnn.train"),
    (lambda: dict(data=data()), r"data must be a pair \(train_iter, test_iter\), got Once: load_data_fashion"),
    (lambda: dict(data=(data(),)), "data must be a pair"),
    (lambda: dict(init="xavier"), r"init must be one of mxnet.init's, such as init.Xavier\(\), or None, got 'xavier'"),
    (lambda: dict(init=init.Xavier), "init must be one of mxnet.init's"),
    (lambda: dict(net=double()), "fit initializes float32, .*weight is float64: initialize the network first, ")])
def test_bad_input_to_fit_leaves_the_network_as_it_was(change, message):
    trained = net(channels=1)
    before = weights(trained)
    arguments = dict(net=trained, train_iter=data(), test_iter=data(), num_epochs=1, lr=0.1, device=CPU) | change()
    arguments.setdefault("data", (arguments.pop("train_iter"), arguments.pop("test_iter")))
    with pytest.raises(ValueError, match=message):
        fit(**{k: v for k, v in arguments.items() if not k.endswith("_iter")})
    assert equal(weights(trained), before)


def test_a_network_that_is_frozen_as_a_whole_keeps_its_weights_in_fit():
    trained = ready()
    trained.collect_params().setattr("grad_req", "null")
    before = weights(trained)
    with pytest.raises(ValueError, match="frozen"):
        fit(trained, (small_data(), None), 1, 0.1, CPU, show=False)
    assert equal(weights(trained), before)


def pixels(n=2, size=28, channels=1, dtype="uint8"):
    return numpy.zeros((n, size, size, channels), dtype)


X, y = np.zeros((4, 1, 8, 8)), np.array([0, 1, 2, 0], dtype="int32")
OTHERS = {  # of other functions
    "Batches: one gray image without channels": (lambda: Batches(numpy.zeros((2, 28, 28), "uint8"), [0, 1], 1),
                                                 r"images .*uint8 of shape \(2, 28, 28\): images\[..., None\] adds"),
    "Batches: channels first": (lambda: Batches(numpy.zeros((2, 3, 28, 28), "uint8"), [0, 1], 1),
                                r"\(2, 3, 28, 28\): channels come last, so images.transpose\(0, 2, 3, 1\)"),
    "Batches: gray, channels first": (lambda: Batches(numpy.zeros((2, 1, 28, 28), "uint8"), [0, 1], 1), "come last"),
    "Batches: two channels": (lambda: Batches(pixels(channels=2), [0, 1], 1), r"got uint8 of shape \(2, 28, 28, 2\)$"),
    "Batches: transparent": (lambda: Batches(pixels(channels=4), [0, 1], 1), r"\(2, 28, 28, 4\)"),
    "Batches: floats": (lambda: Batches(pixels(dtype="float64"), [0, 1], 1), "images .* float64"),
    "Batches: a label too few": (lambda: Batches(pixels(), [0], 1), r"labels must be 2 integers, .* shape \(1,\)"),
    "Batches: half a label": (lambda: Batches(pixels(), [0, 1.5], 1), "labels must be 2 integers.* float64"),
    "Batches: labels of rank 2": (lambda: Batches(pixels(), [[0], [1]], 1), r"labels .* shape \(2, 1\)"),
    "Batches: a label below 0": (lambda: Batches(pixels(), [0, -1], 1), "0..2147483647, got -1 at index 1"),
    "Batches: a label beyond int32": (lambda: Batches(pixels(), [2**32 + 3, 0], 1), "got 4294967299 at index 0"),
    "Batches: a label just beyond int32": (lambda: Batches(pixels(), [0, 2**31], 1), "got 2147483648 at index 1"),
    "Batches: a label without a name": (lambda: Batches(pixels(), [0, 2], 1, classes=("cat", "dog")),
                                        "labels must lie in 0..1, got 2 at index 1"),
    "Batches: a number of classes": (lambda: Batches(pixels(), [0, 1], 1, classes=2),
                                     "classes must be names, .* got 2"),
    "Batches: classes without an order": (lambda: Batches(pixels(), [0, 1], 1, classes={"a", "b"}),
                                          "names, one for each class in their order, got {'"),
    "Batches: classes by number": (lambda: Batches(pixels(), [0, 1], 1, classes={0: "a", 1: "b"}), "got {0: 'a', "),
    "Batches: one text as classes": (lambda: Batches(pixels(), [0, 1], 1, classes="ab"), "classes must be .* got 'ab'"),
    "Batches: batch size 0": (lambda: Batches(pixels(), [0, 1], 0), "batch_size must be .* at least 1, got 0"),
    "Batches: half a batch": (lambda: Batches(pixels(), [0, 1], 2.5), "batch_size must be .* got 2.5"),
    "Batches: a device by name": (lambda: Batches(pixels(), [0, 1], 1, device="cpu"),
                                  r"device must be a context, such as npx.cpu\(\), or a list of them, got 'cpu'"),
    "Batches: size 0": (lambda: Batches(pixels(), [0, 1], 1, resize=0), "resize must be None or .* at least 1, got 0"),
    "Batches: a pair of sizes": (lambda: Batches(pixels(), [0, 1], 1, resize=(8, 8)), r"resize .* got \(8, 8\)"),
    "load_data: too few": (lambda: load_data_mnist(32, examples=9), "examples .* in 10..60000, got 9"),
    "load_data: too many": (lambda: load_data_mnist(32, examples=60_001), "examples .* in 10..60000, got 60001"),
    "load_data: batch size": (lambda: load_data_mnist(0, examples=10), "batch_size must be .* got 0"),
    "split: all": (lambda: small_data(18).split(18), "n must be a number of images in 1..17, got 18"),
    "split: none": (lambda: small_data(18).split(0), "n must be a number of images in 1..17, got 0"),
    "split: a share": (lambda: small_data(18).split(0.2), "n must be a number of images in 1..17, got 0.2"),
    "augmented: unknown": (lambda: small_data().augmented(zoom=2),
                           "no augmentation 'zoom': take flip, shift, rotate, "),
    "augmented: flip 2": (lambda: small_data().augmented(flip=2), "flip must be a number in 0..1, got 2"),
    "augmented: flip text": (lambda: small_data().augmented(flip="often"), "flip must be a number .* got 'often'"),
    "augmented: half a shift": (lambda: small_data().augmented(shift=1.5),
                                "shift must be a whole number in 0..1000, got 1.5"),
    "augmented: a shift that is true": (lambda: small_data().augmented(shift=True), "shift must be .*, got True"),
    "augmented: rotate 200": (lambda: small_data().augmented(rotate=200), "rotate must be a number in 0..180, got 200"),
    "augmented: erase -1": (lambda: small_data().augmented(erase=-1),
                            "erase must be a whole number in 0..1000, got -1"),
    "augmented: contrast nan": (lambda: small_data().augmented(contrast=math.nan),
                                "contrast must be .* in 0..1, got nan"),
    "Normalization: std 0": (lambda: Normalization([0.5, 0.5], [0.1, 0]),
                             r"std above 0, got \[0.5, 0.5\] and \[0.\d+, 0.0\]"),
    "Normalization: lengths": (lambda: Normalization([0.5], [0.1, 0.1]), "one number per channel"),
    "Normalization: nan": (lambda: Normalization([math.nan], [0.1]), r"got \[nan\]"),
    "Normalization: infinite": (lambda: Normalization([0.5], [math.inf]), r"and \[inf\]"),
    "Normalization: gray for color": (lambda: predict(initialized(sequence(Normalization([0.5] * 3, [1] * 3))), X),
                                      r"images of shape \(4, 1, 8, 8\) .* has 3 channels, the images have 1"),
    "predict: no network": (lambda: predict(lenet, X), r"net must be .*lenet\(\) makes one"),
    "predict: not initialized": (lambda: predict(lenet(), np.zeros((1, 1, 28, 28))),
                                 "not initialized .*net.load_parameters"),
    "predict: a number": (lambda: predict(ready(), 3), r"images must be an array or batches \(X, y\), got 3"),
    "predict: a name": (lambda: predict(ready(), "cat.png"), "got 'cat.png'"),
    "predict: arrays in a list": (lambda: predict(ready(), [X, X]),
                                  r"images must yield pairs \(X, y\) of .* got ndarray: np.stack\(images\) makes"),
    "predict: one batch": (lambda: predict(ready(), (X, y)), r"images must yield pairs \(X, y\) .* got ndarray"),
    "predict: NumPy batches": (lambda: predict(ready(), [(X.asnumpy(), y)]),
                               r"must yield pairs .* got ndarray, ndarray"),
    "predict: a device by name": (lambda: predict(ready(), X, "cpu"), "device must be a context, .* got 'cpu'"),
    "predict: no device": (lambda: predict(ready(), X, []), r"device must be a context, .* got \[\]"),
    "predict: nothing": (lambda: predict(ready(), X[:0]), "there are no images: nothing to predict"),
    "predict: empty batches": (lambda: predict(ready(), []), "there are no images"),
    "predict: whole numbers": (lambda: predict(ready(), X.astype("int32")), r"images must be float .* got int32"),
    "predict: gray bytes without channels": (lambda: predict(ready(), numpy.zeros((8, 8), "uint8")),
                                             r"got uint8 .*\(8, 8\)"),
    "predict: a stack of gray bytes": (lambda: predict(ready(), numpy.zeros((5, 8, 8), "uint8")),
                                       r"got uint8 of shape \(5, 8, 8\): images\[..., None\] adds the axis of gray"),
    "predict: bytes, channels first": (lambda: predict(ready(), numpy.zeros((4, 3, 8, 8), "uint8")),
                                       "channels come last"),
    "predict: another size": (lambda: predict(ready(), np.zeros((1, 1, 9, 9))), r"shape \(1, 1, 9, 9\) do not fit"),
    "predict: nan": (lambda: predict(ready(), X.asnumpy() * math.nan), "nan or infinite pixels in batch 1 of images"),
    "predict: batches with nan": (lambda: predict(ready(), [(X, y), (X * math.nan, y)]), "pixels in batch 2 of images"),
    "predict: two outputs": (lambda: predict(initialized(Two()), X), "has 2 outputs, one output is needed"),
    "accuracy: no network": (lambda: evaluate_accuracy(3, [(X, y)]), "net must be a Gluon network, got int"),
    "accuracy: nothing": (lambda: evaluate_accuracy(ready(), []), "empty: nothing to evaluate"),
    "accuracy: images alone": (lambda: evaluate_accuracy(ready(), [X]), r"the iterator must yield pairs \(X, y\)"),
    "accuracy: labels of rank 2": (lambda: evaluate_accuracy(ready(), [(X, y[:, None])]),
                                   r"one per image, got \(4, 1\)"),
    "accuracy: labels from 1 on": (lambda: evaluate_accuracy(ready(), [(X, y), (X, y + 1)]),
                                   "labels must lie in 0..2, got 3 at index 2 of batch 2"),
    "accuracy: a label below 0": (lambda: evaluate_accuracy(ready(), [(X, y - 1)]), "got -1 at index 0 of batch 1"),
    "accuracy: an infinite pixel": (lambda: evaluate_accuracy(ready(), [(X, y), (X + math.inf, y)]),
                                    "nan or infinite pixels in batch 2 of the iterator: was something divided by 0"),
    "accuracy: no scores": (lambda: evaluate_accuracy(nn.MaxPool2D(1), [(X, y)]), r"makes \(1, 8, 8\) of an image"),
    "accuracy: two outputs": (lambda: evaluate_accuracy(initialized(Two()), [(X, y)]), "has 2 outputs"),
    "accuracy: top 0": (lambda: evaluate_accuracy(ready(), [(X, y)], top=0), "number of classes in 1..3, got 0"),
    "accuracy: top 4 of 3": (lambda: evaluate_accuracy(ready(), [(X, y)], top=4), "number of classes in 1..3, got 4"),
    "accuracy: half a top": (lambda: evaluate_accuracy(ready(), [(X, y)], top=1.5), "in 1..3, got 1.5"),
    "accuracy: a device by number": (lambda: evaluate_accuracy(ready(), [(X, y)], 3), "a context, .* got 3"),
    "confusion: labels": (lambda: confusion(ready(), [(X, y + 1)]), "labels must lie in 0..2, got 3"),
    "confusion: nan": (lambda: confusion(ready(), [(X * math.nan, y)]), "nan or infinite pixels in batch 1 of the"),
    "confusion: no network": (lambda: confusion(lenet, [(X, y)]), "net must be a Gluon network, got function"),
    "confusion: nothing": (lambda: confusion(ready(), []), "empty: nothing to evaluate"),
    "show_predictions: no network": (lambda: show_predictions(lenet, [(X, y)]), "net must be a Gluon network"),
    "show_predictions: images alone": (lambda: show_predictions(ready(), X), r"the iterator must yield pairs \(X, y\)"),
    "show_predictions: a label below 0": (lambda: show_predictions(ready(), [(X, y - 1)]),
                                          "labels must lie in 0..2, got -1 at index 0 of batch 1"),
    "show_predictions: half a label": (lambda: show_predictions(ready(), [(X, y), (X, y.astype("float32") / 2)]),
                                       "got 0.5 at index 1 of batch 2"),
    "show_predictions: soft labels": (lambda: show_predictions(ready(), soft()), r"one per image, got \(4, 3\)"),
    "show_predictions: a label too few": (lambda: show_predictions(ready(), [(X, y[:3])]), r"image, got .*\(3,\)"),
    "load_weights: no network": (lambda: load_weights(lenet, "run.checkpoint"), r"lenet\(\) makes one"),
    "load_weights: no file": (lambda: load_weights(ready(), "nowhere.checkpoint"), "nowhere.checkpoint has no weights"),
    "show_images: nothing": (lambda: show_images([]), "got none"),
    "show_images: one image": (lambda: show_images(numpy.zeros((8, 8))), r"one of shape \(8,\)"),
    "show_images: five channels": (lambda: show_images(numpy.zeros((2, 5, 8, 8))), r"one of shape \(5, 8, 8\)"),
    "show_images: a title too few": (lambda: show_images(numpy.zeros((2, 8, 8)), ["a"]), "2 images, but 1 titles"),
    "show_images: rows and columns": (lambda: show_images(numpy.zeros((2, 8, 8)), 1, 2),
                                      "got 1: .* columns is num_cols="),
    "show_images: titles by number": (lambda: show_images(numpy.zeros((2, 8, 8)), {0: "a", 1: "b"}),
                                      "titles must be one text per image, got {0: 'a', 1: 'b'}"),
    "show_arrays: nothing": (lambda: show_arrays([]), "got none"),
    "show_arrays: rank 3": (lambda: show_arrays([numpy.zeros((2, 2, 2))]), r"one of shape \(2, 2, 2\)"),
    "show_arrays: titles": (lambda: show_arrays([[1, 2]], titles=[]), "1 matrices, but 0 titles"),
    "show_arrays: windows": (lambda: show_arrays([[1]], windows=[None, None]), "1 matrices, but 2 windows"),
    "show_arrays: titles without an order": (lambda: show_arrays([[1], [2]], {"a", "b"}),
                                             "titles must be a list, one for each matrix, got {'"),
    "show_arrays: a number as windows": (lambda: show_arrays([[1]], windows=2), "windows must be a list, .* got 2"),
    "plot_histories: one": (lambda: plot_histories(History(3)), r"got History: .* history.plot\(\) for one"),
    "plot_histories: none": (lambda: plot_histories({}), "must be a dict of names and Histories, got dict"),
    "plot_histories: numbers": (lambda: plot_histories({"a": [1, 2]}), "must be a dict of names and Histories"),
    "summary: no network": (lambda: summary(lenet, (1, 1, 28, 28)),
                            r"got function: lenet\(\) makes one, lenet does not"),
    "summary: a class": (lambda: summary(nn.Dense, (1, 4)), r"got type: Dense\(\) makes one"),
    "summary: a number": (lambda: summary(lenet(), 784), "input_shape must be whole numbers .* got 784"),
    "summary: no images": (lambda: summary(lenet(), (0, 1, 28, 28)), r"whole numbers .* got \(0, 1, 28, 28\)"),
    "summary: too small": (lambda: summary(lenet(), (1, 1, 3, 3)), r"input shape \(1, 1, 3, 3\) does not fit"),
    "summary: too few axes": (lambda: summary(lenet(), (1, 28)), r"input shape \(1, 28\) does not fit"),
}


@pytest.mark.parametrize("call, message", OTHERS.values(), ids=OTHERS)
def test_bad_input_to_other_functions_is_named(call, message):
    with pytest.raises(ValueError, match=message) as raised:
        call()
    text = str(raised.value)
    assert len(text) < 400 and text.count("\n") == 0, text


def test_a_label_that_is_wrong_in_a_later_batch_is_found_when_its_turn_comes():
    batches = Batches(numpy.zeros((8, 28, 28, 1), "uint8"), [0, 1, 2, 3, 0, 1, 2, 77], 4, device=CPU)
    with pytest.raises(ValueError, match="labels must lie in 0..9, got 77 at index 3 of batch 2 of train_iter"):
        train(net(), batches, data(), 1, 0.1, CPU, show=False)
    with pytest.raises(ValueError, match="labels must lie in 0..9, got 77 at index 3 of batch 2 of test_iter"):
        train(net(), list(data()), batches, 1, 0.1, CPU, show=False)


@pytest.mark.parametrize("images, labels, message", [
    ((4, 1, 28, 28), [0, 1, 2], r"train_iter \(batch 3\) must yield images and a label for each image, got images of "
                                r"shape \(4, 1, 28, 28\) and labels of shape \(3,\)"),
    ((0, 1, 28, 28), [], r"train_iter \(batch 3\) must yield images and a label .* shape \(0, 1, 28, 28\)"),
    ((4, 3, 28, 28), [0] * 4, r"batch 3 of train_iter, images of shape \(4, 3, 28, 28\) and labels of shape \(4,\), "
                              r"cannot be computed \(.*Shape inconsistent"),
    ((4, 1, 9, 9), [0] * 4, r"batch 3 of train_iter, images of shape \(4, 1, 9, 9\) .* \(.*Shape inconsistent"),
    ((4, 1, 28, 28), [[0.5] + [0] * 8 + [0.5]] * 4, r"batch 3 of train_iter, .* labels of shape \(4, 10\), cannot be")])
def test_a_later_batch_that_does_not_fit_is_named(images, labels, message):
    odd = np.zeros(images), np.array(labels)
    with pytest.raises(ValueError, match=message):
        train(net(), [*data(), *data(), odd, *data()], None, 1, 0.1, CPU, show=False)


def test_a_later_test_batch_with_too_few_labels_is_named():
    X, y = data()[0]
    with pytest.raises(ValueError, match=r"test_iter must yield images and a label for each image, .* shape \(3,\)"):
        train(net(), [(X, y)], [(X, y), (X, y[:3])], 1, 0.1, CPU, show=False)


def test_labels_are_checked_in_every_epoch():
    """A DataLoader that discards the last batch shows other images in each epoch."""
    class Later(list):
        def __iter__(self):
            self.append(self.pop(0))
            return iter(self[:1])

        def __len__(self):
            return 1
    X, y = data()[0]
    with pytest.raises(ValueError, match="labels must lie in 0..9, got 10 at index 0 of batch 1 of train_iter"):
        train(net(), Later([(X, y), (X, y), (X, y), (X, y + 10)]), None, 2, 0.1, CPU, show=False)


@pytest.mark.parametrize("labels, shares", [([0, 2], 3), ([0.0, 2.0], 3), ([[0.2, 0.3, 0.5]], 3), ([[1, 0]], 2)])
def test_labels_in_range_are_taken(labels, shares):
    check_labels("a batch", numpy.array(labels), shares)


class Uneven(list):
    """Batches whose number is not what their length says."""

    def __init__(self, batches, length):
        super().__init__(batches)
        self.length = length

    def __len__(self):
        return self.length


@pytest.mark.parametrize("length, message", [(3, "length of 3, but yields 2 batches"), (1, "length of 1, but yields")])
@pytest.mark.parametrize("every", [None, 1])
def test_an_iterator_whose_length_is_wrong_is_named(tmp_path, length, message, every):
    options = dict(checkpoint=tmp_path / "run.checkpoint", checkpoint_every=every) if every else {}
    with pytest.raises(ValueError, match=f"train_iter has a {message}"):
        train(net(), Uneven(list(data()) * 2, length), None, 1, 0.1, CPU, show=False, **options)


def test_a_later_test_batch_that_is_not_finite_is_named():
    test_iter = list(data()) + [(np.full((4, 1, 28, 28), math.nan), np.zeros(4))]
    with pytest.raises(ValueError, match="nan or infinite pixels in batch 2 of test_iter"):
        train(net(), list(data()), test_iter, 1, 0.1, CPU, show=False)


def test_a_test_set_that_can_be_iterated_only_once_is_named():
    class Exhausted(list):
        def __iter__(self):
            return iter([self.pop()] if self[:] else [])
    with pytest.raises(ValueError, match="test_iter yields nothing when it is iterated again"):
        train(net(), list(data()), Exhausted(data()), 1, 0.1, CPU, show=False)


def test_a_network_of_double_precision_takes_images_of_it():
    batches = list(data(dtype="float64"))
    assert len(train(double(), batches, batches, 1, 0.1, CPU, show=False).loss) == 1


def test_the_check_of_gradients_moves_no_running_statistics():
    checked = ready()
    before = weights(checked)
    check_gradients({"train_iter": next(iter(small_data()))}, checked, CPU,
                    Score(gluon.loss.SoftmaxCrossEntropyLoss()))
    assert equal(weights(checked), before)


def test_a_count_is_a_whole_number_of_python_or_numpy():
    assert all(map(is_count, (1, 7, numpy.int64(1), numpy.uint8(3)))) and is_count(0, 0) and not is_count(2, 3)
    assert not any(map(is_count, (0, -1, 1.0, True, "1", None, numpy.float32(2))))


def test_a_list_is_whatever_has_a_length_and_an_order():
    assert all(map(is_listed, ([], ("a",), range(2), numpy.zeros(2), np.zeros(2), {"a": 1}.values())))
    assert not any(map(is_listed, ("ab", {1}, frozenset("a"), {"a": 1}, iter("a"), 3, None)))
