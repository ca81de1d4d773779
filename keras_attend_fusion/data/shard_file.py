"""A TFRecord file that is written record by record."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path
from types import TracebackType

from keras_attend_fusion.data.framing import checksum

BUFFER = 1 << 17  # bytes; one a file that is open


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
    ...     shard.write(b"a record")
    >>> shard.records, shard.bytes
    (1, 24)
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records = self.bytes = 0
        self._file = open(path, "xb", BUFFER)  # noqa: SIM115

    def write(self, record: bytes) -> None:
        """Adds a record.

        Raises:
            OSError: It cannot be written, as of a disk that is full; the
                error names the file.
        """
        length = struct.pack("<Q", len(record))
        try:
            self._file.write(length + checksum(length))
            self._file.write(record)
            self._file.write(checksum(record))
        except OSError as error:
            raise self._named(error) from error
        self.records += 1
        self.bytes += len(record) + 16

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
