"""Bad input to `train`: each is refused with its value and the remedy, before any time is spent."""
from d2lcnn import fit, load_data_mnist, train
from d2lcnn.data import Batches

import mxnet as mx
import numpy
import pytest
from mxnet import gluon, init, lr_scheduler, np, npx
from mxnet.gluon import nn

CPU = npx.cpu()


class Once(list):
    """A list of batches that may be looked at, but not trained on."""

    passes = 0

    def __iter__(self):
        self.passes += 1
        assert self.passes == 1, "training has begun"
        return super().__iter__()


def net(*layers, ctx=CPU, channels=None):
    made = nn.HybridSequential()
    made.add(*(layers or [nn.Conv2D(4, 3), nn.Dense(10)]))
    if ctx:
        made.initialize(init.Xavier(), ctx=ctx)
    if channels:
        made(np.zeros((1, channels, 28, 28), ctx=ctx))
    return made


def data(shape=(4, 1, 28, 28), dtype="float32", labels=(0, 1, 2, 3), label_dtype="int32"):
    return Once([(np.zeros(shape, dtype=dtype), np.array(labels, dtype=label_dtype))])


def cosine(base_lr):
    return lr_scheduler.CosineScheduler(10, base_lr=base_lr)


class Lying(list):
    def __len__(self):
        return 3


BAD = {
    "a function": (lambda: dict(net=net), r"net must be a gluon network, got function: lenet\(\) makes one"),
    "no epochs": (lambda: dict(num_epochs=0), "num_epochs must be a whole number of at least 1, got 0"),
    "half an epoch": (lambda: dict(num_epochs=1.5), "num_epochs .* got 1.5"),
    "lr 0": (lambda: dict(lr=0), "lr must be a finite number above 0, got 0: "),
    "lr not a number": (lambda: dict(lr=float("nan")), "lr must be a finite number above 0, got nan"),
    "lr infinite": (lambda: dict(lr=float("inf")), "lr must be a finite number above 0, got inf"),
    "lr text": (lambda: dict(lr="0.1"), "lr must be a finite number above 0, got '0.1'"),
    "a list of devices": (lambda: dict(device=[CPU]), r"device must be one context, .* got \[cpu\(0\)\]"),
    "momentum 1": (lambda: dict(momentum=1), "momentum must be at least 0 and below 1, got 1: "),
    "weight decay negative": (lambda: dict(weight_decay=-1), "weight_decay must be .* at least 0, got -1"),
    "seed text": (lambda: dict(seed="lucky"), "seed must be None or a whole number .* got 'lucky'"),
    "seed negative": (lambda: dict(seed=-1), "seed .* got -1"),
    "unknown schedule": (lambda: dict(lr_scheduler="cosine"), "lr_scheduler must be one of mx.lr_scheduler.*'cosine'"),
    "schedule of another lr": (lambda: dict(lr_scheduler=cosine(0.3)), "base_lr=0.3, lr is 0.1: give both the same"),
    "plateau 0": (lambda: dict(plateau=0), "plateau .* got 0"),
    "plateau with schedule": (lambda: dict(plateau=2, lr_scheduler=cosine(0.1)), "plateau .*without lr_scheduler"),
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
                         r"train_iter yields images of shape \(4, 28, 28\), which do not fit the network \(.*3 vs. 4"),
    "images of rank 0": (lambda: dict(train_iter=data(())), r"a label for each image, got images of shape \(\)"),
    "color for a gray network": (lambda: dict(net=net(channels=1), train_iter=data((4, 3, 28, 28))),
                                 r"shape \(4, 3, 28, 28\), which do not fit the network \(.*inconsistent"),
    "images of another size": (lambda: dict(test_iter=data((4, 1, 32, 32))), r"test_iter .*\(4, 1, 32, 32\), which do"),
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
    "no output per class": (lambda: dict(net=net(nn.Conv2D(10, 28))), r"makes \(10, 1, 1\) of an image, .*nn.Flatten"),
    "not initialized": (lambda: dict(net=net(ctx=None)),
                        r"not initialized \(conv.*weight\): call net.initialize\(init.Xavier\(\), ctx=device\) first"),
    "on another device": (lambda: dict(net=net(ctx=mx.cpu(1))),
                          r"the network is on cpu\(1\), training was asked for on cpu\(0\): .*reset_ctx\(device\)"),
    "on two devices": (lambda: dict(net=net(ctx=[mx.cpu(0), mx.cpu(1)])), r"on cpu\(0\), cpu\(1\), training"),
    "nothing to learn": (lambda: dict(net=net(nn.Flatten())), "the network has no parameters"),
}


@pytest.mark.parametrize("change, message", BAD.values(), ids=BAD)
def test_bad_input_is_named_before_any_time_is_spent(change, message):
    arguments = dict(net=net(), train_iter=data(), test_iter=data(), num_epochs=1, lr=0.1, device=CPU) | change()
    with pytest.raises(ValueError, match=message) as raised:
        train(**arguments, show=False)
    text = str(raised.value)
    assert len(text) < 320 and text.count("\n") == 0, text


@pytest.mark.parametrize("change, message", [BAD[name] for name in (
    "a function", "no epochs", "half an epoch", "lr 0", "seed text", "checkpoint in no folder", "no batches",
    "a number")]
    + [(lambda: dict(data=data()), r"data must be a pair \(train_iter, test_iter\), got Once: load_data_fashion")])
def test_bad_input_to_fit_leaves_the_network_as_it_was(change, message):
    trained = net(channels=1)
    before = trained[0].weight.data().asnumpy()
    arguments = dict(net=trained, train_iter=data(), test_iter=data(), num_epochs=1, lr=0.1, device=CPU) | change()
    arguments.setdefault("data", (arguments.pop("train_iter"), arguments.pop("test_iter")))
    with pytest.raises(ValueError, match=message):
        fit(**{k: v for k, v in arguments.items() if not k.endswith("_iter")})
    assert (trained[0].weight.data().asnumpy() == before).all()


def test_a_label_that_is_wrong_in_a_later_batch_is_found_when_its_turn_comes():
    labels = numpy.array([0, 1, 2, 3, 0, 1, 2, 77])
    batches = Batches(numpy.zeros((8, 28, 28, 1), "uint8"), labels, 4, device=CPU)
    with pytest.raises(ValueError, match="labels must lie in 0..9, got 77 at index 3 of batch 2 of train_iter"):
        train(net(), batches, batches, 1, 0.1, CPU, show=False)


def test_an_iterator_that_is_shorter_than_its_length_is_named():
    with pytest.raises(ValueError, match="train_iter has a length of 3, but yields 1 batches"):
        train(net(), Lying(data()), data(), 1, 0.1, CPU, show=False)


def test_a_network_of_double_precision_takes_images_of_it():
    double = net(channels=1)
    double.cast("float64")
    batches = list(data(dtype="float64"))
    assert len(train(double, batches, batches, 1, 0.1, CPU, show=False).loss) == 1


def test_a_batch_size_below_1_is_named():
    with pytest.raises(ValueError, match="batch_size must be a whole number of at least 1, got 0"):
        load_data_mnist(0)
    with pytest.raises(ValueError, match="train_iter is empty"):
        few = gluon.data.DataLoader(gluon.data.ArrayDataset(np.zeros((3, 1)), np.zeros(3)), 4, last_batch="discard")
        train(net(), few, few, 1, 0.1, CPU, show=False)
