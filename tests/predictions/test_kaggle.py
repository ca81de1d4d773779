"""Reading files of predictions, and what is none."""

from __future__ import annotations

import gzip

import pytest

from keras_attend_fusion.predictions.kaggle import read

HEADER = "VideoId,LabelConfidencePairs\n"


@pytest.mark.parametrize("name", ["p.csv", "p.csv.gz"])
def test_rows_come_as_they_are_written(tmp_path, name):
    text = (
        "\ufeffVideoId,LabelConfidencePairs\r\n"
        "aaaa,3 0.5 0 1e-3\r\n\r\n"
        '"b,b",2 -1\r\ncccc,\r\n'
    )
    path = tmp_path / name
    raw = text.encode()
    path.write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    assert list(read(str(path), 4)) == [
        (2, "aaaa", [3, 0], [0.5, 0.001]),
        (4, "b,b", [2], [-1.0]),
        (5, "cccc", [], []),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1: expected the header VideoId,LabelConf.*got 'nothing'"),
        ("a,1 0.5\n", "line 1: expected the header .* got 'a,1 0.5'"),
        (HEADER + "a\n", "line 2: expected an id, a comma and pairs, got 'a'"),
        (HEADER + "a,1 1\n,1 1\n", "line 3: expected an id, a comma and pai"),
        (HEADER + "a,1 1,2 1\n", "line 2: expected an id, a comma and pairs"),
        (HEADER + "a,1 1\nb,1 1 2\n", "line 3: 3 numbers for b: expected p"),
        (HEADER + "a,x 1\n", "line 2: the class is 'x': expected a whole"),
        (HEADER + "a,-1 1\n", "line 2: the class is '-1': expected a whole"),
        (HEADER + "a,1.0 1\n", "line 2: the class is '1.0': expected a whole"),
        (HEADER + "a,4 1\n", "line 2: class 4, but there are 4: pass `num"),
        (HEADER + "a,1 x\n", "line 2: the score is 'x': expected a finite"),
        (HEADER + "a,1 nan\n", "line 2: the score is 'nan': expected a fin"),
        (HEADER + "a,1 1 2 1 1 0\n", "line 2: class 1 comes twice for a"),
        (HEADER + "a," + "1" * 200_000, "line 2 is not CSV: field larger"),
    ],
)
def test_a_line_that_is_none(tmp_path, text, expected):
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"{path} {expected}"):
        list(read(str(path), 4))
