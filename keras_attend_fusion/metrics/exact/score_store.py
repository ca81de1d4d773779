"""Every score of every video, in memory or in a temporary file."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

_AT_A_TIME = 2**20  # scores that are read and worked on together


class ScoreStore:
    """Scores laid out class by class, so that a class is one contiguous read.

    Blocks of videos stay in memory up to a limit; what goes beyond is moved
    to a file that nobody else sees and that vanishes with the store. Adding
    up to twice the limit's bytes at once is fine.

    Args:
        num_classes: how many scores a video has.
        memory: bytes of scores that stay in memory.

    Example:

    >>> store = ScoreStore(num_classes=2, memory=0)
    >>> store.append(np.array([[0.1, 0.2, 0.3], [0.7, 0.8, 0.9]], "float32"))
    >>> store.read(1, 2)
    array([[0.7, 0.8, 0.9]], dtype=float32)
    """

    def __init__(self, num_classes: int, memory: int) -> None:
        self.num_classes = num_classes
        self.memory = memory
        self.videos = 0
        self._held: list[np.ndarray] = []
        self._held_bytes = 0
        self._file: Any = None
        self._filed: list[tuple[int, int]] = []  # offset in bytes, videos
        self._lock = threading.Lock()

    def append(self, block: np.ndarray) -> None:
        """Adds a block of float32 scores, shape (classes, videos)."""
        self.videos += block.shape[1]
        self._held.append(block)
        self._held_bytes += block.nbytes
        if self._held_bytes > self.memory:
            self._move_to_file()

    def blocks(self) -> Iterator[np.ndarray]:
        """What was appended, in blocks that may differ from those."""
        for filed in self._filed:
            yield self._read_filed(filed, 0, self.num_classes)
        yield from self._held

    def slabs(self) -> Iterator[tuple[slice, slice, np.ndarray]]:
        """All scores in pieces: their classes, their videos, and they."""
        first = 0
        for filed in self._filed:
            videos = slice(first, first + filed[1])
            for start, stop in self._ranges(filed[1]):
                piece = self._read_filed(filed, start, stop)
                yield slice(start, stop), videos, piece
            first = videos.stop
        for block in self._held:
            videos = slice(first, first + block.shape[1])
            yield slice(0, self.num_classes), videos, block
            first = videos.stop

    def ranges(self) -> list[tuple[int, int]]:
        """Ranges of classes that are worth reading together."""
        return self._ranges(self.videos)

    def _ranges(self, videos: int) -> list[tuple[int, int]]:
        step = max(1, _AT_A_TIME // max(videos, 1))
        starts = range(0, self.num_classes, step)
        return [(s, min(s + step, self.num_classes)) for s in starts]

    def read(self, start: int, stop: int) -> np.ndarray:
        """A copy of the scores of some classes, shape (classes, videos)."""
        parts = [self._read_filed(part, start, stop) for part in self._filed]
        parts += [block[start:stop] for block in self._held]
        return np.concatenate(parts, axis=1)

    def _move_to_file(self) -> None:
        if self._file is None:
            # Open as long as the store is, and then gone.
            self._file = tempfile.TemporaryFile(prefix="scores-")  # noqa: SIM115
        offset = self._file.seek(0, 2)
        videos = sum(block.shape[1] for block in self._held)
        for start, stop in self._ranges(videos):
            parts = [block[start:stop] for block in self._held]
            self._file.write(np.concatenate(parts, axis=1).tobytes())
        self._filed.append((offset, videos))
        self._held, self._held_bytes = [], 0

    def _read_filed(
        self, filed: tuple[int, int], start: int, stop: int
    ) -> np.ndarray:
        offset, videos = filed
        block = np.empty((stop - start, videos), "float32")
        with self._lock:
            self._file.seek(offset + start * videos * block.itemsize)
            self._file.readinto(block)
        return block

    def __getstate__(self) -> dict[str, Any]:
        return {
            "num_classes": self.num_classes,
            "memory": self.memory,
            "blocks": list(self.blocks()),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["num_classes"], state["memory"])  # type: ignore[misc]
        for block in state["blocks"]:
            self.append(block)
