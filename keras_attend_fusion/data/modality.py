"""One kind of feature of a video, and how records hold it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_attend_fusion.data.arguments import integer

MOST_VALUES = 1 << 20  # of a vector
# What the reader delivers beside the modalities, under these names.
RESERVED = ("id", "start", "labels")
WIDTHS = {"uint8": 1, "float16": 2, "float32": 4}  # bytes of a value
STORAGES = ("bytes", "floats")
# What bytes stand for unless a modality says something else: YouTube-8M's.
RANGE = (-2.0, 2.0)


@dataclass(frozen=True)
class Modality:
    """One kind of feature of a video.

    Args:
        name: The name of the model's input, such as `"rgb"`.
        key: The name of the feature in the record, such as `"mean_rgb"`.
        size: Values a vector holds.
        dtype: Type of a stored value: `"uint8"`, `"float16"` or `"float32"`.
            None for what the first record that has the modality holds; where
            none can tell, uint8 for frames and float32 for vectors.
        storage: `"bytes"` (one string a vector) or `"floats"` (a `float_list`
            of float32 a vector, as MediaPipe writes frames). None as for
            `dtype`; where none can tell, bytes for frames and floats for
            vectors.
        range: `(least, greatest)`, what the bytes 0 and 255 of uint8 stand
            for: `q` is `q * (greatest - least) / 255 + (greatest - least) /
            512 + least`. None for YouTube-8M's, `(-2, 2)`.

    Raises:
        ValueError: An argument is of another type, or out of range, or does
            not go with the others.

    Example:

    >>> Modality("rgb", "clip", 768, dtype="uint8", range=(-0.3, 0.3)).storage
    'bytes'
    """

    name: str
    key: str
    size: int
    dtype: str | None = None
    storage: str | None = None
    range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        require_text("A modality's name", self.name)
        require_text(f"The key of {self.name}", self.key)
        if self.name in RESERVED:
            raise ValueError(
                f"A modality cannot be named {self.name}: the reader delivers "
                "something else under that name."
            )
        size = integer(f"The size of {self.name}", self.size, most=MOST_VALUES)
        object.__setattr__(self, "size", size)
        for argument, allowed in (
            ("dtype", tuple(WIDTHS)),
            ("storage", STORAGES),
        ):
            value = getattr(self, argument)
            if value is not None and value not in allowed:
                raise ValueError(
                    f"The {argument} of {self.name} has to be one of "
                    f"{', '.join(allowed)}, got {value!r}."
                )
        self._settle_range()
        self._settle_storage()

    def _settle_range(self) -> None:
        if self.range is None:
            return
        if self.dtype not in (None, "uint8") or self.storage == "floats":
            raise ValueError(
                f"The range of {self.name} is what bytes of uint8 stand for, "
                f"but its values are {self.dtype or 'floats'}: leave range "
                "out."
            )
        object.__setattr__(self, "dtype", "uint8")
        object.__setattr__(self, "range", value_range(self.name, self.range))

    def _settle_storage(self) -> None:
        if self.storage == "floats":
            if self.dtype not in (None, "float32"):
                raise ValueError(
                    f"{self.name}: a float_list holds float32, so that "
                    f"storage='floats' does not go with dtype={self.dtype!r}."
                )
            object.__setattr__(self, "dtype", "float32")
        elif self.dtype in ("uint8", "float16"):
            object.__setattr__(self, "storage", "bytes")

    @property
    def settled(self) -> bool:
        """Whether both dtype and storage are said."""
        return self.dtype is not None and self.storage is not None

    def resolved(self, level: str) -> Modality:
        """The same with the dtype and storage of a level, where none is said.

        Args:
            level: `"video"` or `"frame"`.
        """
        if self.settled:
            return self
        if level == "frame":
            dtype = self.dtype or "uint8"
            return replace(self, dtype=dtype, storage=self.storage or "bytes")
        storage = self.storage or "floats"
        return replace(self, dtype=self.dtype or "float32", storage=storage)

    @property
    def delivered_dtype(self) -> str:
        """The dtype of batches: `"uint8"` or `"float32"`."""
        return "uint8" if self.dtype == "uint8" else "float32"

    @property
    def stored_dtype(self) -> np.dtype[Any]:
        """NumPy's dtype of a stored value, little-endian."""
        return np.dtype(self.dtype or "uint8").newbyteorder("<")

    @property
    def stored_bytes(self) -> int:
        """Bytes that the values of a vector take in a record."""
        return WIDTHS[self.dtype or "uint8"] * self.size

    @property
    def value_range(self) -> tuple[float, float]:
        """What the bytes 0 and 255 stand for."""
        return RANGE if self.range is None else self.range

    def as_json(self) -> dict[str, Any]:
        """The arguments by name; those that are None are left out."""
        values = {
            "name": self.name,
            "key": self.key,
            "size": self.size,
            "dtype": self.dtype,
            "storage": self.storage,
            "range": None if self.range is None else list(self.range),
        }
        return {
            key: value for key, value in values.items() if value is not None
        }


def value_range(name: str, value: Any) -> tuple[float, float]:
    """A range as two floats.

    Args:
        name: The modality's name, for the error.
        value: The range.

    Raises:
        ValueError: It is not two finite numbers, the lower one first.
    """
    try:
        if isinstance(value, str):
            raise TypeError
        least, greatest = (float(number) for number in value)
    except (TypeError, ValueError):
        least = greatest = math.nan
    # Also false where one of them is not a number.
    if not -math.inf < least < greatest < math.inf:
        raise ValueError(
            f"The range of {name} is (least, greatest), two finite numbers in "
            f"rising order, got {value!r}."
        )
    return least, greatest


def require_text(name: str, value: Any) -> None:
    """Raises `ValueError` unless a value is a string that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} has to be a string, got {value!r}.")
