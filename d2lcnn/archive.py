"""A text and named arrays in one file: written whole or not at all, read with bounds on every size.

The file is a zip of .npy files, as numpy.savez makes it and numpy.load reads it, without pickle or compression.
"""
import glob
import os
import zipfile
from contextlib import suppress
from io import BytesIO

import numpy
from numpy.lib import format as npy

__all__ = ["read_array", "read_text", "remove_unfinished", "size", "write"]

TEXT = "run.json"
LARGEST = 2**27  # bytes of text, enough for the history of five million batches


def write(path, text, arrays):
    """Replace the file by one that holds `text` and the MXNet arrays of the dict `arrays`.

    It is written beside the old one, which it replaces in one step when it is complete and on the disk. Raises
    OSError, and leaves the old one, where that fails.
    """
    unfinished = f"{path}.{os.getpid()}.tmp"
    try:
        with open(unfinished, "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr(TEXT, text)
                for name, array in arrays.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                        npy.write_array(member, array.asnumpy(), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        with suppress(OSError):  # it has its new name, or there is none
            os.remove(unfinished)


def remove_unfinished(path):
    """Remove what processes left beside `path` that were killed while they wrote."""
    for name in glob.glob(f"{glob.escape(str(path))}.*.tmp"):
        process = name.split(".")[-2]
        if process.isdecimal():
            try:
                os.kill(int(process), 0)  # signal 0 only asks whether there is such a process
            except ProcessLookupError:
                with suppress(OSError):
                    os.remove(name)
            except (OSError, OverflowError):
                pass  # it is someone else's, or no process of ours is numbered so


def size(arrays):
    """Return the number of bytes that a file with these arrays has at most."""
    return 2 * LARGEST + sum(map(_size, arrays.values()))


def _size(array):
    return array.size * numpy.dtype(array.dtype).itemsize + 2000  # its header is a line or two


def read_text(archive):
    """Return the text of an open ZipFile. Raises ValueError, BadZipFile and more where it is damaged."""
    return _read(archive, TEXT, LARGEST)


def read_array(archive, name, like):
    """Return an array of an open ZipFile that has the shape and type of `like`; raises as `read_text` does."""
    content = _read(archive, f"{name}.npy", _size(like))
    file = BytesIO(content)
    npy.read_magic(file)
    declared, expected = npy.read_array_header_1_0(file), (like.shape, False, numpy.dtype(like.dtype))
    if declared != expected:
        raise ValueError(f"{name} is declared as {declared}, not {expected}")
    return numpy.frombuffer(content, like.dtype, offset=file.tell()).reshape(like.shape)


def _read(archive, name, largest):
    info = archive.getinfo(name)
    if info.compress_type != zipfile.ZIP_STORED or info.file_size > largest:
        raise ValueError(f"{name} is compressed or has more than {largest} bytes")
    with archive.open(info) as file:
        return file.read(largest + 1)  # to the end, where zipfile compares the checksum
