"""What a written set holds of each modality, and its vectors as bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_attend_fusion.data import encoding
from keras_attend_fusion.data.direct.wire import BYTES, FLOATS
from keras_attend_fusion.data.given_video import GivenVideo
from keras_attend_fusion.data.modality import WIDTHS, Modality, value_range
from keras_attend_fusion.data.quantisation import (
    SHIFT,
    dequantised,
    quantised,
)

# Of which the error of bytes is measured: vectors of a video, and the first
# videos; of the others every eighth.
MEASURED, MEASURED_VIDEOS = 4, 100
DEFAULTS = {"video": "float32", "frame": "uint8"}
FLOAT16_END = 65520  # from there on numbers round to infinity
Range = tuple[float, float]


@dataclass
class Column:
    """A modality as it is written.

    Attributes:
        modality: Its name, key, size, dtype, storage and range.
        first: The first video that has it, for errors.
        given_bytes: Whether uint8 came, which is written as it is.
        videos: How many videos have it.
        clipped: Values beyond the range.
        values: Values in all.
        least: The least value that came.
        greatest: The greatest value that came.
        signal: The sum of the squares of what was measured.
        noise: The sum of the squares of its error.
    """

    modality: Modality
    first: str
    given_bytes: bool
    videos: int = 0
    clipped: int = 0
    values: int = 0
    least: float = math.inf
    greatest: float = -math.inf
    signal: float = 0.0
    noise: float = 0.0

    @property
    def fits(self) -> bool:
        """Whether its range is to be fitted to its values."""
        part = self.modality
        fitted = part.dtype == "uint8" and not self.given_bytes
        return fitted and part.range is None

    def measure(self, vectors: np.ndarray, stored: np.ndarray) -> None:
        """Adds the error of some of a video's vectors."""
        step = -(-len(vectors) // MEASURED)
        values = vectors[::step].astype(np.float64)
        self.signal += float(np.vdot(values, values))
        values -= dequantised(stored[::step], self.modality.value_range)
        self.noise += float(np.vdot(values, values))

    @property
    def decibels(self) -> float | None:
        """Signal over noise; None where nothing is rounded to bytes."""
        if self.given_bytes or not self.signal or not self.noise:
            return None
        return 10 * math.log10(self.signal / self.noise)


class LayoutWriter:
    """Turns vectors into features, and learns the layout from them.

    Args:
        level: `"video"` or `"frame"`.
        dtype: Of all modalities, or by name; None for the level's.
        ranges: Of all modalities, or by name; None to fit them.

    Raises:
        ValueError: A dtype or a range is none.
    """

    def __init__(self, level: str, dtype: Any, ranges: Any) -> None:
        self._level = level
        self._dtypes = dtype if isinstance(dtype, Mapping) else None
        self._dtype = None if isinstance(dtype, Mapping) else dtype
        for value in self._dtypes.values() if self._dtypes else [dtype]:
            if not isinstance(dtype, Mapping) and dtype is None:
                continue
            if value not in WIDTHS:
                raise ValueError(
                    f"dtype has to be one of {', '.join(WIDTHS)}, got "
                    f"{value!r}."
                )
        self._ranges: dict[str, Range] = {}
        self._range: Range | None = None
        if isinstance(ranges, Mapping):
            for name, value in ranges.items():
                self._ranges[name] = value_range(name, value)
        elif ranges is not None and not isinstance(ranges, str):
            self._range = value_range("all modalities", ranges)
        elif ranges not in (None, "fit"):
            raise ValueError(
                "ranges has to be 'fit', (least, greatest), or a dict of such "
                f"pairs by modality, got {ranges!r}."
            )
        self.columns: dict[str, Column] = {}
        self.frames = 1  # of the longest video

    @property
    def may_fit(self) -> bool:
        """Whether the range of some modality may have to be fitted."""
        dtypes = [DEFAULTS[self._level] if self._dtype is None else self._dtype]
        dtypes += (self._dtypes or {}).values()
        return "uint8" in dtypes and self._range is None

    def require_all_used(self) -> None:
        """Raises `ValueError` if an option names no modality that came."""
        for option, names in (
            ("dtype", self._dtypes or {}),
            ("ranges", self._ranges),
        ):
            unknown = [name for name in names if name not in self.columns]
            if unknown:
                raise ValueError(
                    f"{option} names {unknown[0]!r}, but the videos have "
                    f"{', '.join(self.columns)}."
                )

    def look(self, video: GivenVideo) -> None:
        """Checks a video's vectors against those before, widens the ranges."""
        for name, vectors in video.vectors.items():
            column = self._column(name, vectors, video)
            if column.fits:
                least, greatest = video.ends[name]
                column.least = min(column.least, least)
                column.greatest = max(column.greatest, greatest)

    def fit(self, margin: float) -> None:
        """Fits the ranges to the values that were looked at.

        Args:
            margin: By how much of themselves they are widened on each side.
        """
        for column in self.columns.values():
            if column.fits:
                self._fit(column, margin)

    def features(self, video: GivenVideo) -> dict[str, encoding.Parts]:
        """The features of a video, or its feature lists, by key."""
        features = {}
        for name, vectors in video.vectors.items():
            column = self._column(name, vectors, video)
            if column.fits:  # none of the videos that were looked at had it
                column.least, column.greatest = video.ends[name]
                self._fit(column, 0.5)
            column.videos += 1
            features[column.modality.key] = self._feature(
                column, vectors, video
            )
        return features

    def _column(
        self, name: str, vectors: np.ndarray, video: GivenVideo
    ) -> Column:
        column = self.columns.get(name)
        if column is None:
            column = self.columns[name] = self._new(name, vectors, video)
        part = column.modality
        if vectors.shape[1] != part.size:
            raise ValueError(
                f"{video.name}: {name} has {vectors.shape[1]} values, but "
                f"{part.size} in {column.first}"
            )
        if (vectors.dtype == np.uint8) != column.given_bytes:
            kinds = "floats", "uint8"
            raise ValueError(
                f"{video.name}: {name} is {kinds[not column.given_bytes]}, but "
                f"{kinds[column.given_bytes]} in {column.first}"
            )
        self.frames = max(self.frames, len(vectors))
        return column

    def _new(self, name: str, vectors: np.ndarray, video: GivenVideo) -> Column:
        is_bytes = vectors.dtype == np.uint8
        asked = self._dtypes.get(name) if self._dtypes else self._dtype
        dtype = asked or ("uint8" if is_bytes else DEFAULTS[self._level])
        if is_bytes and dtype != "uint8":
            raise ValueError(
                f"{video.name}: {name} is uint8, bytes that stand for other "
                f"values, but its dtype is to be {dtype}: give floats"
            )
        span = self._ranges.get(name, self._range)
        if name in self._ranges and dtype != "uint8":
            raise ValueError(
                f"ranges has {name!r}, but its dtype is {dtype}: ranges are "
                "of uint8"
            )
        floats = self._level == "video" and dtype == "float32"
        try:
            modality = Modality(
                name,
                f"mean_{name}" if self._level == "video" else name,
                vectors.shape[1],
                dtype,
                "floats" if floats else "bytes",
                span if dtype == "uint8" else None,
            )
        except ValueError as error:
            raise ValueError(f"{video.name}: {error}") from error
        return Column(modality, video.name, is_bytes)

    def _fit(self, column: Column, margin: float) -> None:
        span = column.greatest - column.least
        # Of values that are all the same, a range that float32 can tell.
        span = max(span, 1e-5 * max(abs(column.greatest), 1e-5))
        least = column.least - margin * span
        span *= 1 + 2 * margin
        # The byte 0 stands for span / SHIFT above the range's end.
        least -= span / SHIFT
        column.modality = replace(column.modality, range=(least, least + span))

    def _feature(
        self, column: Column, vectors: np.ndarray, video: GivenVideo
    ) -> encoding.Parts:
        part = column.modality
        column.values += vectors.size
        if part.dtype == "uint8" and not column.given_bytes:
            ends = video.ends[part.name]
            stored, clipped = quantised(vectors, part.value_range, ends)
            column.clipped += clipped
            if column.videos < MEASURED_VIDEOS or column.videos % 8 == 0:
                column.measure(vectors, stored)
        elif part.dtype == "float16":
            if max(map(abs, video.ends[part.name])) >= FLOAT16_END:
                raise ValueError(
                    f"{video.name}: {part.name} holds values beyond ±65504, "
                    "which float16 does not: pass dtype='float32'"
                )
            stored = vectors.astype("<f2")
        else:
            stored = vectors
        if self._level == "video":
            if part.storage == "floats":
                return encoding.floats_feature(stored[0])
            return encoding.bytes_feature(stored[0].tobytes())
        kind = FLOATS if part.storage == "floats" else BYTES
        frames = np.ascontiguousarray(stored).view(np.uint8)
        return encoding.frame_list(frames, kind)
