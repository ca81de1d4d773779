"""Cells that no spreadsheet runs, and that are read as they were."""

from __future__ import annotations

import csv
import io
import itertools

import pytest

from keras_attend_fusion.files import guard, unguard, write_row

RUN = ["=1+1", "+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-2+3+cmd|' /C c'!A0"]
RUN += ["-1,2", "\uff1d1", "-é", "'=1+1", "''@a"]
SAFE = [
    "dQw4",
    "-dQw4w9WgXcQ",
    "--_-",
    "-1",
    "-ab:5 c:0",
    "a=b",
    "",
    "'",
    "'-a",
]


@pytest.mark.parametrize("text", RUN)
def test_a_formula_is_guarded(text):
    assert guard(text) == f"'{text}"


@pytest.mark.parametrize("text", SAFE)
def test_what_is_not_a_formula_stays(text):
    assert guard(text) == text == unguard(text)


def test_every_text_is_given_back():
    for parts in itertools.product("'=-a@ \r", repeat=4):
        text = "".join(parts)
        assert unguard(guard(text)) == text


def test_rows_are_read_by_any_reader():
    rows = [["a\rb", "c\nd", 'e"f', "g,h"], ["", " x ", "ü", "\r\n"], ["'"]]
    file = io.StringIO(newline="")
    for row in rows:
        write_row(file, row)
    read = list(csv.reader(io.StringIO(file.getvalue(), newline="")))
    assert [[unguard(cell) for cell in row] for row in read] == rows


def test_numbers_stay_numbers():
    file = io.StringIO()
    write_row(file, [1, -0.5, None, "-0.5+1"])
    assert file.getvalue() == "1,-0.5,,'-0.5+1\n"
