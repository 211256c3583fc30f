import gzip
import shutil

from d2lcnn import FASHION_MNIST_LABELS, files, load_data_fashion_mnist, load_data_mnist, photo, set_seed
from d2lcnn.data import Batches

import numpy
import pytest
from mxnet import np
from PIL import Image


@pytest.fixture(scope="module")
def fashion():
    return load_data_fashion_mnist(256)


def test_both_sets_are_complete(fashion):
    for train_iter, test_iter in (fashion, load_data_mnist(256)):
        assert [len(i.labels) for i in (train_iter, test_iter)] == [60_000, 10_000]
        assert [len(i) for i in (train_iter, test_iter)] == [235, 40]
        assert sorted(set(test_iter.labels.asnumpy())) == list(range(10)) == list(range(len(FASHION_MNIST_LABELS)))
    assert test_iter.labels[:5].tolist() == [7, 2, 1, 0, 4]  # as MNIST is known to begin


def test_a_batch_has_scaled_images_with_their_labels(fashion):
    X, y = next(iter(fashion[1]))
    assert (X.shape, X.dtype, y.shape, y.dtype) == ((256, 1, 28, 28), numpy.float32, (256,), numpy.int32)
    assert X.min() == 0 and X.max() == 1
    numpy.testing.assert_array_equal(
        numpy.round(X[3, 0].asnumpy() * 255), fashion[1].images[3, :, :, 0].asnumpy())


def test_one_pass_holds_every_example_once_and_the_last_batch_is_smaller():
    images = numpy.arange(10, dtype="uint8").reshape(10, 1, 1, 1)
    set_seed(3)
    batches = list(Batches(images, numpy.arange(10), batch_size=4, shuffle=True))
    assert [len(y) for _, y in batches] == [4, 4, 2]
    y = numpy.concatenate([y.asnumpy() for _, y in batches])
    assert sorted(y) == list(range(10)) and list(y) != list(range(10))
    numpy.testing.assert_allclose(numpy.concatenate([X.asnumpy().ravel() for X, _ in batches]) * 255, y, atol=1e-4)


def test_shuffling_follows_the_seed(fashion):
    def first_labels():
        set_seed(5)
        return next(iter(fashion[0]))[1].tolist()
    assert first_labels() == first_labels()
    assert first_labels() != next(iter(fashion[0]))[1].tolist()


def test_resizing_is_bilinear_as_pillows_and_keeps_the_range(fashion):
    X, _ = next(iter(Batches(fashion[1].images[:2], fashion[1].labels[:2], 2, resize=96)))
    assert X.shape == (2, 1, 96, 96) and 0 <= X.min() and X.max() <= 1
    image = Image.fromarray(fashion[1].images[0, :, :, 0].asnumpy() / numpy.float32(255))
    numpy.testing.assert_allclose(X[0, 0].asnumpy(), image.resize((96, 96), Image.BILINEAR), atol=1e-4)


def test_color_images_become_channels_first():
    image = (photo("cat") * 255).asnumpy().round().astype("uint8")
    X, _ = next(iter(Batches(image[None], [0], 1)))
    numpy.testing.assert_allclose(X[0].asnumpy(), image.transpose(2, 0, 1) / 255, atol=1e-6)


def test_the_first_n_examples_are_stratified_seeded_and_nested():
    def labels(n, seed=0):
        return [i.labels.asnumpy() for i in load_data_mnist(32, examples=n, seed=seed)]
    train_labels, test_labels = labels(1000)
    assert numpy.bincount(train_labels).tolist() == [100] * 10
    assert len(test_labels) == 166 and numpy.bincount(test_labels).min() >= 16
    numpy.testing.assert_array_equal(train_labels[:100], labels(100)[0])
    images = [load_data_mnist(32, examples=50, seed=seed)[0].images.asnumpy() for seed in (0, 0, 1)]
    assert (images[0] == images[1]).all() and (images[0] != images[2]).any()


def test_photos_are_real_pictures():
    for name, shape in (("cat", (300, 451, 3)), ("coffee", (400, 600, 3))):
        picture = photo(name)
        assert isinstance(picture, np.ndarray) and picture.shape == shape and picture.dtype == numpy.float32
        assert 0 <= picture.min() < 0.1 < 0.9 < picture.max() <= 1


@pytest.mark.parametrize("call, message", [
    (lambda: load_data_mnist(0), "batch_size must be a whole number of at least 1, got 0"),
    (lambda: load_data_mnist(2.5), "batch_size .* got 2.5"),
    (lambda: load_data_mnist(32, resize=0), "resize .* got 0"),
    (lambda: load_data_fashion_mnist(32, examples=5), "examples .* 10..60000, got 5"),
    (lambda: load_data_fashion_mnist(32, examples=60_001), "examples .* got 60001"),
    (lambda: Batches(numpy.zeros((2, 28, 28), "uint8"), [0, 1], 1), r"images .* \(2, 28, 28\)"),
    (lambda: Batches(numpy.zeros((2, 28, 28, 1)), [0, 1], 1), "images .* float64"),
    (lambda: Batches(numpy.zeros((2, 28, 28, 1), "uint8"), [0], 1), r"labels must be 2 integers, .* shape \(1,\)"),
    (lambda: Batches(numpy.zeros((2, 28, 28, 1), "uint8"), [0, 1.5], 1), "labels must be 2 integers.* float64"),
    (lambda: Batches(numpy.zeros((2, 28, 28, 1), "uint8"), [[0], [1]], 1), r"labels .* shape \(2, 1\)"),
    (lambda: Batches(numpy.zeros((2, 28, 28, 1), "uint8"), [0, 1], -4), "batch_size .* got -4"),
    (lambda: photo("dog"), "no photograph 'dog': take 'cat' or 'coffee'"),
])
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """The data folder as a copy that may be damaged."""
    shutil.copytree(files.DATA / "mnist", tmp_path / "mnist")
    shutil.copytree(files.DATA / "photos", tmp_path / "photos")
    monkeypatch.setattr(files, "DATA", tmp_path)
    return tmp_path


def test_a_missing_file_is_named_with_the_remedy(copy):
    (copy / "mnist/t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match="mnist/t10k-labels-idx1-ubyte.gz is missing: .*git checkout"):
        load_data_mnist(32)


@pytest.mark.parametrize("damage", [
    lambda content: content[:-100],
    lambda content: content[:2000] + bytes([content[2000] ^ 1]) + content[2001:],
    lambda content: b"",
    lambda content: b"not a gzip file",
    lambda content: gzip.compress(gzip.decompress(content)[:-1] + b"\x09"),
    lambda content: gzip.compress(gzip.decompress(content)[:-1]),
    lambda content: gzip.compress(bytes(2 * files.LARGEST), 1),
], ids=["truncated", "bit flipped", "empty", "foreign", "one label changed", "one label short", "bomb"])
def test_a_damaged_file_is_refused_by_name(copy, damage):
    path = copy / "mnist/t10k-labels-idx1-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="mnist/t10k-labels-idx1-ubyte.gz .*git checkout"):
        load_data_mnist(32)


def test_a_damaged_photo_is_refused(copy):
    path = copy / "photos/cat.png"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="photos/cat.png differs"):
        photo("cat")
