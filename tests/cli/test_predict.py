"""What predict refuses to write, and to read names from."""

from __future__ import annotations

import pytest

from keras_attend_fusion.cli.predict import read_vocabulary
from tests.data import records


def test_an_out_that_exists_stays(video, fails, tmp_path):
    out = tmp_path / "p.csv"
    out.write_text("precious")
    line = fails(
        "predict",
        f"--model={video.run}",
        f"--data={video.validate}",
        f"--out={out}",
    )
    assert f"{out} exists: remove it or name another --out" in line
    assert out.read_text() == "precious"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "has the columns none: a vocabulary needs Index and Name"),
        (b"a,b\n1,x\n", "has the columns a, b: a vocabulary needs Index and"),
        (b"Index,Title\n1,x\n", "has the columns Index, Title: a vocabulary"),
        (
            b"Index,Name\n0,a\nx,b\n",
            "line 3: the Index is 'x', expected a whole number",
        ),
        (b"Name,Index\na\n", "line 2: the Index is None, expected a whole"),
        (b"Index,Name\n1,\xff\xfe\n", "is not UTF-8 text"),
    ],
)
def test_a_vocabulary_that_is_none(fails, tmp_path, content, expected):
    path = tmp_path / "vocabulary.csv"
    path.write_bytes(content)
    line = fails(
        "predict",
        "--model=nope",
        "--data=nope",
        f"--out={tmp_path / 'p.jsonl'}",
        f"--vocabulary={path}",
    )
    assert f"{path} " in line
    assert expected in line
    assert list(tmp_path.iterdir()) == [path]


def test_a_vocabulary_that_is_not_there(fails, tmp_path):
    line = fails(
        "predict",
        "--model=nope",
        "--data=nope",
        f"--out={tmp_path / 'p.jsonl'}",
        f"--vocabulary={tmp_path / 'nope.csv'}",
    )
    assert "No such file" in line
    assert str(tmp_path / "nope.csv") in line


@pytest.mark.real_data
def test_the_real_vocabulary(real_data):
    names = read_vocabulary(str(real_data / "vocabulary.csv"))
    assert sorted(names) == list(range(3862))
    assert names[0] == "Game"


def test_an_id_that_is_no_text_is_written_all_the_same(
    video, command, tmp_path
):
    made = [records.video(id_key="video_id", id=[b"\xff\xfe"])]
    path = records.write(tmp_path / "a.tfrecord", made)
    out = tmp_path / "p.csv"
    answer = command(
        "predict", f"--model={video.run}", f"--data={path}", f"--out={out}"
    )
    assert answer.status == 0
    assert out.read_text("utf-8").splitlines()[1].startswith("\ufffd\ufffd,")
