"""A TFRecord file that is written record by record."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import google_crc32c
import numpy as np

from keras_attend_fusion.data.framing import (
    FRAMING_BYTES,
    checksum,
    masked_checksum,
)

MOST_PARTS = 500  # at once; systems take 1024 and more


class ShardFile:
    """Writes records with their framing.

    Args:
        path: The file, which must not exist.

    Attributes:
        path: The file.
        records: How many were written.
        bytes: How many bytes they take, with their framing.

    Example:

    >>> import tempfile
    >>> with ShardFile(Path(tempfile.mkdtemp()) / "a.tfrecord") as shard:
    ...     shard.write([b"a ", b"record"])
    >>> shard.records, shard.bytes
    (1, 24)
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records = self.bytes = 0
        self._file = open(path, "xb", 0)  # noqa: SIM115

    def write(self, parts: Sequence[bytes | np.ndarray]) -> None:
        """Adds a record.

        Args:
            parts: Its bytes, in stretches: bytes, or uint8 of one axis.

        Raises:
            OSError: It cannot be written, as of a disk that is full; the
                error names the file.
        """
        size = sum(map(len, parts))
        length = struct.pack("<Q", size)
        crc = 0
        for part in parts:
            crc = google_crc32c.extend(crc, part)
        framed = [length + checksum(length), *parts, masked_checksum(crc)]
        try:
            self._write(framed, size + FRAMING_BYTES)
        except OSError as error:
            raise self._named(error) from error
        self.records += 1
        self.bytes += size + FRAMING_BYTES

    def _write(self, parts: list[Any], size: int) -> None:
        written = 0
        if hasattr(os, "writev") and len(parts) <= MOST_PARTS:
            written = os.writev(self._file.fileno(), parts)
            if written == size:
                return
        rest = memoryview(b"".join(parts))[written:]
        while len(rest):
            rest = rest[self._file.write(rest) :]

    def close(self) -> None:
        """Closes the file."""
        try:
            self._file.close()
        except OSError as error:
            raise self._named(error) from error

    def _named(self, error: OSError) -> OSError:
        number = error.errno or errno.EIO
        return OSError(number, os.strerror(number), str(self.path))

    def __enter__(self) -> ShardFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
