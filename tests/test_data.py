import gzip
import runpy
import shutil
from pathlib import Path

from d2lcnn import (
    CIFAR10_LABELS,
    FASHION_MNIST_LABELS,
    Batches,
    data,
    files,
    load_data_cifar10,
    load_data_fashion_mnist,
    load_data_mnist,
    load_full_cifar10,
    photo,
    set_seed,
)

import numpy
import pytest
from mxnet import np
from PIL import Image

from .small import CPU, small_data


@pytest.fixture(scope="module")
def fashion():
    return load_data_fashion_mnist(256)


def test_both_sets_are_complete(fashion):
    for train_iter, test_iter in (fashion, load_data_mnist(256, device=CPU)):
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


@pytest.mark.parametrize("high, wide, side", [(28, 28, 96), (28, 28, 28), (28, 28, 16), (60, 60, 28), (40, 90, 30),
                                              (20, 70, 40), (9, 7, 1)])
def test_resizing_is_bilinear_as_pillows_and_averages_where_it_makes_smaller(high, wide, side):
    image = numpy.random.RandomState(high).randint(0, 256, (high, wide)).astype("uint8")
    batches = Batches(image[None, :, :, None].repeat(3, axis=3), [0], 1, resize=side, device=CPU)
    X, _ = next(iter(batches))
    assert X.shape == (1, 3, side, side) and X.dtype == numpy.float32 and 0 <= X.min() and X.max() <= 1
    pillow = Image.fromarray(image / numpy.float32(255)).resize((side, side), Image.BILINEAR)
    for channel in X[0].asnumpy():
        numpy.testing.assert_allclose(channel, pillow, atol=1e-4)


def test_thin_strokes_survive_the_way_down():
    lines = numpy.zeros((1, 280, 280, 1), "uint8")
    lines[:, :, ::10] = lines[:, :, 1::10] = 255
    X, _ = next(iter(Batches(lines, [0], 1, resize=28, device=CPU)))
    assert float(X.mean()) == pytest.approx(0.2, abs=0.01)


def test_batches_say_what_they_are(fashion):
    assert repr(fashion[0]) == "Batches(60000 images of 28 x 28 x 1, batch_size=256, resize=None, shuffle=True)"
    assert fashion[1].classes == FASHION_MNIST_LABELS and small_data().classes is None
    assert load_data_mnist(32, examples=10)[0].classes == tuple("0123456789")


def test_lists_and_arrays_of_mxnet_and_whole_numbers_of_every_kind_are_taken():
    images = numpy.arange(12, dtype="uint8").reshape(3, 2, 2, 1)
    for given, labels in ((images, [0, 1, 2]), (np.array(images, dtype="uint8"), np.array([0, 1, 2], dtype="int32")),
                          (images, numpy.array([0, 1, 2], "uint64")),
                          (list(np.array(images, dtype="uint8")), list(np.array([0, 1, 2], dtype="int32")))):
        batches = Batches(given, labels, numpy.int64(2), resize=numpy.int32(4), device=CPU)
        X, y = next(iter(batches))
        assert X.shape == (2, 1, 4, 4) and y.tolist() == [0, 1] and y.dtype == numpy.int32 and len(batches) == 2
    assert Batches(images, [2**31 - 1, 0, 0], 3, device=CPU).labels[0] == 2**31 - 1


def test_plain_batches_come_in_order():
    batches = small_data(18)
    assert batches.shuffle and not batches.plain().shuffle
    plain = numpy.concatenate([y.asnumpy() for _, y in batches.plain()])
    assert plain.tolist() == batches.labels.tolist()


def contents(batches):
    return sorted(image.tobytes() for image in batches.images.asnumpy())


def test_a_split_is_stratified_seeded_disjoint_and_complete():
    labels = [0] * 40 + [1] * 20 + [2] * 3
    images = numpy.random.RandomState(1).randint(0, 256, (63, 4, 4, 1)).astype("uint8")
    whole = Batches(images, labels, 8, resize=6, shuffle=True, device=CPU, classes=tuple("abc")).augmented(flip=0.5)
    rest, part = whole.split(9)
    assert numpy.bincount(part.labels.asnumpy()).tolist() == [3, 3, 3] and len(rest.labels) == 54
    assert sorted(contents(rest) + contents(part)) == contents(whole)
    assert contents(part) == contents(whole.split(9)[1]) != contents(whole.split(9, seed=1)[1])
    assert repr(rest) == repr(whole).replace("63 images", "54 images")
    assert repr(part) == "Batches(9 images of 4 x 4 x 1, batch_size=8, resize=6, shuffle=False)"
    assert rest.classes == part.classes == ("a", "b", "c") and rest.device == part.device == CPU
    by_image = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    for each in (rest, part):
        assert [by_image[image.tobytes()] for image in each.images.asnumpy()] == each.labels.tolist()
    assert [len(each.labels) for each in whole.split(numpy.int64(62))] == [1, 62]


def test_mean_and_deviation_are_those_of_all_images_per_channel():
    images = numpy.random.RandomState(1).randint(0, 200, (7, 5, 4, 3)).astype("uint8")
    images[..., 1] //= 3
    mean, std = Batches(images, [0] * 7, 2, device=CPU).mean_and_std()
    numpy.testing.assert_allclose(mean, (images / 255).mean(axis=(0, 1, 2)))
    numpy.testing.assert_allclose(std, (images / 255).std(axis=(0, 1, 2)))
    assert mean.shape == std.shape == (3,)


def test_the_number_that_recognizes_a_set_changes_with_each_image_and_label_not_with_their_use():
    batches = small_data(18)
    number = batches.crc32()
    assert number == small_data(18, 5, shuffle=False).augmented(flip=1).crc32()
    images, labels = batches.images.asnumpy(), batches.labels.asnumpy()
    images[17, 7, 7, 0] ^= 1
    assert Batches(images, labels, 4, device=CPU).crc32() != number
    labels[17] += 1
    assert Batches(batches.images, labels, 4, device=CPU).crc32() != number


def test_color_images_become_channels_first():
    image = (photo("cat") * 255).asnumpy().round().astype("uint8")
    X, _ = next(iter(Batches(image[None], [0], 1)))
    numpy.testing.assert_allclose(X[0].asnumpy(), image.transpose(2, 0, 1) / 255, atol=1e-6)


def test_the_smallest_test_set_has_ten_images():
    assert [len(i.labels) for i in load_data_mnist(32, examples=10, device=CPU)] == [10, 10]
    assert [len(i.labels) for i in load_data_mnist(32, examples=66, device=CPU)] == [66, 11]


def test_files_are_unpacked_once(monkeypatch):
    data._mnist.cache_clear()
    read = []
    monkeypatch.setattr(data, "read", lambda name: read.append(name) or files.read(name))
    for _ in range(3):
        load_data_mnist(32, examples=10, device=CPU)
    assert len(read) == 4


def test_the_part_of_cifar_10_is_in_color_and_has_equally_many_of_each_class():
    train_iter, test_iter = load_data_cifar10(64, examples=100, device=CPU)
    assert train_iter.images.shape == (100, 32, 32, 3) and len(test_iter.labels) == 20
    assert train_iter.classes == CIFAR10_LABELS and train_iter.shuffle and not test_iter.shuffle
    whole = load_data_cifar10(64, device=CPU)
    for each, n in zip(whole, (1000, 200), strict=True):
        assert numpy.bincount(each.labels.asnumpy()).tolist() == [n] * 10
    reds = whole[0].images.asnumpy().reshape(-1, 3).mean(axis=0)
    assert reds[0] > reds[1] > reds[2] > 100  # the set's well-known means, 125, 123 and 114: channels are in order
    with pytest.raises(ValueError, match="examples must be None or a number in 10..10000, got 10001"):
        load_data_cifar10(64, examples=10_001)


@pytest.fixture
def binaries(tmp_path):
    """The six files of CIFAR-10, each image black but for its first pixel, which is its number within the class."""
    random = numpy.random.RandomState(0)
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
        rows = numpy.zeros((10_000, 3073), "uint8")
        rows[:, 0] = random.permutation(10_000) % 10
        rows[:, 1], rows[:, 1025], rows[:, 2049 + 33] = 1, 2, 3  # red and green in a corner, blue one row and column on
        rows.tofile(tmp_path / f"{name}.bin")
    return tmp_path


def test_the_whole_of_cifar_10_is_read_from_its_own_files(binaries):
    train_iter, test_iter = load_full_cifar10(binaries, 100, device=CPU)
    assert [len(each.labels) for each in (train_iter, test_iter)] == [50_000, 10_000]
    first = test_iter.images[0].asnumpy()
    assert first[0, 0].tolist() == [1, 2, 0] and first[1, 1].tolist() == [0, 0, 3] and first.sum() == 6
    labels = numpy.fromfile(binaries / "test_batch.bin", "uint8")[::3073]
    assert test_iter.labels.asnumpy().tolist() == labels.tolist()


def test_files_of_cifar_10_that_are_missing_cut_or_altered_are_named(binaries):
    path = binaries / "data_batch_3.bin"
    content = path.read_bytes()
    for damaged in (content[:-3073], content[:-1], bytes([9 - content[0]]) + content[1:], content + content[:3073]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=f"files in {binaries} are truncated or altered: .* 5,000 images of each"):
            load_full_cifar10(binaries, 100)
    path.unlink()
    with pytest.raises(FileNotFoundError, match="has no data_batch_3.bin: it must hold the files of cifar-10-binary"):
        load_full_cifar10(binaries, 100)


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


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """The data folder as a copy that may be damaged, and nothing of it in memory."""
    data._mnist.cache_clear()
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


def test_without_the_folder_of_data_its_remedy_is_named(tmp_path, monkeypatch):
    """As after `pip install .`, which leaves it behind."""
    data._mnist.cache_clear()
    monkeypatch.setattr(files, "DATA", tmp_path / "site-packages/data")
    with pytest.raises(FileNotFoundError, match=f"no folder {tmp_path}/site-packages/data: .* D2LCNN_DATA to the"):
        load_data_mnist(32)


@pytest.mark.parametrize("value", ["", "elsewhere"])
def test_the_folder_of_data_can_be_set(monkeypatch, value):
    monkeypatch.setenv("D2LCNN_DATA", value)
    found = runpy.run_path(files.__file__)["DATA"]
    assert found == (Path(value) if value else Path(files.__file__).parent.parent / "data")


def test_a_file_of_the_largest_size_is_read(copy, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 10_008)  # as many bytes as the labels have
    assert len(files.read("mnist/t10k-labels-idx1-ubyte.gz")) == 10_008
