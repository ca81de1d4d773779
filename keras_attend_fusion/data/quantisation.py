"""Bytes that stand for real values, and back.

With a range from `least` to `greatest` a byte `q` stands for

```
q * (greatest - least) / 255 + (greatest - least) / 512 + least
```

as in YouTube-8M, whose range is -2 to 2.
"""

from __future__ import annotations

import numpy as np

STEPS, SHIFT = 255, 512  # of a range: between its bytes, and to the first


def dequantised(
    bytes_: np.ndarray, value_range: tuple[float, float]
) -> np.ndarray:
    """What bytes stand for.

    Args:
        bytes_: uint8, of any shape.
        value_range: `(least, greatest)`.

    Returns:
        float64, of the same shape.

    Example:

    >>> dequantised(np.uint8([0, 255]), (-2, 2)).tolist()
    [-1.9921875, 2.0078125]
    """
    least, greatest = value_range
    span = greatest - least
    return bytes_ * (span / STEPS) + (span / SHIFT + least)


def quantised(
    values: np.ndarray,
    value_range: tuple[float, float],
    ends: tuple[float, float] | None = None,
) -> tuple[np.ndarray, int]:
    """The bytes nearest to some values, and how many values are beyond.

    Args:
        values: Finite floats, of any shape.
        value_range: `(least, greatest)`.
        ends: The least and the greatest of the values, where they are known.

    Returns:
        uint8, of the same shape, and the number of values that lie more than
        half a step below what 0 stands for or above what 255 stands for: they
        are clipped.

    Example:

    >>> quantised(np.float32([-1.99, 0.0, 2.0, 9.0]), (-2, 2))
    (array([  0, 127, 255, 255], dtype=uint8), 1)
    """
    least, greatest = value_range
    span = greatest - least
    # Halves are added, so that cutting off the rest rounds. float32 does: a
    # step is 65536 times as far as two of its values are there.
    steps = np.multiply(values, np.float32(STEPS / span), dtype=np.float32)
    steps += np.float32(0.5 - (span / SHIFT + least) * (STEPS / span))
    clipped = 0
    lowest, highest = dequantised(np.array([0, STEPS]), value_range)
    within = ends is not None and lowest <= ends[0] and ends[1] <= highest
    if not within and (
        steps.min(initial=1) < 0 or steps.max(initial=1) >= STEPS + 1
    ):
        clipped = int(((steps < 0) | (steps >= STEPS + 1)).sum())
        np.clip(steps, 0, STEPS + 0.5, out=steps)
    return steps.astype(np.uint8), clipped
