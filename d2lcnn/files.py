"""The files below `data`: read only if their SHA-256 is right. First used in notebook 00."""
import gzip
import hashlib
import os
import zlib
from pathlib import Path

__all__ = ["DATA", "SHA256", "read"]

# beside the package, as in a clone of the course; `pip install .` leaves it behind
DATA = Path(os.environ.get("D2LCNN_DATA") or Path(__file__).resolve().parent.parent / "data")

# SHA-256 of the content: of the decompressed bytes where the file is a .gz
SHA256 = {
    "fashion-mnist/train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "fashion-mnist/train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "fashion-mnist/t10k-images-idx3-ubyte.gz": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "fashion-mnist/t10k-labels-idx1-ubyte.gz": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    "mnist/train-images-idx3-ubyte.gz": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "mnist/train-labels-idx1-ubyte.gz": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "mnist/t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "mnist/t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    "cifar10/train.bin.gz": "96ce0345bd2a804e2737feb9d256057c7597d44bf0ff69a6ebbdea094541edba",
    "cifar10/test.bin.gz": "24267f1ae756ce4a33ea81e568a65ab770a89386aba00f659097107d08693dcc",
    "photos/astronaut.jpg": "74139dcfd87ccd42855a9e35bcd6df9d08640d041f77d29115e381bdebf60a59",
    "photos/cat.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    "photos/coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "photos/crab.jpg": "42f6bd12636ccb20a02f47c1fad4ce907731e52b4baed6e93df26ef7cc3b9aaf",
    "photos/dog.jpg": "ec5a5cdb007b408828b36bdd605fffff3efb6e463b7c3994b9644b0475b1b58f",
    "photos/giraffe.jpg": "6ed68f87bdcb9043d9112f105050e83ad57cc9fb4303085838ad766af754632c",
    "photos/hen.jpg": "f977823efdab0a1e8faccf4aa57e532fc1b632118ec0889657aa55e02361a9a7",
    "photos/macaw.jpg": "50a2f0bb05a51fe42a4e4311087b86be948288ce5466726f9854b85be2d2ad9c",
    "photos/photographer.jpg": "4a7e5d219fca7082b7947a0762f1deb0020f75fda945ae299b4bedaa98d351e6",
    "photos/red_panda.jpg": "0fe33d7e8987b79a204a57ebb987a2bdc2af4b1177636b1a3b40f6dc7a81622d",
    "photos/rocket.jpg": "1d16208a3c8dda3574b38323509f0556067465dbc366ae54a408509485a0798a",
    "photos/origin.csv": "085563ab11a86d2847977c35dd9b2c2c64fce476a924ef4f63722a5024e5fa11",
    "weights/efficientnet_lite0.npz": "982c480058e932954c04580f4a1a28ee3072a92ae19ff05ac3a86d45bcb19a27",
    "weights/imagenet_classes.txt": "6f3fccd676d45870da37544bcf316eef99adc5b668900512d7f113e0d9b5dd32",
    "zoo/gluoncv.csv": "9f61434c1f77e05572989eda2f758ea25e2680791dfd66e04db84be6c06d18e9",
}
LARGEST = 47_040_016  # bytes in the largest of them: a file that unpacks to more is refused before it fills the memory


def read(name):
    """Return the bytes of `data/<name>`, decompressed, if they are the original ones, bit for bit.

    Raises FileNotFoundError if the file, or the whole folder, is missing, and ValueError if it is truncated or altered.
    """
    path, remedy = DATA / name, f"restore it with: git checkout -- data/{name} (origin: data/README.md)"
    if not DATA.is_dir():
        raise FileNotFoundError(f"there is no folder {DATA}: d2lcnn was installed without the course's data. Set the "
                                "environment variable D2LCNN_DATA to the folder data of a clone of the course, or "
                                "install from there with pip install -e .")
    if not path.is_file():
        raise FileNotFoundError(f"data/{name} is missing: {remedy}")
    try:
        with (gzip.open(path) if path.suffix == ".gz" else path.open("rb")) as file:
            content = file.read(LARGEST + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise ValueError(f"data/{name} cannot be read ({error}): {remedy}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[name]:
        raise ValueError(f"data/{name} differs from the original (SHA-256 {found[:8]}…, "
                         f"not {SHA256[name][:8]}…): {remedy}")
    return content
