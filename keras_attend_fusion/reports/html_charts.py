"""Every chart of the pages: shapes in SVG, words in HTML around them.

The SVG is stretched to the width of the screen; captions and tick labels
beside it keep their size. `charts.css` has the colours.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from html import escape

from keras_attend_fusion.reports.axes import Axis, axis_of, is_drawn
from keras_attend_fusion.reports.series import Bars, Line

WIDE, TALL = 1000, 200  # units of a chart, whatever its size on the screen
KINDS = 9  # that the style sheet tells apart
CURSOR = '<div class="cursor"></div>'


def line_chart(
    caption: str,
    lines: Sequence[Line],
    *,
    x_name: str,
    least: float = -float("inf"),
    most: float = float("inf"),
    whole: bool = False,
) -> str:
    """A chart whose axes are as long as its lines, with a margin.

    Args:
        caption: Says in words what the lines show; HTML.
        lines: The curves.
        x_name: What is along the axis.
        least: The least value that `y` can have.
        most: The largest value that `y` can have.
        whole: Whether `x` counts something.
    """
    x = axis_of(
        (place for line in lines for place in line.x),
        whole=whole,
        margin=0.03,
    )
    y = axis_of(
        (value for line in lines for value in line.y), least=least, most=most
    )
    return chart(caption, lines, x, y, x_name=x_name)


def chart(
    caption: str,
    marks: Sequence[Line | Bars],
    x: Axis,
    y: Axis,
    *,
    x_name: str = "",
    cursor: bool = False,
) -> str:
    """A figure of lines and bars over a grid, with ticks on both axes.

    A reader that cannot see it has the caption, and the numbers in a table
    that belongs beside it.

    Args:
        caption: Says in words what there is to see; HTML.
        marks: The lines, each with a key beside the caption, and the bars.
        x: The axis along the lower edge.
        y: The axis along the left edge.
        x_name: What is along the lower edge; plain text.
        cursor: Whether a line across the chart is there for a script to move.
    """
    shapes = [
        _bars(mark, x, y) if isinstance(mark, Bars) else _line(mark, x, y)
        for mark in marks
    ]
    if y.low < 0 and any(isinstance(mark, Bars) for mark in marks):
        shapes.append(f'<path class="zero" d="M0 {_down(0.0, y)}H{WIDE}"/>')
    if any(shapes):
        picture = _plot("".join(shapes), x, y, x_name, cursor)
    else:
        picture = '<p class="empty">No value is a finite number.</p>'
    keys = [_key(mark) for mark in marks if isinstance(mark, Line)]
    return (
        f'<figure class="chart"><figcaption>{" ".join([caption, *keys])}'
        f"</figcaption>{picture}</figure>"
    )


def bar(*shares: float) -> str:
    """Shares of the whole length beside each other, each of its own kind."""
    ends = [WIDE * end for end in itertools.accumulate(shares, initial=0.0)]
    parts = [
        f'<path class="bars kind{kind}" d="M{start:.1f} 0H{end:.1f}V10'
        f'H{start:.1f}Z"/>'
        for kind, (start, end) in enumerate(itertools.pairwise(ends))
        if end > start
    ]
    gaps = "".join(f"M{end:.1f} 0V10" for end in ends[1:-1])
    if gaps:
        parts.append(f'<path class="gap" d="{gaps}"/>')
    return (
        f'<svg class="bar" viewBox="0 0 {WIDE} 10" '
        f'preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    )


def _key(line: Line) -> str:
    return (
        '<span class="key"><svg viewBox="0 0 30 10" aria-hidden="true">'
        f'<path class="line kind{line.kind % KINDS}" d="M0 5H30"/></svg>'
        f"{escape(line.name)}</span>"
    )


def _line(line: Line, x: Axis, y: Axis) -> str:
    points = [
        f"{_across(place, x)} {_down(value, y)}"
        for place, value in zip(line.x, line.y, strict=True)
        if is_drawn(value)
    ]
    if not points:
        return ""
    kind = f"kind{line.kind % KINDS}"
    path = f'<path class="line {kind}" d="M{"L".join(points)}"/>'
    if line.has_dots:
        dots = "".join(f"M{point}h0" for point in points)
        path += f'<path class="dots {kind}" d="{dots}"/>'
    return path


def _bars(bars: Bars, x: Axis, y: Axis) -> str:
    zero, half = _down(0.0, y), bars.width / 2
    shapes = "".join(
        f"M{_across(place - half, x)} {zero}V{_down(height, y)}"
        f"H{_across(place + half, x)}V{zero}Z"
        for place, height in enumerate(bars.heights)
    )
    hidden = " hidden" if bars.hidden else ""
    return f'<path class="bars kind{bars.kind % KINDS}" d="{shapes}"{hidden}/>'


def _across(value: float, x: Axis) -> str:
    return f"{x.part(value) * WIDE:.2f}"


def _down(value: float, y: Axis) -> str:
    return f"{(1 - y.part(value)) * TALL:.2f}"


def _plot(shapes: str, x: Axis, y: Axis, x_name: str, cursor: bool) -> str:
    grid = "".join(f"M0 {_down(tick, y)}H{WIDE}" for tick in y.ticks)
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
        f"{CURSOR if cursor else ''}"
        f'<div class="x-ticks">{columns}</div>{name}</div>'
    )
