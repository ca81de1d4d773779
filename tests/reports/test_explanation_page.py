"""The page: what it says, and that no name is more than text."""

from __future__ import annotations

import itertools
import json
import re
from html.parser import HTMLParser

import pytest

from keras_attend_fusion.reports.explanation_html import percent, render, signed
from keras_attend_fusion.reports.explanation_summary import TopClass
from tests.reports.stories import (
    HOSTILE,
    of_three,
    story,
    without_seconds,
)


class Parsed(HTMLParser):
    """Tags with their attributes, and the text between them."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def data_of(page):
    (text,) = re.findall(r'id="page-data">(.*?)</script>', page, re.S)
    return json.loads(text)


def test_numbers():
    assert percent(0.1234) == "12.3 %"
    assert signed(-0.25) == "−0.250"
    assert signed(0.25) == "+0.250"
    assert signed(-0.0001) == "0.000"


def test_what_the_page_says():
    page = Parsed(render(story()))
    for said in (
        "75.0 % is the picture’s",
        "25.0 % the sound’s",
        "0.900",
        "0.400 −0.500",  # without the picture
        "✓ true label",
        "Dog: score 0.001, rank 17",
        "Attention to the picture, at most 50.0 %",
        "without the 3 seconds around each second",
    ):
        assert said in page.text, said
    assert page.text.count("✓ true label") == 1
    radios = [one for one in page.of("input") if one["type"] == "radio"]
    assert [one["value"] for one in radios] == ["0", "1"]
    assert ["checked" in one for one in radios] == [True, False]


def test_a_name_is_text_everywhere():
    page = render(story())
    parsed = Parsed(page)
    assert len(parsed.of("script")) == 2  # the data and the page's own
    assert not parsed.of("b")  # of the video's id
    assert page.count("<script") == page.count("</script>") == 2
    assert data_of(page)["classes"][0]["name"] == HOSTILE
    assert parsed.text.count(HOSTILE) >= 4  # class, label, bars, column


def test_nothing_is_fetched():
    page = Parsed(render(story()))
    for tag, attributes in page.tags:
        assert tag not in ("img", "iframe", "object", "embed", "base"), tag
        for name in ("src", "href", "action", "srcset"):
            link = attributes.get(name, "data:,")
            assert link == "data:," or link.startswith("#")
    page = render(story())
    assert "@import" not in page
    assert "url(" not in page
    assert "default-src 'none'" in page


def test_every_number_is_in_a_table():
    page = render(story())
    _, numbers = re.findall("<table>(.*?)</table>", page, re.S)
    rows = [
        re.findall("<t[hd].*?>(.*?)</t", row)
        for row in re.findall("<tr>(.*?)</tr>", numbers)
    ]
    assert [row[0] for row in rows] == ["Second", "0", "1", "2", "3"]
    assert rows[0][1:3] == ["Attention, picture", "Attention, sound"]
    assert rows[3][1:] == ["25.0 %", "30.0 %", "+0.125", "−0.100"]


def test_the_shapes_by_hand():
    page = render(story())
    paths = re.findall(r'<path class="bars (.*?)" d="(.*?)"( hidden)?', page)
    paths = [path for path in paths if path[1].endswith(".00Z")]
    # A quarter of the width each, less a twentieth of that on both sides;
    # 50 % of the attention below 5 % of room.
    assert paths[0] == (
        "kind0",
        "M12.50 200.00V9.52H237.50V200.00ZM262.50 200.00V104.76H487.50V200.00Z"
        "M512.50 200.00V104.76H737.50V200.00Z"
        "M762.50 200.00V200.00H987.50V200.00Z",
        "",
    )
    changes = [path for path in paths if path[0] == "kind2"]
    assert [hidden for *_, hidden in changes] == ["", " hidden"]
    # From −4 to 4, with 5 % of 8 above and below.
    assert changes[0][1].startswith(
        "M12.50 100.00V190.91H237.50V100.00ZM262.50 100.00V145.45H487.50"
    )


def ticks(page, axis):
    """The labels of an axis of each chart, from the left or from above."""
    boxes = re.findall(f'class="{axis}-ticks">(.*?)</div>', page)
    return [re.findall(">(.*?)</span>", box) for box in boxes]


def test_round_ticks_on_both_axes():
    page = render(story())
    assert ticks(page, "x") == [["0", "1", "2", "3"]] * 3
    picture, sound, change = ticks(page, "y")
    assert picture == ["0 %", "20 %", "40 %"]
    assert sound == ["0 %", "20 %", "40 %"]
    assert change == ["−4", "−2", "0", "2", "4"]


@pytest.mark.parametrize("seconds", [1, 2, 7, 10, 61, 300])
def test_clips_of_any_length(seconds):
    top = TopClass(
        "Dog", 0.5, True, {"picture": 0.1}, {}, *[[0.0] * seconds] * 2
    )
    told = story(
        seconds=seconds,
        window=1,
        attention={"picture": [1 / seconds] * seconds},
        classes=[top],
    )
    page = render(told)
    assert "nan" not in page
    assert f"<strong>a&lt;b&gt;</strong>, {seconds} second" in page
    assert "without each second" in page
    for row in ticks(page, "x"):
        places = [int(label) for label in row]
        assert places[0] == 0
        assert places[-1] < seconds
        assert 2 <= len(places) <= 8 or seconds < 3
        assert len({b - a for a, b in itertools.pairwise(places)}) < 2


def test_landmarks_and_labels():
    page = Parsed(render(story()))
    for tag in ("header", "main", "footer", "h1", "fieldset", "legend"):
        assert len(page.of(tag)) == 1, tag
    assert page.of("html") == [{"lang": "en"}]
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(set(ids)) == len(ids)
    named = [
        a[name]
        for _, a in page.tags
        for name in ("aria-labelledby", "for")
        if name in a
    ]
    assert set(named) <= set(ids)
    assert "second" in named  # the slider has a label
    assert all(a.get("aria-hidden") == "true" for a in page.of("svg"))
    assert all("scope" in a for a in page.of("th"))


def test_a_page_without_seconds():
    page = render(without_seconds())
    assert "there is no time line" in page
    assert "The model takes the sound alone." in page
    assert "gives this video no label" in page
    assert not [a for a in Parsed(page).of("input")]


def test_three_modalities():
    page = render(of_three())
    said = "50.0 % is the picture’s, 20.0 % the sound’s and 30.0 % the <text>’s"
    assert said in Parsed(page).text
    assert "<h3>Share of each modality</h3>" in page
    for head in ("Picture", "Sound", "&lt;text&gt;"):
        assert f">{head}</th>" in page
    bars = re.search('<svg class="bar".*?</svg>', page).group()
    assert [f"kind{i}" in bars for i in range(4)] == [True, True, True, False]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"attention": {}}, "The model has no attention over seconds."),
        ({"share": {}}, "None of picture and sound speaks for any class."),
    ],
)
def test_what_there_is_not(changes, said):
    assert said in render(story(**changes))
