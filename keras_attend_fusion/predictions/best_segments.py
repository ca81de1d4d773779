"""The best-scored segments of every class, in bounded memory."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TextIO

import numpy as np

from keras_attend_fusion.files import write_row

HEADER = ["Class", "Segments"]
ROOM = 8192  # at least so many are taken in before the worst are dropped
MOST_VIDEOS = 1 << 23  # at 9 bits for the start of a segment; see `_bits`
NUMBER_BITS = 32


class BestSegments:
    """Keeps, of each class, the segments with the highest scores.

    Equal scores are ranked by video id, then by start. What is kept does not
    depend on the order in which segments come.

    Memory: 8 bytes × classes × (`top` + the larger of `top` / 4 and 8192; or
    `most` if that is less), and some 70 bytes for the id of each video: 1 GB
    for the 1000 rated classes and the 100,000 segments of Kaggle's file.

    Args:
        classes: Index of each class.
        top: How many segments a class keeps.
        most: How many segments there may be in all.
        seconds: Every segment starts before that second.
    """

    def __init__(
        self, classes: list[int], top: int, most: int, seconds: int = 300
    ) -> None:
        self.classes = classes
        self.top = top
        self.ids: list[str] = []
        self.segments = 0  # added so far, kept or not
        self._held = 0  # columns in use
        # A segment is numbered `video << bits | start`.
        self._bits = max(9, (seconds - 1).bit_length())
        self._most_videos = min(MOST_VIDEOS, 1 << (NUMBER_BITS - self._bits))
        columns = max(1, min(top + max(ROOM, top // 4), most))
        self._scores = np.empty((len(classes), columns), "float32")
        self._numbers = np.empty((len(classes), columns), "uint32")

    @property
    def videos(self) -> int:
        """How many videos were added."""
        return len(self.ids)

    def add_videos(self, ids: list[str]) -> int:
        """Adds videos; returns the number of the first.

        Raises:
            ValueError: an id that the file could not hold, or too many.
        """
        if len(self.ids) + len(ids) > self._most_videos:
            raise ValueError(
                f"more than {self._most_videos} videos: predict the segments "
                "of fewer at a time"
            )
        for video in ids:
            if video.split() != [video]:
                raise ValueError(
                    f"the video id {video!r} holds a space, which separates "
                    "the segments of a row"
                )
        self.ids += ids
        return len(self.ids) - len(ids)

    def add(
        self, scores: np.ndarray, videos: np.ndarray, starts: np.ndarray
    ) -> None:
        """Adds segments.

        Args:
            scores: shape (segments, classes).
            videos: number of each segment's video, shape (segments,).
            starts: first second of each, of the same shape.
        """
        numbers = videos.astype("uint32") << np.uint32(self._bits)
        numbers |= starts.astype("uint32")
        self.segments += len(numbers)
        while len(numbers):
            if self._held == self._scores.shape[1]:
                self._prune()
            room = self._scores.shape[1] - self._held
            into = slice(self._held, self._held + len(numbers[:room]))
            self._scores[:, into] = scores[:room].T
            self._numbers[:, into] = numbers[:room]
            self._held = into.stop
            scores, numbers = scores[room:], numbers[room:]

    def write(self, file: TextIO) -> None:
        """Writes Kaggle's file of 2019: a row a class, best segment first."""
        write_row(file, HEADER)
        ranks = self._ranks()
        for c, index in enumerate(self.classes):
            scores = self._scores[c, : self._held]
            numbers = self._numbers[c, : self._held]
            keys = self._keys(numbers, ranks)
            order = np.lexsort((keys, -scores))[: self.top]
            segments = (
                f"{self.ids[number >> self._bits]}:{number & self._starts}"
                for number in numbers[order].tolist()
            )
            write_row(file, [index, " ".join(segments)])

    def _prune(self) -> None:
        ranks = functools.cache(self._ranks)  # seldom needed
        for scores, numbers in zip(self._scores, self._numbers, strict=True):
            kept = self._best(scores, numbers, ranks)
            scores[: self.top] = scores[kept]
            numbers[: self.top] = numbers[kept]
        self._held = self.top

    def _ranks(self) -> np.ndarray:
        """The place of each video's id among all of them."""
        order = np.argsort(np.array(self.ids, dtype=object), kind="stable")
        ranks = np.empty(len(order), "int64")
        ranks[order] = np.arange(len(order))
        return ranks

    @property
    def _starts(self) -> int:
        """The bits of a number that hold the start."""
        return (1 << self._bits) - 1

    def _keys(self, numbers: np.ndarray, ranks: np.ndarray) -> np.ndarray:
        """Numbers that sort segments by video id, then by start."""
        by_video = ranks[numbers >> self._bits] << self._bits
        keys: np.ndarray = by_video | (numbers & self._starts)
        return keys

    def _best(
        self,
        scores: np.ndarray,
        numbers: np.ndarray,
        ranks: Callable[[], np.ndarray],
    ) -> np.ndarray:
        """Where the best segments of a class are."""
        place = len(scores) - self.top
        cut = np.partition(scores, place)[place]
        above = np.flatnonzero(scores > cut)
        tied = np.flatnonzero(scores == cut)
        room = self.top - len(above)
        if len(tied) > room:
            keys = self._keys(numbers[tied], ranks())
            tied = tied[np.argpartition(keys, room - 1)[:room]]
        return np.concatenate([above, tied])
