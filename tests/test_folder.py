"""Own images: every kind of file comes out as its pixels say by hand, every bad one is named, the split is fair."""
import os
import shutil
import signal
import struct
import time
import zlib
from io import BytesIO

from d2lcnn import Batches, folder, load_image, load_images, photo, predict

import numpy
import pytest
from mxnet.gluon import nn
from PIL import Image

BILINEAR = Image.Resampling.BILINEAR


def encoded(image, format="PNG", **options):
    """The bytes of a file with this image, a Pillow image or an array."""
    file = BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, format, **options)
    return file.getvalue()


def gray(value, size=4):
    return encoded(numpy.full((size, size), value, "uint8"))


def class_folders(top, /, **files):
    """Make `top` with a folder per class; give the bytes of its files, or how many images of one gray level each."""
    for i, (name, contents) in enumerate(files.items()):
        (top / name).mkdir(parents=True)
        contents = [gray(100 * i + j) for j in range(contents)] if isinstance(contents, int) else contents
        for j, content in enumerate(contents):
            (top / name / f"{j:02}.png").write_bytes(content)
    return top


def levels(batches):
    """The gray level of the upper left pixel of each image."""
    return batches.images.asnumpy()[:, 0, 0, 0].tolist()


def image_of(pixels, mode, transparency=None):
    image = Image.fromarray(numpy.array(pixels)) if mode == "" else Image.new(mode, (len(pixels), 1))
    if mode:
        image.putdata(pixels)
    if mode == "P":
        image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    if transparency is not None:
        image.info["transparency"] = transparency
    return image


def deep_color(*pixels):
    """A PNG of one row of RGB pixels with 16 bits per channel, which Pillow reads, but does not write."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    row = b"\0" + numpy.array(pixels, ">u2").tobytes()
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", len(pixels), 1, 16, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(row)) + chunk(b"IEND", b""))


W = 255
# in a row of three pixels: the content of a file, and the pixels that it must give, by hand
KINDS = {
    "gray": (encoded(image_of([0, 100, 255], "L")), [[0] * 3, [100] * 3, [W] * 3]),
    "black and white": (encoded(image_of([0, 255, 0], "1")), [[0] * 3, [W] * 3, [0] * 3]),
    "RGB": (encoded(image_of([(1, 2, 3), (255, 0, 9), (7, 8, 9)], "RGB")), [[1, 2, 3], [W, 0, 9], [7, 8, 9]]),
    "RGB with a transparent color": (
        encoded(image_of([(1, 2, 3), (255, 0, 9), (7, 8, 9)], "RGB"), transparency=(255, 0, 9)),
        [[1, 2, 3], [W, W, W], [7, 8, 9]]),
    "RGBA": (encoded(image_of([(0, 100, 200, 0), (0, 100, 200, 102), (0, 100, 200, 255)], "RGBA")),
             [[W] * 3, [153, 193, 233], [0, 100, 200]]),  # 102 / 255 = 0.4 of the color on 0.6 of white
    "gray with alpha": (encoded(image_of([(0, 0), (50, 51), (50, 255)], "LA")), [[W] * 3, [214] * 3, [50] * 3]),
    "gray with a transparent level": (encoded(image_of([0, 100, 50], "L"), transparency=100),
                                      [[0] * 3, [W] * 3, [50] * 3]),
    "palette": (encoded(image_of([0, 1, 2], "P")), [[10, 20, 30], [40, 50, 60], [70, 80, 90]]),
    "palette with a transparent color": (encoded(image_of([0, 1, 2], "P"), transparency=1),
                                         [[10, 20, 30], [W, W, W], [70, 80, 90]]),
    "palette with levels of alpha": (encoded(image_of([0, 1, 2], "P"), transparency=bytes([255, 0, 51])),
                                     [[10, 20, 30], [W, W, W], [218, 220, 222]]),
    "16-bit gray": (encoded(image_of(numpy.array([[0, 25700, 65535]], "uint16"), "")), [[0] * 3, [100] * 3, [W] * 3]),
    "16-bit gray, big end first": (encoded(image_of(numpy.array([[257, 25700, 65535]], ">u2"), "")),
                                   [[1] * 3, [100] * 3, [W] * 3]),
    "16-bit gray with a transparent level": (
        encoded(image_of(numpy.array([[257, 4660, 25700]], "uint16"), ""), transparency=4660),
        [[1] * 3, [W] * 3, [100] * 3]),
    "16-bit RGB": (deep_color((0, 257, 65535), (25700, 0, 0), (1, 2, 3)), [[0, 1, W], [100, 0, 0], [0, 0, 0]]),
    "BMP": (encoded(image_of([(1, 2, 3), (255, 0, 9), (7, 8, 9)], "RGB"), "BMP"), [[1, 2, 3], [W, 0, 9], [7, 8, 9]]),
    "BMP with a palette": (encoded(image_of([0, 1, 2], "P"), "BMP"), [[10, 20, 30], [40, 50, 60], [70, 80, 90]]),
    "WebP": (encoded(image_of([(1, 2, 3), (255, 0, 9), (7, 8, 9)], "RGB"), "WEBP", lossless=True),
             [[1, 2, 3], [W, 0, 9], [7, 8, 9]]),
    "WebP with alpha": (encoded(image_of([(0, 100, 200, 0), (0, 100, 200, 102), (0, 100, 200, 255)], "RGBA"), "WEBP",
                                lossless=True), [[W] * 3, [153, 193, 233], [0, 100, 200]]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_gives_its_pixels(kind):
    content, pixels = KINDS[kind]
    found = load_image(content, 3, pad=True).asnumpy()
    assert found.dtype == numpy.uint8 and found.shape == (3, 3, 3)
    assert found[1].tolist() == pixels and not found[0].any() and not found[2].any()


@pytest.mark.parametrize("mode, color, expected", [
    ("L", 100, (100, 100, 100)), ("RGB", (200, 100, 50), (200, 100, 50)), ("CMYK", (0, 255, 255, 0), (255, 0, 0)),
    ("CMYK", (255, 0, 0, 51), (0, 204, 204)), ("YCbCr", (128, 128, 128), (128, 128, 128))])
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["baseline", "progressive"])
def test_every_kind_of_jpeg_gives_its_color(mode, color, expected, options):
    content = encoded(Image.new(mode, (200, 100), color), "JPEG", quality=95, **options)
    assert abs(load_image(content, 8).asnumpy() - numpy.array(expected, int)).max() <= 2


def test_a_phones_jpeg_of_several_pictures_gives_the_first():
    content = encoded(Image.new("RGB", (640, 480), "red"), "MPO", save_all=True,
                      append_images=[Image.new("RGB", (64, 48), "blue")])
    assert Image.open(BytesIO(content)).format == "MPO"
    assert abs(load_image(content, 4).asnumpy() - numpy.array([255, 0, 0], int)).max() <= 2


def test_gray_has_one_channel_weighted_as_the_eye_does():
    image = encoded(image_of([(255, 0, 0), (0, 255, 0), (0, 0, 255)], "RGB"))
    found = load_image(image, 3, pad=True, gray=True)
    assert found.shape == (3, 3, 1) and found[1, :, 0].tolist() == [76, 150, 29]  # 0.299, 0.587, 0.114
    assert load_image(KINDS["16-bit gray"][0], 3, pad=True, gray=True)[1, :, 0].tolist() == [0, 100, 255]


# where EXIF 2.3 says that row 0 and column 0 of the stored image are seen
SIDES = {1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
         5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom")}


@pytest.mark.parametrize("format, options", [("PNG", {}), ("WEBP", {"lossless": True}), ("JPEG", {"quality": 95})])
@pytest.mark.parametrize("orientation", SIDES)
def test_rotated_photographs_stand_upright(orientation, format, options):
    stored = numpy.full((256, 256, 3), 128, "uint8")
    stored[:, :64] = 0, 0, 255
    stored[:64] = 255, 0, 0
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = load_image(encoded(stored, format, exif=exif, **options), 32).asnumpy().astype(int)
    sides = {"top": found[0, 8:24], "bottom": found[-1, 8:24], "left": found[8:24, 0], "right": found[8:24, -1]}
    row, column = SIDES[orientation]
    for side, color in {**dict.fromkeys(sides, [128] * 3), row: [255, 0, 0], column: [0, 0, 255]}.items():
        assert abs(sides[side].mean(axis=0) - color).max() < 5, side

    padded = load_image(encoded(stored[:128], format, exif=exif, **options), 32, pad=True).asnumpy()
    stands = orientation >= 5
    assert (padded[16].max(axis=1) > 99).tolist() == [not stands or 8 <= i < 24 for i in range(32)]
    assert (padded[:, 16].max(axis=1) > 99).tolist() == [stands or 8 <= i < 24 for i in range(32)]


def test_the_middle_is_cut_out_or_black_is_added_and_nothing_is_squashed():
    pixels = numpy.tile(numpy.arange(10, 18, dtype="uint8"), (4, 1))  # 8 wide, 4 high
    image = encoded(pixels)
    assert load_image(image, 4)[:, :, 0].tolist() == [[12, 13, 14, 15]] * 4
    assert load_image(encoded(pixels.T), 4)[:, :, 0].tolist() == [[i] * 4 for i in (12, 13, 14, 15)]
    padded = load_image(image, 8, pad=True)[:, :, 0].tolist()
    assert padded == [[0] * 8] * 2 + [list(range(10, 18))] * 4 + [[0] * 8] * 2
    line = load_image(encoded(numpy.full((1, 1000), 9, "uint8")), 5, pad=True)[:, :, 0].tolist()
    assert line == [[0] * 5] * 2 + [[9] * 5] + [[0] * 5] * 2
    assert load_image(encoded(numpy.full((1, 1000), 9, "uint8")), 5)[:, :, 0].tolist() == [[9] * 5] * 5


def test_shrinking_averages_areas():
    checkers = numpy.indices((240, 240)).sum(axis=0) % 2 * 255
    for content in (encoded(checkers.astype("uint8")), encoded(checkers.astype("uint8"), "JPEG", quality=95)):
        assert abs(load_image(content, 8).asnumpy() - 127.5).max() <= 2


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [32, 96])
def test_the_fast_way_to_a_small_image_cannot_be_seen(format, size):
    cat = Image.fromarray((photo("cat").asnumpy() * 255).round().astype("uint8")).resize((1201, 801))
    content = encoded(cat, format, **({"quality": 90} if format == "JPEG" else {}))
    slow = Image.open(BytesIO(content)).resize((size, size), BILINEAR, (200, 0, 1001, 801))
    difference = load_image(content, size).asnumpy() - numpy.asarray(slow).astype(int)
    assert abs(difference).max() <= 8 and abs(difference).mean() < 0.5


@pytest.mark.parametrize("size, pad, decoded", [
    (64, False, (301, 201)), (96, False, (601, 401)), (96, True, (301, 201)), (300, False, (1201, 801)),
    (2000, False, (1201, 801))])
def test_a_jpeg_is_decoded_no_larger_than_needed(size, pad, decoded, monkeypatch):
    sizes, rgb = [], folder._rgb
    monkeypatch.setattr(folder, "_rgb", lambda image: sizes.append(image.size) or rgb(image))
    load_image(encoded(Image.new("RGB", (1201, 801)), "JPEG"), size, pad=pad)
    assert sizes == [decoded]


def test_a_path_bytes_and_an_open_file_give_the_same_image(tmp_path, monkeypatch):
    content, path = gray(77), tmp_path / "a.png"
    path.write_bytes(content)
    monkeypatch.setenv("HOME", str(tmp_path))
    with path.open("rb") as file:
        files = [path, str(path), "~/a.png", content, bytearray(content), memoryview(content), BytesIO(content), file]
        assert [load_image(file, 2).asnumpy().tolist() for file in files] == [[[[77] * 3] * 2] * 2] * len(files)


def test_one_image_is_predicted_as_in_its_batch(tmp_path):
    top = class_folders(tmp_path, cats=3, dogs=3)
    _, test, _ = load_images(top, 2, 4)
    net = nn.Dense(2)
    net.initialize()
    dog = next(path for path in sorted((top / "dogs").iterdir()) if load_image(path, 4)[0, 0, 0] == levels(test)[1])
    numpy.testing.assert_allclose(predict(net, load_image(dog, 4)).asnumpy(), predict(net, test)[1].asnumpy(),
                                  rtol=1e-6)


def test_a_folder_per_class_becomes_batches(tmp_path):
    train, test, classes = load_images(class_folders(tmp_path, dogs=10, cats=5), 4, 4)
    assert classes == train.classes == test.classes == ("cats", "dogs")
    assert isinstance(train, Batches) and isinstance(test, Batches)
    assert (train.batch_size, train.shuffle, test.batch_size, test.shuffle) == (4, True, 4, False)
    assert train.images.shape == (12, 4, 4, 3) and test.images.shape == (3, 4, 4, 3)
    assert train.labels.tolist() == [0] * 4 + [1] * 8 and test.labels.tolist() == [0] + [1] * 2
    assert sorted(levels(train) + levels(test)) == [*range(10), *range(100, 105)]  # made as dogs, cats
    for batches in (train, test):
        assert levels(batches) == sorted(levels(batches), key=lambda level: (level < 100, level))
        assert [level < 100 for level in levels(batches)] == batches.labels.astype(bool).tolist()
    assert load_images(tmp_path, 4, 4, gray=True)[0].images.shape == (12, 4, 4, 1)
    wide = class_folders(tmp_path / "wide", **dict.fromkeys("ab", [encoded(numpy.full((2, 4), 9, "uint8"))] * 2))
    assert load_images(wide, 4, 4)[0].images[0, :, 0, 0].tolist() == [9, 9, 9, 9]
    assert load_images(wide, 4, 4, pad=True)[0].images[0, :, 0, 0].tolist() == [0, 9, 9, 0]


def test_the_split_is_seeded_and_has_every_class_in_both_parts(tmp_path):
    top = class_folders(tmp_path / "a", cats=2, dogs=10, mice=20)

    def tested(folder=top, **options):
        _, test, classes = load_images(folder, 4, 4, **options)
        return {name: [level for level, y in zip(levels(test), test.labels.tolist(), strict=True) if y == i]
                for i, name in enumerate(classes)}
    assert [len(found) for found in tested().values()] == [1, 2, 4]
    assert tested() == tested(seed=0) != tested(seed=1)
    assert [len(found) for found in tested(test_share=0.001).values()] == [1, 1, 1]
    assert [len(found) for found in tested(test_share=0.999).values()] == [1, 9, 19]
    shutil.rmtree(top / "cats")  # the other classes keep their test images
    assert tested()["mice"] == tested(class_folders(tmp_path / "b", cats=2, cows=2, mice=20))["mice"]


@pytest.mark.parametrize("train, test", [("train", "test"), ("Training", "Testing"), ("train", "valid"),
                                         ("train", "val"), ("TRAIN", "validation")])
def test_given_parts_are_taken_as_they_are(tmp_path, train, test):
    class_folders(tmp_path / train, cats=3, dogs=1)
    class_folders(tmp_path / test, cats=1, dogs=2)
    made = load_images(tmp_path, 4, 4)
    assert [levels(batches) for batches in made[:2]] == [[0, 1, 2, 100], [0, 100, 101]]
    assert made[0].shuffle and not made[1].shuffle and made[2] == ("cats", "dogs")


def test_validation_images_beside_a_test_set_are_left_alone(tmp_path):
    for name, n in (("train", 3), ("valid", 4), ("test", 2)):
        class_folders(tmp_path / name, cats=n, dogs=n)
    assert [len(batches.labels) for batches in load_images(tmp_path, 4, 4)[:2]] == [6, 4]


def test_a_class_may_be_called_train_or_test(tmp_path):
    assert load_images(class_folders(tmp_path, bus=2, train=2, test=2), 4, 4)[2] == ("bus", "test", "train")


def test_hidden_files_are_ignored_and_links_are_followed(tmp_path):
    top = class_folders(tmp_path / "top", cats=2, dogs=2)
    for name in (".DS_Store", "Thumbs.db", "cats/._1.jpg", "dogs/desktop.ini", "dogs/.ipynb_checkpoints/00.png",
                 ".ipynb_checkpoints/a", "__MACOSX/cats/._1.jpg"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(b"not an image")
    (top / "labels.csv").write_text("beside the classes, and not an image")
    class_folders(tmp_path / "elsewhere", mice=2)
    (top / "mice").symlink_to(tmp_path / "elsewhere/mice")
    assert load_images(top, 4, 4)[2] == ("cats", "dogs", "mice")


def test_the_result_does_not_depend_on_the_number_of_threads(tmp_path, monkeypatch):
    top, found = class_folders(tmp_path, cats=90, dogs=90), []
    for cores in (1, 8):
        monkeypatch.setattr(folder, "CORES", cores)
        found.append([levels(batches) for batches in load_images(top, 4, 4)[:2]])
    assert found[0] == found[1]


def test_a_few_images_print_nothing_many_show_a_bar_that_vanishes(tmp_path, monkeypatch, capsys):
    top = class_folders(tmp_path, cats=90, dogs=90)
    load_images(top, 4, 4)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(folder, "_read", lambda *_: time.sleep(0.013) or 0)
    monkeypatch.setattr(folder, "CORES", 1)
    load_images(top, 4, 4)
    out, err = capsys.readouterr()
    assert not out and "/180 [" in err and err.endswith("\r") and not err.split("\r")[-2].strip()


def test_the_stop_button_ends_loading(tmp_path, monkeypatch):
    top, read = class_folders(tmp_path, cats=90, dogs=90), []

    def stopped(*_):
        read.append(1)
        if len(read) == 5:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        return 0
    monkeypatch.setattr(folder, "_read", stopped)
    monkeypatch.setattr(folder, "CORES", 1)
    with pytest.raises(KeyboardInterrupt):
        load_images(top, 4, 4)
    assert len(read) < 50


def beside(name, make):
    """Two good class folders, and what `make` does to the path `name` beside or in them."""
    def build(top):
        make(class_folders(top, cats=2, dogs=2) / name)
        return {}
    return build


def in_parts(train, test, **others):
    def build(top):
        for name, classes in {"train": train, "test": test, **others}.items():
            class_folders(top / name, **classes)
        return {}
    return build


GOOD = beside("", lambda path: None)
CUT = encoded(numpy.random.RandomState(0).randint(0, 256, (50, 50, 3), "uint8"), "JPEG")[:2000]
BAD_FOLDERS = {
    "no folder": (lambda top: dict(folder=top / "pets"), "/pets' cannot be read .No such file.*: give the path of a"),
    "a file": (lambda top: top.write_bytes(b"") or {}, "cannot be read .Not a directory.: give the path of a folder"),
    "a number": (lambda top: dict(folder=3), "folder must be the path of a folder, .* got 3"),
    "an empty folder": (lambda top: top.mkdir() or {}, "holds no folder per class: put the images of each class into"),
    "images at the top": (lambda top: class_folders(top.parent, **{top.name: 2}) and {}, "holds no folder per class"),
    "one class": (lambda top: class_folders(top, cats=2) and {}, "holds one class folder, 'cats', at least two are"),
    "an empty class": (lambda top: class_folders(top, cats=2, dogs=0) and {}, "class folder '.*/dogs' is empty: put"),
    "a class of one": (lambda top: class_folders(top, cats=2, dogs=1) and {},
                       "class 'dogs' has one image, '00.png': at least two are needed, one to train on"),
    "a folder in a class": (beside("cats/more", lambda path: path.mkdir()), "cats' holds the folder 'more', .* move"),
    "an image beside the classes": (beside("x", lambda path: path.write_bytes(gray(1))),
                                    "the image '.*/x' lies beside the class folders: put it into one"),
    "a loop in a class": (beside("cats/loop", lambda path: path.symlink_to(path.parent)), "holds the folder 'loop'"),
    "a loop at the top": (beside("loop", lambda path: path.symlink_to(path.parent)), "loop' holds the folder 'cats'"),
    "a link to itself": (beside("loop", lambda path: path.symlink_to(path)), "loop' is a link that leads nowhere"),
    "a lost class": (beside("mice", lambda path: path.symlink_to("gone")), "mice' is a link that leads nowhere"),
    "a lost image": (beside("cats/a.png", lambda path: path.symlink_to("gone")),
                     "1 of 5 files .*: 'cats/a.png' cannot be opened .No such file.*Delete them, or save them anew"),
    "a pipe": (beside("dogs/a.png", os.mkfifo), "'dogs/a.png' is not a file"),
    "train alone": (lambda top: class_folders(top / "train", cats=2, dogs=2) and {},
                    "holds train, but no test beside it: add it, or give '.*/train', which is then split"),
    "a class in one part": (in_parts(dict(cats=1, dogs=1), dict(cats=1, mice=1, dogs=1)),
                            "class 'mice' is only in one of train and test of"),
    "a part without classes": (lambda top: class_folders(top / "train", cats=1, dogs=1) and class_folders(top, test=2)
                               and {}, "/test' holds no folder per class: put the images"),
    "parts and classes": (in_parts(dict(a=1, b=1), dict(a=1, b=1), mice=dict(a=1)), "holds the folder 'a', a class"),
    "an empty file": (beside("cats/a.jpg", lambda path: path.write_bytes(b"")), "'cats/a.jpg' is empty. Delete"),
    "a text": (beside("cats/a.jpg", lambda path: path.write_text("<!DOCTYPE html>")),
               "1 of 5 files in .* cannot be used: 'cats/a.jpg' is not a JPEG, PNG, WebP or BMP .it begins with "
               "b'<!DOCTYPE html>'.. Delete them, or save them anew as JPEG or PNG"),
    "a GIF": (beside("cats/a.jpg", lambda path: path.write_bytes(encoded(Image.new("L", (9, 9)), "GIF"))),
              "'cats/a.jpg' is not a JPEG, .* begins with b'GIF8"),
    "a phone's HEIC": (beside("cats/a.jpg", lambda path: path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0")),
                       "a phone's HEIC: export it as JPEG"),
    "a truncated image": (beside("cats/a.jpg", lambda path: path.write_bytes(CUT)),
                          "'cats/a.jpg' is truncated or damaged .OSError: image file is truncated"),
    "no batch size": (lambda top: GOOD(top) or dict(batch_size=0), "batch_size .* at least 1, got 0"),
    "no size": (lambda top: GOOD(top) or dict(size=0), "size must be a number of pixels of at least 1, .* got 0"),
    "two sizes": (lambda top: GOOD(top) or dict(size=(9, 9)), r"size .* the side of a square, got \(9, 9\)"),
    "all for testing": (lambda top: GOOD(top) or dict(test_share=1), "test_share must lie between 0 and 1, got 1"),
    "none for testing": (lambda top: GOOD(top) or dict(test_share=0), "test_share .* got 0: 0.2 is common"),
    "a share as text": (lambda top: GOOD(top) or dict(test_share="0.2"), "test_share .* got '0.2'"),
    "seed negative": (lambda top: GOOD(top) or dict(seed=-1), "seed must be a whole number in .*, got -1"),
    "seed too large": (lambda top: GOOD(top) or dict(seed=2**32), "seed .* got 4294967296"),
    "no seed": (lambda top: GOOD(top) or dict(seed=None), "seed .* got None"),
}


@pytest.mark.parametrize("case", BAD_FOLDERS)
def test_a_bad_folder_is_named_with_the_remedy(case, tmp_path):
    build, message = BAD_FOLDERS[case]
    arguments = dict(folder=tmp_path / "top", batch_size=4, size=4) | build(tmp_path / "top")
    with pytest.raises(ValueError, match=message):
        load_images(**arguments)


def test_an_unreadable_folder_is_named(tmp_path, monkeypatch):
    def refused(path):
        raise PermissionError(13, "Permission denied", str(path))
    monkeypatch.setattr("pathlib.Path.iterdir", refused)  # root may read every folder
    with pytest.raises(ValueError, match=f"{tmp_path}' cannot be read .Permission denied."):
        load_images(tmp_path, 4, 4)


def test_of_many_bad_files_some_are_named_and_all_are_listed(tmp_path):
    top = class_folders(tmp_path, cats=[b"x", gray(1), b"", b"z", CUT, gray(3)], dogs=[gray(1), gray(2), b"y"])
    with pytest.raises(ValueError, match="5 of 9 files .* and 2 more. Delete") as raised:
        load_images(top, 4, 4)
    bad = [top / name for name in ("cats/00.png", "cats/02.png", "cats/03.png", "cats/04.png", "dogs/02.png")]
    assert sorted(raised.value.files) == bad
    assert sum(repr(str(path.relative_to(top))) in str(raised.value) for path in bad) == 3
    for path in raised.value.files:
        path.unlink()
    assert len(load_images(top, 4, 4, test_share=0.5)[1].labels) == 2


@pytest.mark.parametrize("file, size, message", [
    (b"", 4, "the image is empty"),
    (CUT, 4, "the image is truncated or damaged"),
    (BytesIO(b"%PDF-1.7"), 4, "the image is not a JPEG, .* begins with b'%PDF-1.7'"),
    ("gone.png", 4, "'gone.png' cannot be opened .No such file"),
    ("/", 4, "'/' is not a file"),
    ("a" * 5000, 4, "cannot be opened .File name too long"),
    (BytesIO(b"\0\0\0\x18ftypmif1\0\0\0\0"), 4, "a phone's HEIC: export it as JPEG"),
    (3, 4, "file must be a path, bytes or a file opened in mode 'rb', got 3"),
    (open(__file__), 4, "file must be .* in mode 'rb', got <_io.TextIO"),
    (numpy.zeros((4, 4)), 4, "file must be"),
    (gray(1), 0, "size must be a number of pixels of at least 1, .* got 0"),
    (gray(1), None, "size .* got None"),
])
def test_a_bad_image_is_named(file, size, message):
    with pytest.raises(ValueError, match=message):
        load_image(file, size)


@pytest.mark.parametrize("limit", [30, 20])  # Pillow warns of more than its limit, and refuses twice as much
def test_too_many_pixels_are_refused_by_name(limit, tmp_path, monkeypatch):
    top = class_folders(tmp_path, cats=[gray(1), gray(1), gray(1, size=7)], dogs=[gray(1), gray(1)])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(ValueError, match="1 of 5 .*: 'cats/02.png' is too large .*.49 pixels.*limit.*: scale it"):
        load_images(top, 4, 4)
    with pytest.raises(ValueError, match="the image is too large"):
        load_image(gray(1, size=7), 4)


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage!", b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"Exif\0\0"],
                         ids=["foreign", "cut off", "empty"])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_an_image_with_unreadable_exif_is_read_as_it_is(format, exif, tmp_path):
    content = encoded(numpy.full((4, 4), 50, "uint8"), format, exif=exif)  # warnings are errors in these tests
    assert load_image(content, 4)[0, 0, 0] == 50
    assert load_images(class_folders(tmp_path, cats=[content] * 2, dogs=2), 4, 4)[0].images[0, 0, 0, 0] == 50


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP"])
def test_whatever_bytes_a_file_has_it_is_refused_or_an_image(format):
    """Cut off anywhere, or with a few bytes changed."""
    random, original = numpy.random.RandomState(0), encoded(photo_of_noise(), format)
    cut = [original[:n] for n in random.permutation(len(original) - 40)[:60]]
    changed = []
    for _ in range(200):
        content = bytearray(original)
        for place in random.randint(0, min(len(content), 600), 3):
            content[place] = random.randint(256)
        changed.append(bytes(content))
    for content in cut + changed:
        try:
            found = load_image(content, 8)
        except ValueError as error:
            assert str(error).startswith("the image is")
        else:
            assert found.shape == (8, 8, 3) and content not in cut


def photo_of_noise():
    return Image.fromarray(numpy.random.RandomState(0).randint(0, 256, (40, 60, 3), "uint8"))
