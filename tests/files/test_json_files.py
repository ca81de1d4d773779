"""JSON files: read, written, refused with the file's name."""

from __future__ import annotations

import pytest

from keras_attend_fusion.files import read_json, write_json


def test_what_is_written_is_read(tmp_path):
    value = {"é": [1, 2.5, None, True]}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_passed_over(tmp_path, encoding):
    (tmp_path / "a.json").write_text('["é"]', encoding)
    assert read_json(tmp_path / "a.json", list) == ["é"]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("null", dict, "a.json holds None: expected a JSON object"),
        ("[1]", dict, r"a.json holds \[1\]: expected a JSON object"),
        ("{}", list, "a.json holds {}: expected a JSON list"),
        ('"' + "x" * 999 + '"', dict, "a.json holds 'x{59}…: expected"),
        ("{", dict, "a.json is not JSON: "),
        ("", dict, "a.json is not JSON: "),
        ("[" * 100_000, list, "a.json is nested too deep to be read"),
        ("1" * 5000, dict, "a.json is not JSON: "),
    ],
)
def test_other_values_are_refused(tmp_path, text, kind, expected):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ValueError, match=expected):
        read_json(tmp_path / "a.json", kind)
