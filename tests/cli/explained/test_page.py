"""The page: what it says, and that no name is more than text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from keras_attend_fusion.cli.explained.page import percent, render, signed
from tests.cli.explained.stories import HOSTILE, story, without_seconds


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
    (text,) = re.findall(r'id="data">(.*?)</script>', page, re.S)
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
        "without the 3 seconds around, scale ±4.00",
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
    assert parsed.text.count(HOSTILE) >= 4  # class, label, line, column


def test_nothing_is_fetched():
    page = Parsed(render(story()))
    for tag, attributes in page.tags:
        assert tag not in ("img", "iframe", "object", "embed", "base"), tag
        for name in ("src", "href", "action", "srcset"):
            assert attributes.get(name, "data:,") == "data:,"
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
    paths = re.findall(r'<path class="([\w ]+)" d="(.*?)"', page)
    assert paths[0] == (
        "picture",
        "M0 0V-100.00H1V-50.00H2V-50.00H3V-0.00H4V0Z",
    )
    changes = [one for one in paths if one[0].startswith("change")]
    assert [name for name, _ in changes] == ["change shown", "change"]
    assert changes[0][1] == "M0 0V100.00H1V50.00H2V-25.00H3V-0.00H4V0Z"


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


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"attention": {}}, "The model has no attention over seconds."),
        ({"picture": None}, "Neither picture nor sound speaks for any class."),
    ],
)
def test_what_there_is_not(changes, said):
    assert said in render(story(**changes))
