"""A video as people give it, checked and turned into arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from keras_attend_fusion.data.plan import MOST_MAGNITUDE
from keras_attend_fusion.data.schema import MOST_FRAMES

BESIDE = ("id", "labels")  # what a video has beside its modalities


@dataclass(frozen=True)
class GivenVideo:
    """A video to be written.

    Attributes:
        row: How many videos came before it.
        id: Its id.
        labels: Its labels, as they were given.
        vectors: uint8 or float32 `(vectors, size)` of each modality that it
            has, at video level of one vector.
        ends: The least and the greatest value of those that are float32.
    """

    row: int
    id: str
    labels: Any
    vectors: dict[str, np.ndarray]
    ends: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"video {self.id!r} (row {self.row})"


def given_video(row: int, values: Any, level: str) -> GivenVideo:
    """Checks a video's dict.

    Args:
        row: How many videos came before it.
        values: `id`, `labels`, and an array a modality: anything that NumPy
            makes an array of. None stands for a modality that is absent.
        level: `"video"` or `"frame"`.

    Raises:
        ValueError: The dict is not as `write` takes it; the message names
            the video and the modality.

    Example:

    >>> video = given_video(0, {"id": "a", "rgb": [[1.0, 2.0]]}, "frame")
    >>> video.vectors["rgb"].shape
    (1, 2)
    """
    if not isinstance(values, Mapping):
        raise ValueError(
            f"row {row} is {type(values).__name__}, expected a dict with id, "
            "labels and an array a modality."
        )
    name = _id(row, values.get("id"))
    video = GivenVideo(row, name, values.get("labels"), {})
    for key, value in values.items():
        if key in BESIDE or value is None:
            continue
        if not isinstance(key, str):
            raise ValueError(
                f"{video.name} has the key {key!r}: the names of modalities "
                "are strings."
            )
        try:
            array, ends = _vectors(value, level)
        except ValueError as error:
            raise ValueError(f"{video.name}: {key} {error}") from error
        if array.size:
            video.vectors[key] = array
            if ends is not None:
                video.ends[key] = ends
    if not video.vectors:
        raise ValueError(
            f"{video.name} has no modality: give an array of one at least."
        )
    vectors = video.vectors.values()
    if level == "video" and not any(array.any() for array in vectors):
        raise ValueError(
            f"{video.name}: {' and '.join(video.vectors)}: zeros alone, which "
            "stand for what is absent at video level: leave the video out."
        )
    return video


def _id(row: int, value: Any) -> str:
    """An id as text; a number is its digits."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            raise ValueError(f"row {row}: id {value!r} is not UTF-8.") from None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value:
        raise ValueError(
            f"row {row} has no id: expected a text or a number, got {value!r}."
        )
    return value


def _vectors(
    value: Any, level: str
) -> tuple[np.ndarray, tuple[float, float] | None]:
    """An array of uint8 or finite float32, `(vectors, size)`, and its ends."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        reason = str(error).split("\n")[0]
        raise ValueError(
            f"cannot be made an array, as of rows of differing sizes: {reason}"
        ) from error
    if array.dtype.kind not in "fiu":
        raise ValueError(
            f"is an array of {array.dtype}, expected floats or uint8"
            + " (rows of differing sizes?)" * (array.dtype.kind == "O")
        )
    if array.ndim == 1:
        array = array[None]
    elif array.ndim != 2 or level == "video":
        expected = (
            "(size,)" if level == "video" else "(frames, size) or (size,)"
        )
        raise ValueError(f"has the shape {array.shape}, expected {expected}")
    if len(array) > MOST_FRAMES:
        raise ValueError(f"has {len(array)} frames, {MOST_FRAMES} at most")
    if array.dtype == np.uint8 or not array.size:
        return array, None
    with np.errstate(over="ignore"):
        floats = np.ascontiguousarray(array, np.float32)
    least, greatest = float(floats.min()), float(floats.max())
    # Neither holds of NaN.
    if not (least >= -MOST_MAGNITUDE and greatest <= MOST_MAGNITUDE):
        _refuse(floats)
    return floats, (least, greatest)


def _refuse(floats: np.ndarray) -> None:
    """Says which value cannot be used."""
    bad = ~(np.abs(floats) <= MOST_MAGNITUDE)
    frame, place = np.argwhere(bad)[0].tolist()
    where = (
        f"frame {frame}, value {place}"
        if len(floats) > 1
        else (f"value {place}")
    )
    raise ValueError(
        f"holds {floats[frame, place]:g} ({where}): expected finite numbers "
        f"within ±{MOST_MAGNITUDE:g}"
    )
