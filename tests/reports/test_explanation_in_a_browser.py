"""The page as people meet it: seen, hovered and typed at in Chromium."""

from __future__ import annotations

import pytest

from keras_attend_fusion.reports.explanation_html import render
from tests import browser
from tests.reports.stories import HOSTILE, story, without_seconds

pytestmark = pytest.mark.skipif(
    bool(browser.MISSING), reason=f"no {' and no '.join(browser.MISSING)} here"
)
PNG = b"\x89PNG\r\n"


@pytest.fixture(scope="module")
def window():
    with browser.browser() as one:
        yield one


def opened(window, told, folder):
    """Opens the page of a story; afterwards nothing may have gone wrong."""
    path = folder / "page.html"
    path.write_text(render(told), encoding="utf-8")
    window.open(path)
    assert window.requested() == [path.as_uri()]
    return window


def readout(window):
    return window.run("return document.getElementById('readout').textContent")


def shown(window):
    """Which bars of a class can be seen."""
    return window.run(
        "return [...document.querySelectorAll('.bars.kind2')]"
        ".map(one => getComputedStyle(one).display !== 'none')"
    )


def test_the_keyboard_moves_along_the_seconds(window, tmp_path):
    opened(window, story(), tmp_path)
    assert readout(window).startswith("Second 0: 50.0 % of the attention to")
    window.press("#second", "right", "right")
    text = readout(window)
    assert text == (
        "Second 2: 25.0 % of the attention to the picture, 30.0 % of the "
        f"attention to the sound. Without seconds 1 to 3 the score of "
        f"{HOSTILE} changes by +0.125, its log-odds by +1.00."
    )
    spoken = "return document.activeElement.getAttribute('aria-valuetext')"
    assert window.run(spoken) == text
    window.press("#second", "end")
    assert readout(window).startswith("Second 3: 0.0 %")
    assert window.console() == []


def test_the_pointer_shows_the_second_below_it(window, tmp_path):
    opened(window, story(), tmp_path)
    for part, second in ((0.3, 1), (0.9, 3), (0.1, 0)):
        window.hover("#strips", part)
        assert readout(window).startswith(f"Second {second}: ")
    assert window.console() == []


@pytest.mark.parametrize("width", [360, 1200])
def test_the_cursor_crosses_charts_alone(window, tmp_path, width):
    """It stands over the bar of the second, and over no words."""
    window.show(width, 1600, "light")
    opened(window, story(), tmp_path)
    window.press("#second", "right")
    cursors, charts, words = (
        window.run(
            f"return [...document.querySelectorAll('{chosen}')].map(one => {{"
            " const b = one.getBoundingClientRect();"
            " return [b.left, b.right, b.top, b.bottom]; })"
        )
        for chosen in (
            ".cursor",
            "#strips svg",
            "#strips figcaption, .x-ticks span",
        )
    )
    assert len(cursors) == len(charts) == 3
    for cursor, (left, right, top, bottom) in zip(cursors, charts, strict=True):
        second = (cursor[0] + 1 - left) / (right - left)
        assert second == pytest.approx(1.5 / 4, abs=0.01)
        assert cursor[2] >= top - 1
        assert cursor[3] <= bottom + 1
        for box in words:
            apart = box[3] <= cursor[2] + 1 or box[2] >= cursor[3] - 1
            assert apart or box[1] < cursor[0] or box[0] > cursor[1], box


def test_a_class_is_switched_by_key_and_by_click(window, tmp_path):
    opened(window, story(), tmp_path)
    assert shown(window) == [True, False]
    window.press("input[name=class][value='0']", "down")
    assert shown(window) == [False, True]
    followed = "return document.getElementById('followed').textContent"
    assert window.run(followed) == "Car & $x$"
    assert readout(window).endswith(
        "score of Car & $x$ changes by 0.000, its log-odds by 0.00."
    )
    window.click("input[name=class][value='0']")
    assert shown(window) == [True, False]
    assert window.run(followed) == HOSTILE
    assert window.run("return document.title") == (
        "a<b>: what the model saw and heard"
    )
    assert window.console() == []


def test_the_table_opens(window, tmp_path):
    opened(window, story(), tmp_path)
    seen = "return document.querySelector('details table').checkVisibility()"
    assert not window.run(seen)
    window.click("summary")
    assert window.run(seen)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_it_looks_right(window, tmp_path, scheme, width):
    """Nothing wider than the screen, and light or dark as asked for; the
    picture stays in the folder of the test."""
    window.show(width, 1600, scheme)
    opened(window, story(), tmp_path)
    wide = "return document.documentElement.scrollWidth"
    assert window.run(wide) == width
    colour = "return getComputedStyle(document.body).backgroundColor"
    numbers = window.run(colour).removeprefix("rgb(").removesuffix(")")
    bright = sum(int(one) for one in numbers.split(",")) > 3 * 128
    assert bright == (scheme == "light")
    picture = tmp_path / "page.png"
    window.screenshot(picture)
    assert picture.read_bytes().startswith(PNG)
    assert window.console() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_told_from_the_page(window, tmp_path, scheme):
    """Contrast of 4.5 for words and of 3 for shapes (WCAG 2, AA)."""
    window.show(1200, 1600, scheme)
    opened(window, story(), tmp_path)
    page, *colours = window.run(
        "return [document.body, ...document.querySelectorAll("
        "'td, small, figcaption, footer, legend, .tag, path.bars')]"
        ".map(one => { const style = getComputedStyle(one);"
        " return [one === document.body ? style.backgroundColor :"
        " one.tagName === 'path' ? style.fill : style.color,"
        " one.tagName === 'path' ? 3 : 4.5]; })"
    )
    for colour, least in colours:
        assert contrast(colour, page[0]) >= least, colour


def contrast(one, other):
    light = sorted(luminance(colour) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def luminance(colour):
    numbers = colour.removeprefix("rgb(").removesuffix(")").split(",")
    parts = [int(number) / 255 for number in numbers]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_page_without_seconds_has_nothing_to_go_wrong(window, tmp_path):
    opened(window, without_seconds(), tmp_path)
    assert window.console() == []
