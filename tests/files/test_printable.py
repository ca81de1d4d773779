"""Text of others, as a terminal gets it."""

from __future__ import annotations

import pytest

from keras_attend_fusion.files import printable


@pytest.mark.parametrize(
    "text",
    ["", "plain", "Ünïcode 猫", "می\u200cخواهم", "1\u00a0000", "👩\u200d🔬"],
)
def test_words_of_any_script_stay(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31mred", "\\x9b31mred"),  # one character that starts a code
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\x7f\x00", "\\x7f\\x00"),
        ("abc\u202egpj", "abc\\u202egpj"),  # turns the writing direction
        ("a\u2028b", "a\\u2028b"),
        ("\ud800", "\\ud800"),  # half of a pair: cannot be encoded
    ],
)
def test_what_moves_the_cursor_is_written_out(text, shown):
    assert printable(text) == shown


def test_only_so_many_characters_are_shown():
    assert printable("x" * 10, 4) == "xxxx…"
    assert printable("x" * 10_000, None) == "x" * 10_000
    assert len(printable("x" * 10_000)) < 400
