"""Curves and bars in HTML, which keep their words at any width."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDE, TALL = 1000, 200  # units of a chart, whatever its size on the screen
LINES = 3  # kinds of line that the style sheet tells apart


@dataclass(frozen=True)
class Line:
    """A curve.

    Attributes:
        name: What it is called; escaped here.
        x: Rising.
        y: As many; what is not finite is left out.
        kind: From 0 to `LINES` - 1: colour and dashes.
        dots: Whether each point has a dot.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    kind: int = 0
    dots: bool = True


def chart(
    caption: str,
    lines: Sequence[Line],
    *,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    x_name: str,
) -> str:
    """A figure of lines over one axis; the numbers belong in a table beside.

    Args:
        caption: Says in words what the lines show; HTML.
        lines: The curves.
        x_range: Left and right end.
        y_range: Lower and upper end.
        x_name: What is along the axis.
    """
    keys = "".join(
        f'<span class="key"><svg viewBox="0 0 30 10" aria-hidden="true">'
        f'<path class="line kind{one.kind % LINES}" d="M0 5H30"/></svg>'
        f"{escape(one.name)}</span> "
        for one in lines
    )
    shapes = "".join(_path(one, x_range, y_range) for one in lines)
    low, high = (f"{end:.4g}" for end in y_range)
    left, right = (f"{end:.4g}" for end in x_range)
    return (
        f'<figure class="chart"><figcaption>{caption} {keys}</figcaption>'
        '<div class="plot" aria-hidden="true">'
        f'<div class="ends"><span>{high}</span><span>{low}</span></div>'
        f'<svg viewBox="0 0 {WIDE} {TALL}" preserveAspectRatio="none">'
        f"{shapes}</svg></div>"
        f'<div class="axis" aria-hidden="true"><span>{left}</span>'
        f"<span>{escape(x_name)}</span><span>{right}</span></div></figure>"
    )


def _path(
    line: Line, x_range: tuple[float, float], y_range: tuple[float, float]
) -> str:
    points = [
        f"{_part(x, x_range) * WIDE:.2f} {(1 - _part(y, y_range)) * TALL:.2f}"
        for x, y in zip(line.x, line.y, strict=True)
        if math.isfinite(y)
    ]
    if not points:
        return ""
    kind = f"kind{line.kind % LINES}"
    path = f'<path class="line {kind}" d="M{"L".join(points)}"/>'
    if line.dots:
        dots = "".join(f"M{point}h0" for point in points)
        path += f'<path class="dots {kind}" d="{dots}"/>'
    return path


def _part(value: float, ends: tuple[float, float]) -> float:
    """Where a value lies between two ends, in the middle if they are one."""
    low, high = ends
    if high == low:
        return 0.5
    return min(1.0, max(0.0, (value - low) / (high - low)))


def bar(value: float, most: float) -> str:
    """A bar as long as a value's part of the largest, beside its number."""
    part = 100 * value / most if most else 0.0
    return f'<span class="bar" style="width:{part:.1f}%"></span>'


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], label: str
) -> str:
    """A table whose first column names the rows; cells are HTML.

    It scrolls in itself where it is too wide, with the keyboard, too.
    """
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>'
        f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        for first, *cells in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" '
        f'aria-label="{escape(label)}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def folded(summary: str, content: str) -> str:
    """What is there to open."""
    return f"<details><summary>{summary}</summary>{content}</details>"
