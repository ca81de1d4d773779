"""The bytes of records at places in several shards."""

from __future__ import annotations

import os
import threading
from io import FileIO

import google_crc32c
import numpy as np

from keras_attend_fusion.data.count import record_bytes
from keras_attend_fusion.data.framing import (
    CHECKSUM_BYTES,
    FRAMING_BYTES,
    HEADER_BYTES,
    broken_framing,
    masked,
)
from keras_attend_fusion.data.shards import CorruptRecordError
from keras_attend_fusion.data.sharing import Stretch

OPEN_FILES = 64
AT_ONCE = 1 << 20  # bytes
FETCHED_BYTES = 16 << 20  # of a shard, at most


def readable(paths: list[str]) -> bool:
    """Whether shards can be read like this, on this machine."""
    return (
        hasattr(os, "preadv")
        and google_crc32c.implementation == "c"
        and not any("://" in path for path in paths)
    )


class Shards:
    """Reads from any place; several threads may do so at once.

    Args:
        stretches: Those that the places are of.
    """

    def __init__(self, stretches: list[Stretch]) -> None:
        self._stretches = stretches
        self._lock = threading.Lock()
        self._files: dict[int, FileIO] = {}

    def read(
        self, places: np.ndarray, data: np.ndarray, starts: np.ndarray
    ) -> None:
        """Reads records, each within its framing.

        Args:
            places: `(stretch, start, end)` of each.
            data: Bytes that they are read into.
            starts: Where each record goes, without its framing.

        Raises:
            CorruptRecordError: A checksum does not match, or the shard has
                become shorter.
        """
        view = data.data
        ends = starts + places[:, 2] - places[:, 1]
        found = np.empty(len(places), np.uint32)
        for first, after in _runs(places, starts):
            stretch, start, _ = places[first].tolist()
            into = view[
                starts[first] - HEADER_BYTES : ends[after - 1] + CHECKSUM_BYTES
            ]
            file = self._file(stretch)
            count = os.preadv(file.fileno(), [into], start - HEADER_BYTES)
            if count < len(into):
                raise self.broken(stretch, start)
            for i in range(first, after):
                found[i] = google_crc32c.value(data[starts[i] : ends[i]])
        bytes_of_each = data[ends[:, None] + np.arange(CHECKSUM_BYTES)]
        wrong = np.flatnonzero(masked(found) != bytes_of_each.view("<u4")[:, 0])
        if len(wrong):
            stretch, start, _ = places[wrong[0]].tolist()
            raise self.broken(stretch, start)

    def _file(self, stretch: int) -> FileIO:
        """A shard, open; where too many are, the oldest is let go.

        A thread that still reads from that one holds it, so it stays open.
        """
        with self._lock:
            file = self._files.get(stretch)
            if file is None:
                if len(self._files) == OPEN_FILES:
                    del self._files[next(iter(self._files))]
                file = FileIO(self._stretches[stretch].path)
                _fetch(file)
                self._files[stretch] = file
            return file

    def broken(
        self, stretch: int, start: int, reason: str = ""
    ) -> CorruptRecordError:
        """The error that names a record; by itself it looks at its framing."""
        path = self._stretches[stretch].path
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
    stretch, start, end = places.T
    go_on = (stretch[1:] == stretch[:-1]) & (
        start[1:] == end[:-1] + FRAMING_BYTES
    )
    go_on &= starts[1:] // AT_ONCE == starts[:-1] // AT_ONCE
    breaks = (np.flatnonzero(~go_on) + 1).tolist()
    return list(zip([0, *breaks], [*breaks, len(places)], strict=True))
