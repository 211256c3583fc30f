"""Your own images: batches from a folder per class, or one image from a file. First used in notebook 19."""
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO, TextIOBase
from numbers import Real
from pathlib import Path

import numpy
from mxnet import np
from PIL import ExifTags, Image, UnidentifiedImageError
from tqdm import tqdm

from . import CORES
from .data import Batches
from .validate import is_count

__all__ = ["load_image", "load_images"]

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
TRAIN, TEST = ("train", "training"), ("test", "testing", "valid", "validation", "val")
HIDDEN = ("thumbs.db", "desktop.ini", "__macosx", "@eadir")  # left by systems, as all names that begin with a dot
SHOWN = 3  # files that an error names
GAP = 3  # times the final size: so far Pillow may shrink by a whole number first; mean difference at most 0.4 of 255
BYTES = bytes | bytearray | memoryview
T = Image.Transpose
UPRIGHT = {2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE, 6: T.ROTATE_270,
           7: T.TRANSVERSE, 8: T.ROTATE_90}  # what each EXIF orientation needs


@contextmanager
def _pillow_warnings():
    """Without Pillow's remarks on odd, but readable files; too many pixels are an error. The filters are global."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


@_pillow_warnings()
def load_images(folder, batch_size, size, *, pad=False, gray=False, test_share=0.2, seed=0, device=None):
    """Return your own images as training and test `Batches` and the names of their classes: (train, test, classes).

    `folder` holds one folder per class, named as the class, with its images: JPEG, PNG, WebP or BMP, whatever the
    files are called. Of each class `test_share`, and at least one image, is for testing, chosen by `seed`. Instead,
    `folder` may hold a folder train (or training) and beside it a folder test (testing, valid, validation or val; of
    several the first in this list is taken), each with a folder per class; then nothing is split. Classes and images
    are in the order of their names, and only the training batches are shuffled.

    Each image becomes what `load_image` makes of it, uint8 of shape (size, size, 3), or (size, size, 1) if `gray`.
    All of them stay in memory. `device` defaults to `try_gpu()`. Hidden files are ignored. Raises ValueError for bad
    arguments, for folders laid out differently, for a class with no image in one part, and for files that are damaged
    or not such images; the attribute `files` of that error lists all of them.
    """
    _check_size(size)
    if not is_count(batch_size):
        raise ValueError(f"batch_size must be a whole number of at least 1, got {batch_size!r}")
    if not isinstance(folder, str | os.PathLike):
        raise ValueError(f"folder must be the path of a folder, such as 'data/own', got {folder!r}")
    if not (isinstance(test_share, Real) and 0 < test_share < 1):
        raise ValueError(f"test_share must lie between 0 and 1, got {test_share!r}: 0.2 is common")
    if not (is_count(seed, 0) and seed < 2**32):
        raise ValueError(f"seed must be a whole number in 0..{2**32 - 1}, got {seed!r}")
    folder = Path(os.path.expanduser(folder)).absolute()
    parts = _given_parts(folder) or _split(_classes(folder), test_share, seed)
    classes = tuple(parts[0])
    images = [numpy.empty((sum(map(len, part.values())), size, size, 1 if gray else 3), "uint8") for part in parts]
    paths = [path for part in parts for of_class in part.values() for path in of_class]
    _fill([image for array in images for image in array], paths, folder, (size, pad, gray))
    labels = [numpy.repeat(range(len(classes)), list(map(len, part.values()))) for part in parts]
    train, test = (Batches(images[i], labels[i], batch_size, shuffle=i == 0, device=device, classes=classes)
                   for i in (0, 1))
    return train, test, classes


@_pillow_warnings()
def load_image(file, size, *, pad=False, gray=False):
    """Return one image as an array (size, size, 3) of uint8, or (size, size, 1) if `gray`, as `predict` takes it.

    `file` is a path, the bytes of a file (as the widget FileUpload gives them) or a file opened in mode 'rb', a JPEG,
    PNG, WebP or BMP. The image is turned upright (EXIF) and scaled, averaging over areas, until its shorter side has
    `size` pixels, and the middle is cut out of it; with `pad` its longer side gets `size` pixels, and black is added
    on both sides. Transparent pixels are laid on white, and 16 bits become 8. Raises ValueError for other files.
    """
    _check_size(size)
    is_path = isinstance(file, str | os.PathLike)
    if isinstance(file, TextIOBase) or not (is_path or isinstance(file, BYTES) or hasattr(file, "read")):
        raise ValueError(f"file must be a path, bytes or a file opened in mode 'rb', got {file!r}")
    try:
        return np.array(_read(Path(os.path.expanduser(file)) if is_path else file, size, pad, gray), dtype="uint8")
    except ValueError as error:
        raise ValueError(f"{repr(str(file)) if is_path else 'the image'} {error}") from error


def _check_size(size):
    if not is_count(size):
        raise ValueError(f"size must be a number of pixels of at least 1, the side of a square, got {size!r}")


def _entries(folder):
    """The folders in `folder`, and what else is in it, both in the order of their names, without hidden ones."""
    try:
        paths = sorted((path for path in folder.iterdir() if not path.name.startswith(".")
                        and path.name.lower() not in HIDDEN), key=lambda path: path.name)
        return [path for path in paths if path.is_dir()], [path for path in paths if not path.is_dir()]
    except OSError as error:
        raise ValueError(f"the folder {str(folder)!r} cannot be read ({error.strerror}): give the path of a folder "
                         "that holds a folder of images per class") from error


def _given_parts(top):
    """Training and test set of a folder with train/ and test/, each as `_classes` returns it, else None."""
    folders = {path.name.lower(): path for path in _entries(top)[0]}
    train, test = (next((folders[name] for name in names if name in folders), None) for names in (TRAIN, TEST))
    if not train or not folders.keys() <= {*TRAIN, *TEST}:
        return None
    if not test:
        raise ValueError(f"{str(top)!r} holds {train.name}, but no test beside it: add it, or give {str(train)!r}, "
                         "which is then split")
    parts = _classes(train), _classes(test)
    alone = sorted(parts[0].keys() ^ parts[1].keys())
    if alone:
        raise ValueError(f"class {alone[0]!r} is only in one of {train.name} and {test.name} of {str(top)!r}: "
                         "both need the same class folders")
    return parts


def _classes(folder):
    """The paths of the images of each class: {class: [path, ...]}, in the order of their names."""
    classes, others = {}, _entries(folder)
    for path in others[0]:
        deeper, classes[path.name] = _entries(path)
        if deeper:
            raise ValueError(f"{str(path)!r} holds the folder {deeper[0].name!r}, a class folder holds images only: "
                             "move the images up, or give the folder whose folders are the classes")
        if not classes[path.name]:
            raise ValueError(f"the class folder {str(path)!r} is empty: put its images there, or delete it")
    if not classes:
        raise ValueError(f"{str(folder)!r} holds no folder per class: put the images of each class into one folder, "
                         "named as the class")
    if len(classes) == 1:
        raise ValueError(f"{str(folder)!r} holds one class folder, {next(iter(classes))!r}, at least two are needed: "
                         "a network learns to tell classes apart")
    for path in others[1]:
        if not path.exists():
            raise ValueError(f"{str(path)!r} is a link that leads nowhere: mend or delete it")
        if _is_image(path):
            raise ValueError(f"the image {str(path)!r} lies beside the class folders: put it into one of them")
    return classes


def _is_image(path):
    try:
        _read(path, 1, pad=False, gray=False)
        return True
    except ValueError:
        return False


def _split(classes, share, seed):
    """Training and test set, each {class: [path, ...]}. What one class gets does not depend on the other classes."""
    train, test = {}, {}
    for name, paths in classes.items():
        if len(paths) < 2:
            raise ValueError(f"class {name!r} has one image, {paths[0].name!r}: at least two are needed, one to train "
                             "on and one to test with")
        count = min(max(1, round(share * len(paths))), len(paths) - 1)
        chosen = set(numpy.random.RandomState(seed).permutation(len(paths))[:count])
        train[name] = [path for i, path in enumerate(paths) if i not in chosen]
        test[name] = [path for i, path in enumerate(paths) if i in chosen]
    return train, test


def _fill(images, paths, folder, options):
    """Fill the arrays `images` from the files `paths` by several threads; show a bar where it takes over 2 seconds."""
    def fill(image, path):
        try:
            image[:] = _read(path, *options)
        except ValueError as error:
            return path, f"{str(path.relative_to(folder))!r} {error}"

    pool = ThreadPoolExecutor(min(CORES, 8))  # each may hold one large image; Pillow decodes without Python's lock
    try:
        bar = tqdm(pool.map(fill, images, paths), total=len(paths), unit="image", delay=2, leave=False)
        wrong = [found for found in bar if found]
    finally:  # where the stop button is pressed, the files that still wait are not read
        pool.shutdown(cancel_futures=True)
    if wrong:
        more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        error = ValueError(f"{len(wrong)} of {len(paths)} files in {str(folder)!r} cannot be used: "
                           f"{'; '.join(text for _, text in wrong[:SHOWN])}{more}. Delete them, or save them anew as "
                           "JPEG or PNG")
        error.files = [path for path, _ in wrong]
        raise error


def _read(file, size, pad, gray):
    """The image in a `Path`, bytes or an open file as a NumPy array; raise ValueError, which says what it "is"."""
    if not isinstance(file, Path):
        return _decoded(BytesIO(file if isinstance(file, BYTES) else file.read()), size, pad, gray)
    try:
        if file.exists() and not file.is_file():  # to open a pipe would wait forever
            raise ValueError("is not a file")
        stream = file.open("rb")  # not read at once: it may be a film
    except OSError as error:
        raise ValueError(f"cannot be opened ({error.strerror})") from error
    with stream:
        return _decoded(stream, size, pad, gray)


def _decoded(stream, size, pad, gray):
    try:
        with Image.open(stream, formats=FORMATS) as image:
            return _squared(image, size, pad, gray)
    except UnidentifiedImageError as error:
        stream.seek(0)
        start = stream.read(16)
        if not start:
            raise ValueError("is empty") from error
        phone = ", a phone's HEIC: export it as JPEG" if start[4:].startswith((b"ftyphe", b"ftypmif")) else ""
        raise ValueError(f"is not a JPEG, PNG, WebP or BMP (it begins with {start}{phone})") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"is too large ({str(error).split(',')[0]}): scale it down") from error
    except Exception as error:  # Pillow raises a dozen kinds
        raise ValueError(f"is truncated or damaged ({type(error).__name__}: {error})") from error


def _squared(image, size, pad, gray):
    """An opened image as a NumPy array (size, size, channels) of uint8."""
    smaller = size * GAP / (max if pad else min)(image.size)
    drafted = image.draft(None, [max(1, int(side * smaller)) for side in image.size])  # a JPEG is decoded smaller
    turn = UPRIGHT.get(_orientation(image))
    wide, high = drafted[1][2:] if drafted else image.size  # may end within the last pixel
    if pad:
        box, target = (0, 0, wide, high), [max(1, round(side * size / max(wide, high))) for side in (wide, high)]
    else:
        side, target = min(wide, high), (size, size)
        box = (wide - side) / 2, (high - side) / 2, (wide + side) / 2, (high + side) / 2
    image = _rgb(image).resize(target, Image.Resampling.BILINEAR, box, reducing_gap=GAP)
    image = image if turn is None else image.transpose(turn)
    if pad:
        canvas = Image.new("RGB", (size, size))
        canvas.paste(image, ((size - image.width) // 2, (size - image.height) // 2))
        image = canvas
    return numpy.asarray(image.convert("L") if gray else image).reshape(size, size, -1)


def _orientation(image):
    try:
        return image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # unreadable EXIF: every viewer shows the image as it is
        return None


def _rgb(image):
    """The image in mode RGB, transparent pixels laid on white."""
    if image.mode.startswith("I;16"):  # Pillow would make all values above 255 white
        pixels = numpy.array(image)
        pixels[pixels == image.info.get("transparency")] = 65535
        image = Image.fromarray((pixels >> 8).astype("uint8"))
    if image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")  # which copies in any case
        canvas = Image.new("RGB", image.size, "white")
        canvas.paste(image, mask=image)
        return canvas
    return image if image.mode == "RGB" else image.convert("RGB")
