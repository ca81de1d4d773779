"""The page as people meet it: seen in Chromium, and read with the keyboard."""

from __future__ import annotations

import pytest

from keras_attend_fusion.reports.run_html import Report, render
from tests import browser
from tests.reports import made
from tests.reports.test_explanation_in_a_browser import contrast

pytestmark = pytest.mark.skipif(
    bool(browser.MISSING), reason=f"no {' and no '.join(browser.MISSING)} here"
)


@pytest.fixture(scope="module")
def window():
    with browser.browser() as one:
        yield one


def opened(window, report, folder):
    """Opens a page, which asks for nothing else; a name runs nothing."""
    path = folder / "report.html"
    path.write_text(render(report), encoding="utf-8")
    window.open(path)
    assert window.requested() == [path.as_uri()]
    assert window.run("return document.title") == "a<b>: training report"
    assert window.console() == []
    return window


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_it_looks_right(window, tmp_path, scheme, width):
    """Nothing wider than the screen, light or dark as asked for, and words
    that can be told from the page (contrast of 4.5, of 3 for shapes)."""
    window.show(width, 1600, scheme)
    opened(window, made.whole(), tmp_path)
    wider = "const one = document.documentElement; return one.scrollWidth"
    assert window.run(f"{wider} - one.clientWidth") == 0
    page, *colours = window.run(
        "return [document.body, ...document.querySelectorAll('td, small, dt,"
        " figcaption, footer, a, .tag, .y-ticks, path.line, .bar path')].map("
        "one => {"
        " const style = getComputedStyle(one);"
        " if (one.matches('.line')) return [style.stroke, 3];"
        " if (one.matches('.bars')) return [style.fill, 3];"
        " return [one === document.body ? style.backgroundColor :"
        " style.color, 4.5]; })"
    )
    bright = contrast(page[0], "rgb(0, 0, 0)") > contrast(
        page[0], "rgb(255, 255, 255)"
    )
    assert bright == (scheme == "light")
    for colour, least in colours:
        assert contrast(colour, page[0]) >= least, colour
    window.screenshot(tmp_path / "report.png")


@pytest.mark.parametrize("width", [360, 390])
def test_the_classes_fit_a_phone(window, tmp_path, width):
    """Every number of a class is on the screen without scrolling."""
    window.show(width, 1600, "light")
    opened(window, made.whole(), tmp_path)
    edges = window.run(
        "return [...document.querySelectorAll('.stacked')].map(one =>"
        " [one.scrollWidth - one.clientWidth,"
        " ...[...one.querySelectorAll('td')].map(cell =>"
        " cell.getBoundingClientRect().right)])"
    )
    assert len(edges) == 2
    for wider, *cells in edges:
        assert wider <= 0
        assert max(cells) <= width


def test_the_curves_do_not_touch_the_frame(window, tmp_path):
    """Room on all four sides, and ticks within the chart on both axes."""
    window.show(390, 1600, "light")
    opened(window, made.whole(), tmp_path)
    charts = window.run(
        "const box = one => { const b = one.getBoundingClientRect();"
        " return [b.left, b.right, b.top, b.bottom]; };"
        "return [...document.querySelectorAll('.chart')].map(one => ["
        " box(one.querySelector('.plot svg')),"
        " [...one.querySelectorAll('.plot path.line')].map(box),"
        " ['.x-ticks', '.y-ticks'].map("
        " axis => one.querySelectorAll(`${axis} span`).length)])"
    )
    assert len(charts) == 3
    for (left, right, top, bottom), lines, counts in charts:
        assert min(counts) >= 3
        for line in lines:
            assert left + 3 < line[0]
            assert line[1] < right - 3
            assert top + 3 < line[2]
            assert line[3] < bottom - 3


def test_the_curves_are_seen(window, tmp_path):
    """Each line of each chart has a place on the screen."""
    window.show(390, 1600, "light")
    opened(window, made.whole(), tmp_path)
    boxes = window.run(
        "return [...document.querySelectorAll('.plot path.line')].map(one =>"
        " { const box = one.getBoundingClientRect();"
        " return [box.width, box.height]; })"
    )
    assert len(boxes) == 5  # the loss, two scores, and calibration's two
    assert all(wide > 150 and tall > 20 for wide, tall in boxes), boxes


def test_the_keyboard_reaches_all_of_it(window, tmp_path):
    """Links jump to sections, wide tables take the focus, and rest unfolds."""
    window.show(390, 1600, "light")
    opened(window, made.whole(), tmp_path)
    window.press("a[href='#exported-files']", "\ue007")
    assert window.run("return location.hash") == "#exported-files"
    scrollable = window.run(
        "return [...document.querySelectorAll('.scroll')].filter(one =>"
        " one.checkVisibility() && one.scrollWidth > one.clientWidth).map("
        " one => [one.tabIndex, one.getAttribute('aria-label')])"
    )
    assert scrollable
    assert all(place == 0 and label for place, label in scrollable)
    seen = "return document.querySelector('details table').checkVisibility()"
    assert not window.run(seen)
    window.press("summary", "\ue007")
    assert window.run(seen)


def test_a_run_that_has_just_begun(window, tmp_path):
    bare = Report(made.run(metrics={}, history=[]))
    opened(window, bare, tmp_path)
