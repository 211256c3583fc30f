"""Make the photographs of data/photos and data/own from those of two packages, as data/photos/origin.csv lists them.

    python data/photos/make_photographs.py RCC SKIMAGE

RCC is the folder usr/share/gcompris-qt/rcc of Debian's package gcompris-qt-data 3.1-2 (`apt-get download`, then
`dpkg-deb -x`), SKIMAGE the folder skimage/data of the wheel of scikit-image 0.21.0 (`pip download`, then `unzip`).
Photographs become JPEGs: of at most 640 pixels on the longer side in photos/, of at most 224 on the shorter side in
own/; none is enlarged. The column `sha256` of origin.csv is written anew; Pillow 13.0.0 gives the same files again.
"""
import csv
import hashlib
import struct
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

DATA = Path(__file__).resolve().parent.parent


def read_rcc(path):
    """Yield (name, content) of each file in one of Qt's resource files of format 2 or 3, if it is not compressed."""
    content = path.read_bytes()
    magic, version, tree, data, names = struct.unpack_from(">4s4I", content)
    if magic != b"qres" or version not in (2, 3):
        raise ValueError(f"{path} is not a resource file of Qt of format 2 or 3")

    def walk(node, folder):
        start = tree + 22 * node
        name, flags = struct.unpack_from(">IH", content, start)
        letters, = struct.unpack_from(">H", content, names + name)
        name = content[names + name + 6:names + name + 6 + 2 * letters].decode("utf-16-be")
        if flags & 2:  # a folder
            children, first = struct.unpack_from(">II", content, start + 6)
            for child in range(first, first + children):
                yield from walk(child, f"{folder}{name}/" if node else "")
        elif not flags & 5:  # neither zlib nor zstd
            at = data + struct.unpack_from(">I", content, start + 10)[0]
            length, = struct.unpack_from(">I", content, at)
            yield folder + name, content[at + 4:at + 4 + length]

    yield from walk(0, "")


def shrink(content, own):
    """Return a photograph as a JPEG, in color and without metadata, at most as large as its folder's files are."""
    image = Image.open(BytesIO(content)).convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    image = Image.alpha_composite(paper, image).convert("RGB")
    side, limit = (min(image.size), 224) if own else (max(image.size), 640)
    if side > limit:
        image = image.resize([round(length * limit / side) for length in image.size], Image.LANCZOS)
    jpeg = BytesIO()
    image.save(jpeg, "JPEG", quality=85 if own else 90, optimize=True)
    return jpeg.getvalue()


def main(rcc, skimage):
    """Write each file that origin.csv lists."""
    table = DATA / "photos" / "origin.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    content = {f"skimage/data/{path.name}": path.read_bytes() for path in Path(skimage).iterdir() if path.is_file()}
    for path in sorted(Path(rcc).glob("*.rcc")):
        content.update(read_rcc(path))
    for row in rows:
        jpeg = shrink(content[row["in_package"]], own=row["file"].startswith("own/"))
        path = DATA / row["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg)
        row["sha256"] = hashlib.sha256(jpeg).hexdigest()
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
