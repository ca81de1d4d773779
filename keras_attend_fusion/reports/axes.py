"""Axes of the charts on the pages: a range of values with round ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

STEPS = (1, 2, 5)  # times a power of ten


@dataclass(frozen=True)
class Axis:
    """One axis of a chart.

    Attributes:
        low: The value at its beginning.
        high: The value at its end.
        ticks: The values with a label, rising.
        step: Between two of them.
        unit: Written behind each.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    step: float
    unit: str = ""

    def part(self, value: float) -> float:
        """Where a value lies, from 0 at the beginning to 1 at the end."""
        part = (value - self.low) / (self.high - self.low)
        return min(1.0, max(0.0, part))

    def label(self, tick: float) -> str:
        """A tick as it is written, with as many decimals as the step has.

        >>> axis = axis_of([0.7, 0.75])
        >>> [axis.label(tick) for tick in axis.ticks]
        ['0.70', '0.71', '0.72', '0.73', '0.74', '0.75']
        """
        decimals = max(0, -math.floor(math.log10(self.step) + 1e-9))
        if decimals > 5 or abs(tick) >= 1e7:
            text = f"{tick:.3g}"
        else:
            text = f"{tick:,.{decimals}f}"
        return text.replace("-", "−") + self.unit


def axis_of(
    values: Iterable[float],
    *,
    least: float = -math.inf,
    most: float = math.inf,
    whole: bool = False,
    count: int = 6,
    margin: float = 0.05,
    unit: str = "",
) -> Axis:
    """An axis around some values, with room at both ends.

    Args:
        values: What has to lie on it; what `is_drawn` refuses is left out.
        least: No tick lies below, such as 0 for a share, unless a value does.
        most: No tick lies above, unless a value does.
        whole: Whether ticks are whole numbers.
        count: How many ticks there are at most.
        margin: The room at each end, as a part of the values' range.
        unit: Written behind each tick.
    """
    drawn = [float(value) for value in values if is_drawn(value)]
    low, high = min(drawn, default=0.0), max(drawn, default=1.0)
    least, most = min(least, low), max(most, high)
    span = high - low
    room = span * margin if span else (0.5 if whole else abs(low) / 10 or 0.5)
    first, last = low - room, high + room
    ticks, step = round_ticks(max(first, least), min(last, most), count, whole)
    if whole:  # what is counted ends with the values
        ticks = [tick for tick in ticks if low <= tick <= high]
    return Axis(first, last, tuple(ticks), step, unit)


def is_drawn(value: float) -> bool:
    """Whether a value has a place: no NaN, and no end of the floats."""
    return abs(value) < 1e300


def round_ticks(
    low: float, high: float, count: int, whole: bool = False
) -> tuple[list[float], float]:
    """Multiples of 1, 2 or 5 times a power of ten, and the step between them.

    The smallest step with at most `count` of them from `low` to `high`.

    Example:

    >>> round_ticks(-0.05, 1.0, 6)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], 0.2)
    >>> round_ticks(0.5, 3.5, 6, whole=True)
    ([1.0, 2.0, 3.0], 1.0)
    """
    power = math.floor(math.log10((high - low) / count))
    if whole:
        power = max(power, 0)
    while True:
        for digit in STEPS:
            # 10 to a negative power is not exact, its inverse is.
            step = digit * 10.0**power if power >= 0 else digit / 10**-power
            first = math.ceil(low / step - 1e-9)
            last = math.floor(high / step + 1e-9)
            if last - first < count:
                ticks = [
                    place * step if power >= 0 else place * digit / 10**-power
                    for place in range(first, last + 1)
                ]
                return ticks, step
        power += 1
