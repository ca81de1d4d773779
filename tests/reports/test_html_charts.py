"""Charts: the shapes by hand."""

from __future__ import annotations

import re

from keras_attend_fusion.reports.html_charts import Line, bar, chart, table


def drawn(*lines, **changes):
    page = chart("c", lines, x_name="x", **changes)
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
        page = chart("c", [Line("one", [0], [value])], x_name="x")
        assert "No value is a finite number." in page
        assert 'class="plot"' not in page


def test_many_points_have_no_dots():
    places = list(range(100))
    assert [kind for kind, *_ in drawn(Line("one", places, places))] == [
        "line",  # its key
        "line",
    ]


def test_a_name_is_text():
    page = chart("c", [Line("<b>", [0], [0])], x_name="<i>")
    assert "<b>" not in page
    assert "<i>" not in page


def test_bars_and_tables():
    assert 'style="width:25.0%"' in bar(1, 4)
    assert bar(0, 0) == '<span class="bar empty" style="width:0.0%"></span>'
    page = table(["a", "b"], [["1", "2"]], 'say "so"')
    assert '<th scope="row">1</th><td>2</td>' in page
    assert 'aria-label="say &quot;so&quot;"' in page
