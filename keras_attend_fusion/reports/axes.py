"""Axes of the charts on the pages: round ticks, and shapes between them.

A chart is an SVG that is stretched to the width of the screen. Its tick
labels are HTML beside it, so that they keep their size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDE, TALL = 1000, 200  # units of a chart, whatever its size on the screen
STEPS = (1, 2, 5)  # times a power of ten
NARROW = 60  # bars, of which more have no room between them


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


def plot(
    shapes: str, x: Axis, y: Axis, *, x_name: str = "", above: str = ""
) -> str:
    """The shapes over a grid, with labelled ticks on both axes.

    Args:
        shapes: SVG in a box `WIDE` by `TALL`.
        x: The axis along the lower edge.
        y: The axis along the left edge.
        x_name: What is along the lower edge.
        above: HTML that lies over the picture, such as a cursor.
    """
    grid = "".join(
        f"M0 {(1 - y.part(tick)) * TALL:.2f}H{WIDE}" for tick in y.ticks
    )
    rows = "".join(
        f'<span style="top:{100 * (1 - y.part(tick)):.2f}%">'
        f"{y.label(tick)}</span>"
        for tick in y.ticks
    )
    columns = "".join(
        f'<span style="left:{100 * x.part(tick):.2f}%">{x.label(tick)}</span>'
        for tick in x.ticks
    )
    name = f'<div class="x-name">{escape(x_name)}</div>' if x_name else ""
    return (
        '<div class="plot" aria-hidden="true">'
        f'<div class="y-ticks">{rows}</div>'
        f'<svg viewBox="0 0 {WIDE} {TALL}" preserveAspectRatio="none" '
        f'aria-hidden="true"><path class="grid" d="{grid}"/>{shapes}</svg>'
        f'{above}<div class="x-ticks">{columns}</div>{name}</div>'
    )


def bars(values: Sequence[float], x: Axis, y: Axis) -> str:
    """The path of a bar for each place 0, 1, …; from 0, up or down."""
    zero = (1 - y.part(0.0)) * TALL
    half = 0.5 if len(values) > NARROW else 0.45  # room between wide bars
    return "".join(
        f"M{x.part(place - half) * WIDE:.2f} {zero:.2f}"
        f"V{(1 - y.part(value)) * TALL:.2f}"
        f"H{x.part(place + half) * WIDE:.2f}V{zero:.2f}Z"
        for place, value in enumerate(values)
    )
