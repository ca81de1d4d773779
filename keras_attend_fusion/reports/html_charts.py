"""Curves and bars in HTML, which keep their words at any width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from keras_attend_fusion.reports.axes import (
    TALL,
    WIDE,
    Axis,
    axis_of,
    is_drawn,
    plot,
)
from keras_attend_fusion.reports.markup import scrolling

LINES = 9  # kinds of line that the style sheet tells apart
DOTTED = 60  # points, of which more would hide their line under dots


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
    x_name: str,
    least: float = -float("inf"),
    most: float = float("inf"),
    whole: bool = False,
) -> str:
    """A figure of lines over one axis; the numbers belong in a table beside.

    Both axes are as long as the lines, with a margin.

    Args:
        caption: Says in words what the lines show; HTML.
        lines: The curves.
        x_name: What is along the axis.
        least: The least value that `y` can have.
        most: The largest value that `y` can have.
        whole: Whether `x` counts something.
    """
    keys = "".join(
        f'<span class="key"><svg viewBox="0 0 30 10" aria-hidden="true">'
        f'<path class="line kind{line.kind % LINES}" d="M0 5H30"/></svg>'
        f"{escape(line.name)}</span> "
        for line in lines
    )
    heights = [value for line in lines for value in line.y]
    if not any(map(is_drawn, heights)):
        picture = '<p class="empty">No value is a finite number.</p>'
    else:
        x = axis_of(
            (place for line in lines for place in line.x),
            whole=whole,
            margin=0.03,
        )
        y = axis_of(heights, least=least, most=most)
        shapes = "".join(_path(line, x, y) for line in lines)
        picture = plot(shapes, x, y, x_name=x_name)
    return (
        f'<figure class="chart"><figcaption>{caption} {keys}</figcaption>'
        f"{picture}</figure>"
    )


def _path(line: Line, x_axis: Axis, y_axis: Axis) -> str:
    points = [
        f"{x_axis.part(x) * WIDE:.2f} {(1 - y_axis.part(y)) * TALL:.2f}"
        for x, y in zip(line.x, line.y, strict=True)
        if is_drawn(y)
    ]
    if not points:
        return ""
    kind = f"kind{line.kind % LINES}"
    path = f'<path class="line {kind}" d="M{"L".join(points)}"/>'
    if line.dots and len(points) <= DOTTED:
        dots = "".join(f"M{point}h0" for point in points)
        path += f'<path class="dots {kind}" d="{dots}"/>'
    return path


def bar(value: float, most: float) -> str:
    """A bar as long as a value's part of the largest, beside its number."""
    part = 100 * value / most if most else 0.0
    name = "bar" if value else "bar empty"
    return f'<span class="{name}" style="width:{part:.1f}%"></span>'


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    label: str,
    stacked: bool = False,
) -> str:
    """A table whose first column names the rows; cells are HTML.

    It scrolls in itself where it is too wide, with the keyboard, too; or, if
    `stacked`, each name stands above its numbers on a narrow screen.
    """
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>'
        f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        for first, *cells in rows
    )
    text = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    columns = len(heads) - 1 if stacked else 0
    return scrolling(text, f'aria-label="{escape(label)}"', columns)


def folded(summary: str, content: str) -> str:
    """What a click opens."""
    return f"<details><summary>{summary}</summary>{content}</details>"
