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

BUFFER = 1 << 20  # bytes: systems take large pieces at a lower cost


class ShardFile:
    """Writes records with their framing.

    Args:
        path: The file, which must not exist.
        buffer: Bytes that are written at once.

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

    def __init__(self, path: Path, buffer: int = BUFFER) -> None:
        self.path = path
        self.records = self.bytes = 0
        self._file = open(path, "xb", buffer)  # noqa: SIM115

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
        framed: list[Any] = [
            length + checksum(length),
            *parts,
            masked_checksum(crc),
        ]
        try:
            self._file.write(b"".join(framed))
        except OSError as error:
            raise self._named(error) from error
        self.records += 1
        self.bytes += size + FRAMING_BYTES

    def close(self) -> None:
        """Writes what is held back, and closes the file."""
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
