"""The bytes of records at places in several shards."""

from __future__ import annotations

import os
import threading
from io import FileIO

import google_crc32c
import numpy as np

from keras_attend_fusion.data.count import record_bytes
from keras_attend_fusion.data.errors import (
    CorruptRecordError,
    UnreadableShardError,
)
from keras_attend_fusion.data.framing import (
    CHECKSUM_BYTES,
    FRAMING_BYTES,
    HEADER_BYTES,
    broken_framing,
    masked,
    opened,
)
from keras_attend_fusion.data.shard_bytes import (
    compression_of,
    size_of,
    unreadable,
)
from keras_attend_fusion.data.sharing import RecordRange

OPEN_FILES = 64
AT_ONCE = 1 << 20  # bytes
FETCHED_BYTES = 16 << 20  # of a shard, at most


def readable(paths: list[str]) -> bool:
    """Whether shards can be read like this, on this machine."""
    return (
        hasattr(os, "preadv")
        and google_crc32c.implementation == "c"
        and not any("://" in path for path in paths)
        and not any(map(_compressed, paths))
    )


def _compressed(path: str) -> bool:
    """Whether a shard is compressed; one that cannot be read is told later."""
    try:
        size_of(path)
        with unreadable(path), opened(path) as read:
            return bool(compression_of(read))
    except UnreadableShardError:
        return False


class Shards:
    """Reads from any place; several threads may do so at once.

    Args:
        ranges: Those that the places are of.
    """

    def __init__(self, ranges: list[RecordRange]) -> None:
        self._ranges = ranges
        self._lock = threading.Lock()
        self._files: dict[int, FileIO] = {}

    def read(
        self, places: np.ndarray, data: np.ndarray, starts: np.ndarray
    ) -> None:
        """Reads records, each within its framing.

        Args:
            places: `(range, start, end)` of each.
            data: Bytes that they are read into.
            starts: Where each record goes, without its framing.

        Raises:
            CorruptRecordError: A checksum does not match, or the shard has
                become shorter.
        """
        view = data.data
        ends = starts + places[:, 2] - places[:, 1]
        checksums = np.empty(len(places), np.uint32)
        for first, after in _runs(places, starts):
            number, start, _ = places[first].tolist()
            into = view[
                starts[first] - HEADER_BYTES : ends[after - 1] + CHECKSUM_BYTES
            ]
            file = self._file(number)
            count = os.preadv(file.fileno(), [into], start - HEADER_BYTES)
            if count < len(into):
                raise self.broken(number, start)
            for i in range(first, after):
                checksums[i] = google_crc32c.value(data[starts[i] : ends[i]])
        bytes_of_each = data[ends[:, None] + np.arange(CHECKSUM_BYTES)]
        wrong = np.flatnonzero(
            masked(checksums) != bytes_of_each.view("<u4")[:, 0]
        )
        if len(wrong):
            number, start, _ = places[wrong[0]].tolist()
            raise self.broken(number, start)

    def _file(self, number: int) -> FileIO:
        """A shard, open; where too many are, the oldest is let go.

        A thread that still reads from that one holds it, so it stays open.
        """
        with self._lock:
            file = self._files.get(number)
            if file is None:
                if len(self._files) == OPEN_FILES:
                    del self._files[next(iter(self._files))]
                path = self._ranges[number].path
                with unreadable(path):
                    file = FileIO(path)
                _fetch(file)
                self._files[number] = file
            return file

    def broken(
        self, number: int, start: int, reason: str = ""
    ) -> CorruptRecordError:
        """The error that names a record; by itself it looks at its framing."""
        path = self._ranges[number].path
        offset = start - HEADER_BYTES
        if not reason:
            with FileIO(path) as file:
                file.seek(offset)
                header = file.read(HEADER_BYTES)
            reason = broken_framing(header, os.path.getsize(path) - offset)
        index = at = 0
        for size in record_bytes(path):
            if at >= offset:
                break
            at += size + FRAMING_BYTES
            index += 1
        return CorruptRecordError(path, offset, index, reason)


def _fetch(file: FileIO) -> None:
    """Asks the system to read a small shard from the disk at once.

    Its records are about to be read, a few thousand bytes each and in any
    order, for which the disk would go to and fro.
    """
    size = os.fstat(file.fileno()).st_size
    if hasattr(os, "posix_fadvise") and size <= FETCHED_BYTES:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)


def _runs(places: np.ndarray, starts: np.ndarray) -> list[tuple[int, int]]:
    """The first of records that lie behind each other, and the one after.

    No run goes on over `AT_ONCE` bytes: then the processor's cache still holds
    what was read when the checksums are computed.
    """
    number, start, end = places.T
    go_on = (number[1:] == number[:-1]) & (
        start[1:] == end[:-1] + FRAMING_BYTES
    )
    go_on &= starts[1:] // AT_ONCE == starts[:-1] // AT_ONCE
    breaks = (np.flatnonzero(~go_on) + 1).tolist()
    return list(zip([0, *breaks], [*breaks, len(places)], strict=True))
