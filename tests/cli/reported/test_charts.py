"""Charts: the shapes by hand."""

from __future__ import annotations

import re

from keras_attend_fusion.cli.reported.charts import Line, bar, chart, table


def drawn(*lines, x_range=(0, 4), y_range=(0.0, 2.0)):
    page = chart("c", lines, x_range=x_range, y_range=y_range, x_name="x")
    return re.findall(r'<path class="(line|dots) kind(\d)" d="(.*?)"', page)


def test_a_line():
    keys, line, dots = drawn(Line("one", [0, 1, 4], [0.0, 1.0, 2.0], kind=1))
    assert keys == ("line", "1", "M0 5H30")
    assert line == ("line", "1", "M0.00 200.00L250.00 100.00L1000.00 0.00")
    assert dots[2] == "M0.00 200.00h0M250.00 100.00h0M1000.00 0.00h0"


def test_one_point_is_in_the_middle():
    _, line, _ = drawn(Line("one", [3], [1.0]), x_range=(3, 3))
    assert line[2] == "M500.00 100.00"


def test_what_is_no_number_is_left_out():
    _, line, _ = drawn(Line("one", [0, 2, 4], [0.0, float("nan"), 2.0]))
    assert line[2] == "M0.00 200.00L1000.00 0.00"
    assert len(drawn(Line("one", [0], [float("inf")]))) == 1  # its key alone


def test_what_is_beyond_the_axis_stays_on_the_picture():
    _, line, _ = drawn(Line("one", [0, 4], [-1.0, 9.0]))
    assert line[2] == "M0.00 200.00L1000.00 0.00"


def test_a_name_is_text():
    page = chart(
        "c",
        [Line("<b>", [0], [0])],
        x_range=(0, 1),
        y_range=(0, 1),
        x_name="<i>",
    )
    assert "<b>" not in page
    assert "<i>" not in page


def test_bars_and_tables():
    assert 'style="width:25.0%"' in bar(1, 4)
    assert 'style="width:0.0%"' in bar(0, 0)
    page = table(["a", "b"], [["1", "2"]], 'say "so"')
    assert '<th scope="row">1</th><td>2</td>' in page
    assert 'aria-label="say &quot;so&quot;"' in page
