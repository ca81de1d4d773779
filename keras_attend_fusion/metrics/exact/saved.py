"""The file in which an evaluator's state is kept."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import math
import tokenize
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from keras_attend_fusion.files import beside
from keras_attend_fusion.metrics.exact.videos import DTYPES, Videos

ARGUMENTS = ("num_classes", "top_k", "ranking", "memory")
_FORMAT = "keras-attend-fusion evaluator 1"
_SCALARS = ("format", *ARGUMENTS)
_CHECKSUM = "checksum"
_SUFFIX = ".npy"
_AT_A_TIME = 2**24  # bytes that are read together
# What zipfile and NumPy raise where bytes are not what they ought to be.
_DAMAGE = (
    ValueError,
    KeyError,
    EOFError,
    TypeError,
    SyntaxError,
    OverflowError,
    RuntimeError,
    tokenize.TokenError,
    zipfile.BadZipFile,
)


class State(NamedTuple):
    """What a file holds; `blocks` are read one by one."""

    arguments: dict[str, Any]
    videos: Videos
    blocks: Iterator[np.ndarray]


def write(
    path: str | Path,
    arguments: dict[str, Any],
    videos: Videos,
    blocks: Iterable[np.ndarray],
) -> None:
    """Writes an `.npz` file, array by array, so that none is held twice.

    It ends with a checksum of the names, types, shapes and values of the
    arrays before it.
    """
    digest = hashlib.sha256()
    with (
        beside(path) as unfinished,
        zipfile.ZipFile(unfinished, "w", allowZip64=True) as archive,
    ):
        arrays = {"format": np.array(_FORMAT)}
        arrays |= {name: np.array(arguments[name]) for name in ARGUMENTS}
        named = itertools.chain(
            {**arrays, **videos._asdict()}.items(),
            ((f"scores_{i}", block) for i, block in enumerate(blocks)),
        )
        for name, array in named:
            _write_array(archive, name, array)
            _add(digest, name, array)
        _write_array(archive, _CHECKSUM, np.array(digest.hexdigest()))


def _write_array(
    archive: zipfile.ZipFile, name: str, array: np.ndarray
) -> None:
    with archive.open(f"{name}{_SUFFIX}", "w", force_zip64=True) as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


def _add(digest: Any, name: str, array: np.ndarray) -> None:
    digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
    digest.update(np.ascontiguousarray(array).reshape(-1).view("uint8"))


@contextlib.contextmanager
def reading(path: str | Path) -> Iterator[State]:
    """What `write` was given.

    A checksum is compared after the last block; a file without one, of an
    earlier version, is read all the same.

    Raises:
        ValueError: the file is not one that `write` wrote, or was damaged;
            so is a ValueError of the block reported.
    """
    with Path(path).open("rb") as raw:
        try:
            with zipfile.ZipFile(raw) as archive:
                yield _state(archive, raw.seek(0, 2))
        except (*_DAMAGE, OSError) as error:
            # To zipfile, a damaged offset is a place that cannot be sought.
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise
            raise ValueError(
                f"{path} is not a saved evaluator, or was damaged ({error}): "
                "pass a file that Evaluator.save wrote"
            ) from error


def _state(archive: zipfile.ZipFile, size: int) -> State:
    members = _members(archive, size)
    digest = hashlib.sha256()

    def take(name: str, *expected: str) -> np.ndarray:
        array = _read_array(archive, members.pop(name), expected)
        if name != _CHECKSUM:
            _add(digest, name, array)
        return array

    arguments: dict[str, Any] = {}
    for name in _SCALARS:
        scalar = take(name, *("U" if name in ("format", "ranking") else "iu"))
        if scalar.shape:
            raise ValueError(f"{name} has the shape {scalar.shape}")
        arguments[name] = scalar.item()
    if arguments.pop("format") != _FORMAT:
        raise ValueError("it is of another format")
    videos = Videos(*(take(name, DTYPES[name]) for name in Videos._fields))

    def blocks() -> Iterator[np.ndarray]:
        count = len(members) - (_CHECKSUM in members)
        for index in range(count):
            yield take(f"scores_{index}", "float32")
        if members and take(_CHECKSUM, "U").item() != digest.hexdigest():
            raise ValueError("its checksum is not that of what it holds")

    return State(arguments, videos, blocks())


def _members(archive: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """The members by the names of their arrays.

    They are not compressed, so that what is read is bounded by the size of
    the file.
    """
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(_SUFFIX)
        if name in members:
            raise ValueError(f"it holds {name} twice")
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            raise ValueError(f"{name} is compressed or encrypted")
        members[name] = info
    if sum(info.file_size for info in members.values()) > size:
        raise ValueError("its arrays are larger than the file")
    return members


def _read_array(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, expected: tuple[str, ...]
) -> np.ndarray:
    """An array whose dtype, or the kind of it, is one of `expected`."""
    with archive.open(info) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError(f"{info.filename} is of another version of .npy")
        shape, by_columns, dtype = np.lib.format.read_array_header_1_0(file)
        right = dtype.name in expected or dtype.kind in expected
        if not right or not dtype.isnative:
            raise ValueError(f"{info.filename} holds {dtype}")
        if math.prod(shape) * dtype.itemsize != info.file_size - file.tell():
            raise ValueError(
                f"{info.filename} has the shape {shape}, but holds "
                f"{info.file_size:,} bytes"
            )
        array = np.empty(shape, dtype, "F" if by_columns else "C")
        _fill(file, array.reshape(-1, order="A").view("uint8"))
    return array


def _fill(file: IO[bytes], raw: np.ndarray) -> None:
    """Reads as many bytes as there is room for, and that there are no more.

    The archive's own checksum is compared at the end of a member alone.
    """
    for start in range(0, raw.size, _AT_A_TIME):
        into = raw[start : start + _AT_A_TIME]
        part = file.read(into.size)
        if len(part) < into.size:
            raise EOFError("an array is cut off")
        into[:] = np.frombuffer(part, "uint8")
    file.read(1)
