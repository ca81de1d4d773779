"""A `.keras` file of anybody's, looked at before Keras reads it."""

from __future__ import annotations

import io
import math
import zipfile
from pathlib import Path
from typing import Any

from keras_attend_fusion.files import most_unpacked, open_archive, read_member

WEIGHTS = "model.weights.h5"
LOCAL_HEADER = 30  # bytes of it before the name
MOST_TEXT = 16 << 20  # bytes of a member that is not the weights


def check_keras_file(path: Path) -> None:
    """Raises `ValueError` if a `.keras` file would take too much to read.

    Keras reads the members whole, and each array of weights before it is
    compared with the layer's shape; a small file can say that it holds more
    than the machine has.
    """
    with open_archive(path) as archive:
        for member in archive.infolist():
            # Keras keeps weights in this member alone, others are text.
            if member.filename.endswith(".json"):
                read_member(archive, member.filename, MOST_TEXT)
        if WEIGHTS in archive.namelist():
            _check_arrays(path, archive)


def _check_arrays(path: Path, archive: zipfile.ZipFile) -> None:
    import h5py

    member = archive.getinfo(WEIGHTS)
    declared = 0

    def add(name: str, item: Any) -> None:
        nonlocal declared
        if not isinstance(item, h5py.Dataset):
            return
        if item.external or item.is_virtual:
            raise ValueError(f"{WEIGHTS}: {name} lies in another file")
        # `nbytes` overflows.
        declared += math.prod(item.shape or (0,)) * item.dtype.itemsize

    with path.open("rb") as file:
        raw: Any = (
            _Stored(file, member)
            if member.compress_type == zipfile.ZIP_STORED
            else io.BytesIO(read_member(archive, WEIGHTS, member.file_size))
        )
        try:
            with h5py.File(raw, "r") as weights:
                weights.visititems(add)
        except (OSError, RuntimeError, KeyError, TypeError) as error:
            reason = str(error).split("\n", 1)[0]
            raise ValueError(f"{WEIGHTS} cannot be read: {reason}") from error
    if declared > most_unpacked(member.file_size):
        raise ValueError(
            f"{WEIGHTS} of {member.file_size:,} bytes declares arrays of "
            f"{declared:,}, expected {most_unpacked(member.file_size):,} at "
            "most"
        )


class _Stored(io.RawIOBase):
    """The bytes of a member that is stored as it is, without a copy.

    `ZipFile.open` reads from the start again when it is to go back.
    """

    def __init__(self, file: Any, member: zipfile.ZipInfo) -> None:
        self._file, self._size, self._at = file, member.file_size, 0
        file.seek(member.header_offset)
        header = file.read(LOCAL_HEADER)
        lengths = (header[26:28], header[28:30])  # of the name, of extras
        self._start = member.header_offset + LOCAL_HEADER
        self._start += sum(int.from_bytes(n, "little") for n in lengths)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        count = max(0, min(len(buffer), self._size - self._at))
        self._file.seek(self._start + self._at)
        data = self._file.read(count)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
