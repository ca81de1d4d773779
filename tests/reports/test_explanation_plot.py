"""The figure: what is drawn, and the files."""

from __future__ import annotations

import pytest

pytest.importorskip("matplotlib", reason="matplotlib is missing")

from keras_attend_fusion.reports import explanation_plot as plot
from keras_attend_fusion.reports import figures
from tests.reports.stories import of_three, story, without_seconds


def test_strips_over_the_seconds():
    figure = plot.draw(story())
    scores, picture, sound, change = figure.axes
    assert [line.get_xdata()[0] for line in scores.lines] == [0.9, 0.4, 0.9]
    for axes, heights in (
        (picture, [0.5, 0.25, 0.25, 0.0]),
        (sound, [0.1, 0.2, 0.3, 0.4]),
    ):
        assert [bar.get_height() for bar in axes.patches] == heights
    assert list(change.lines[0].get_ydata()) == [-4.0, -2.0, 1.0, 0.0]
    assert picture.get_xlim() == change.get_xlim() == (-0.5, 3.5)


def test_names_are_text_and_marked():
    scores = plot.draw(story()).axes[0]
    first, second = (one.get_text() for one in scores.get_yticklabels())
    assert first.startswith("</script>")
    assert first.endswith("… *")  # cut, and a true label
    assert second == r"Car & \$x\$"  # no formula


def test_a_figure_without_seconds():
    (scores,) = plot.draw(without_seconds()).axes
    assert len(scores.lines) == 2  # as it is, and without sound


@pytest.mark.parametrize("told", [story(), without_seconds(), of_three()])
def test_nothing_is_written_past_the_edge(tmp_path, told):
    figure = plot.draw(told)
    figures.save(figure, tmp_path / "a.png")  # lays it out
    page, drawn = figure.bbox_inches, figure.get_tightbbox()
    assert page.x0 <= drawn.x0
    assert page.y0 <= drawn.y0
    assert drawn.x1 <= page.x1
    assert drawn.y1 <= page.y1
