"""Whatever bytes a file has: it is refused, or what is read from it is right, in bounded time and memory."""
import gzip
import json
import struct
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from d2lcnn import Batches, History, files, load_weights
from d2lcnn.checkpoint import Checkpoint
from d2lcnn.evaluate import Score

import numpy
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mxnet import gluon, npx
from mxnet.gluon import nn

settings.register_profile("course", max_examples=200, deadline=5000, database=None, derandomize=True)
settings.load_profile("course")


def mutations(original):
    """Bytes that are almost `original`: cut off, overwritten, with pieces moved, doubled or put in between."""
    n = len(original)
    place, junk = st.integers(0, n), st.binary(max_size=40)
    number = st.sampled_from([struct.pack(f, x) for f, x in zip("<I <I <I <I <Q <Q".split(),
                              (0, 1, 2**31 - 1, 2**32 - 1, 2**40, 2**64 - 1), strict=True)])
    edit = st.one_of(
        st.tuples(place, place, junk | number).map(lambda e: lambda b: b[:e[0]] + e[2] + b[max(e[:2]):]),
        st.tuples(place, junk | number).map(lambda e: lambda b: b[:e[0]] + e[1] + b[e[0] + len(e[1]):]),
        st.tuples(place, st.integers(0, 7)).map(
            lambda e: lambda b: b[:e[0]] + bytes([b[e[0]] ^ 1 << e[1]]) + b[e[0] + 1:] if e[0] < len(b) else b),
        st.tuples(place, place, place).map(lambda e: lambda b: b[:e[0]] + b[e[1]:e[2]] + b[e[0]:]),
        place.map(lambda e: lambda b: b[:e]),
    )

    def apply(edits):
        content = original
        for change in edits:
            content = change(content)[:4 * n]
        return content
    return st.one_of(st.lists(edit, min_size=1, max_size=4).map(apply), st.binary(max_size=200))


def bounded(call, megabytes):
    """Return the result of a call that may raise ValueError, having checked what memory it takes at its peak."""
    tracemalloc.start()
    try:
        return call()
    except ValueError as error:
        return error
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < megabytes * 1e6, f"{peak / 1e6:.0f} MB"


NAME = "mnist/t10k-labels-idx1-ubyte.gz"
LABELS = (files.DATA / NAME).read_bytes()


@given(content=mutations(LABELS))
@example(content=gzip.compress(bytes(10 * files.LARGEST), 1))
@example(content=gzip.compress(b"", 1) * 20_000)
@example(content=LABELS + b"\0" * 10**6)
@example(content=b"\x1f\x8b\x08\x1c" + bytes(6) + b"\xff\xff" + b"x" * 10**6)
def test_a_data_file_of_any_content_is_refused_or_read_right(content):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "DATA", Path(folder))
        path = Path(folder) / NAME
        path.parent.mkdir()
        path.write_bytes(content)
        result = bounded(lambda: files.read(NAME), 110)
    assert f"data/{NAME}" in str(result) if isinstance(result, ValueError) else result == gzip.decompress(LABELS)


class Kept:
    """A run of two epochs of two batches, the file that it has written, and the arrays that it held."""

    def __init__(self, folder):
        self.path = Path(folder) / "run.npz"
        batches = Batches(numpy.zeros((4, 2, 2, 1), "uint8"), [0, 1, 2, 1], 2, device=npx.cpu())
        self.net = nn.HybridSequential()
        self.net.add(nn.Dense(3), nn.BatchNorm())
        self.net.initialize(ctx=npx.cpu())
        X, y = next(iter(batches))
        self.net(X)
        trainer = gluon.Trainer(self.net.collect_params(), "sgd", {"momentum": 0.9})
        self.file = Checkpoint(self.path, self.net, trainer, Score(gluon.loss.SoftmaxCrossEntropyLoss()), 3,
                               (batches, None), {"train_iter": (X, y)}, {"seed": 1})
        self.history = History(2, *[[0.5, 0.25] for _ in range(7)], batch_loss=[0.5] * 4)
        self.file.write(self.history, 1)
        self.content = self.path.read_bytes()
        self.arrays = {name: array.asnumpy() for name, array in self.file._arrays().items()}

    def check(self, content):
        """Assert that this content is refused by name, or that everything is read from it as it was written."""
        self.path.write_bytes(content)
        history = History(2)
        result = bounded(lambda: self.file.read(history, 2), 10)
        if isinstance(result, ValueError):
            assert str(self.path) in str(result) and history == History(2)
        else:
            assert (result, history) == (1, self.history)
            assert self.file.values.keys() == self.arrays.keys()
            for name, array in self.arrays.items():
                assert self.file.values[name].dtype == array.dtype
                numpy.testing.assert_array_equal(self.file.values[name], array)
        assert self.path.read_bytes() == content
        return result


@pytest.fixture(scope="module")
def kept():
    with TemporaryDirectory() as folder:
        yield Kept(folder)


def test_a_checkpoint_of_any_content_is_refused_or_read_right(kept):
    assert not isinstance(kept.check(kept.content), ValueError)

    @given(content=mutations(kept.content))
    def check(content):
        kept.check(content)
        try:
            load_weights(kept.net, kept.path)  # raises nothing but a ValueError
        except ValueError as error:
            assert str(kept.path) in str(error)
    check()


def test_a_checkpoint_whose_checksums_are_right_is_refused_or_read_right(kept):
    """The members are changed and the archive is made anew, so that what zipfile compares cannot find it."""
    with zipfile.ZipFile(BytesIO(kept.content)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    changed = {name: st.one_of(mutations(content), st.just(content)) for name, content in members.items()
               if not name.startswith("run")}  # any text that is sound is the text of some run

    @given(st.fixed_dictionaries(changed), st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    @settings(max_examples=100)
    def check(contents, compression):
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w", compression) as file:
            for name, content in (members | contents).items():
                file.writestr(name, content)
        kept.path.write_bytes(buffer.getvalue())
        history = History(2)
        result = bounded(lambda: kept.file.read(history, 2), 10)
        if not isinstance(result, ValueError):
            for name, array in kept.file.values.items():  # another array may stand there, but one of the right kind
                assert (array.shape, array.dtype) == (kept.arrays[name].shape, kept.arrays[name].dtype)
                assert contents[f"{name}.npy"].endswith(array.tobytes())
    check()


WORD = st.text(max_size=5)
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | WORD,
                    lambda x: st.lists(x, max_size=4) | st.dictionaries(WORD, x, max_size=3), max_leaves=8)


def test_a_checkpoint_with_any_text_is_refused_or_consistent(kept):
    with zipfile.ZipFile(BytesIO(kept.content)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    run = json.loads(members["run.json"])
    places = [(key,) for key in run] + [("history", key) for key in run["history"]] + [
        ("settings", key) for key in run["settings"]]

    @given(st.lists(st.tuples(st.sampled_from(places), JSON), min_size=1, max_size=3))
    def check(changes):
        changed = json.loads(members["run.json"])
        for (*outer, key), value in changes:
            target = changed
            for name in outer:
                target = target[name] if isinstance(target[name], dict) else changed
            target[key] = value
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            for name, content in (members | {"run.json": json.dumps(changed)}).items():
                file.writestr(name, content)
        kept.path.write_bytes(buffer.getvalue())
        history = History(2)
        result = bounded(lambda: kept.file.read(history, 2), 10)
        if not isinstance(result, ValueError):
            assert history.batches == 2 and len(history.loss) == len(history.lr) <= 2 and 0 <= history.done <= 2
            assert type(result) is int and all(type(x) is float for x in history.batch_loss)
    check()
