"""Charts: the shapes by hand."""

from __future__ import annotations

import re
from pathlib import Path

from keras_attend_fusion import reports
from keras_attend_fusion.reports.axes import axis_of
from keras_attend_fusion.reports.html_charts import bar, chart, line_chart
from keras_attend_fusion.reports.series import Bars, Line


def drawn(*lines, **changes):
    page = line_chart("c", lines, x_name="x", **changes)
    return re.findall(r'<path class="(line|dots) kind(\d)" d="(.*?)"', page)


def test_a_line_with_room_around_it():
    """3 % of 4 to the left and to the right, 5 % of 2 above and below."""
    keys, line, dots = drawn(Line("one", [0, 1, 4], [0.0, 1.0, 2.0], kind=1))
    assert keys == ("line", "1", "M0 5H30")
    assert line == ("line", "1", "M28.30 190.91L264.15 100.00L971.70 9.09")
    assert dots[2] == "M28.30 190.91h0M264.15 100.00h0M971.70 9.09h0"


def test_one_point_is_in_the_middle():
    _, line, _ = drawn(Line("one", [3], [1.0]), whole=True)
    assert line[2] == "M500.00 100.00"


def test_what_is_not_a_number_is_left_out():
    _, line, _ = drawn(Line("one", [0, 2, 4], [0.0, float("nan"), 2.0]))
    assert line[2] == "M28.30 190.91L971.70 9.09"
    for value in (float("inf"), float("nan"), 1e305):
        page = line_chart("c", [Line("one", [0], [value])], x_name="x")
        assert "No value is a finite number." in page
        assert 'class="plot"' not in page


def test_many_points_have_no_dots():
    places = list(range(100))
    assert [kind for kind, *_ in drawn(Line("one", places, places))] == [
        "line",  # its key
        "line",
    ]


def test_a_name_is_text():
    page = line_chart("c", [Line("<b>", [0], [0])], x_name="<i>")
    assert "<b>" not in page
    assert "<i>" not in page


def test_bars_in_a_row():
    """Each from where the one before it ends, with gaps between them."""
    shapes = r'<path class="(.*?)" d="(.*?)"'
    assert re.findall(shapes, bar(0.25)) == [
        ("bars kind0", "M0.0 0H250.0V10H0.0Z")
    ]
    assert re.findall(shapes, bar(0.25, 0.5)) == [
        ("bars kind0", "M0.0 0H250.0V10H0.0Z"),
        ("bars kind1", "M250.0 0H750.0V10H250.0Z"),
        ("gap", "M250.0 0V10"),
    ]
    assert "<path" not in bar(0.0)


def test_many_bars_have_no_room_between_them():
    x = axis_of([0, 1], whole=True, margin=0.5)
    y = axis_of([0.0, 1.0], margin=0.0)
    page = chart("c", [Bars([1.0])], x, y)
    assert 'd="M25.00 200.00V0.00H475.00V200.00Z"' in page
    wide = axis_of([0, 99], whole=True, margin=0.5 / 99)
    page = chart("c", [Bars([1.0] * 100)], wide, y)
    assert 'd="M0.00 200.00V0.00H10.00V200.00ZM10.00 ' in page


def test_bars_up_and_down_stand_on_a_line():
    x, y = axis_of([0, 1], margin=0.5), axis_of([-1.0, 1.0], margin=0.0)
    bars = [Bars([-1.0, 1.0], kind=1), Bars([0, 0], hidden=True)]
    page = chart("c", bars, x, y)
    assert page.count('class="zero" d="M0 100.00H1000"') == 1
    assert page.index('class="zero"') > page.index("hidden/>")
    assert "zero" not in chart("c", [Line("a", [0, 1], [-1, 1])], x, y)


def test_a_cursor_where_one_is_asked_for():
    x = y = axis_of([0, 1])
    assert "cursor" not in chart("c", [Bars([1.0])], x, y)
    assert 'class="cursor"' in chart("c", [Bars([1.0])], x, y, cursor=True)


def test_nothing_else_in_the_room_draws_shapes():
    folder = Path(reports.__file__).parent
    shapes = re.compile(r"<(svg|path|rect|circle|line|canvas)\b|createElement")
    drawing = [
        path.name
        for path in sorted(folder.iterdir())
        if path.is_file() and shapes.search(path.read_text(encoding="utf-8"))
    ]
    assert drawing == ["html_charts.py"]
