"""What predict writes, and what it refuses to write and to read."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from keras_attend_fusion.cli.predict import read_vocabulary
from tests.cli import runs
from tests.cli.runs import predictions
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


def test_predict_writes_kaggles_csv(trained, command, tmp_path):
    out = tmp_path / "new" / "p.csv"
    answer = command(
        "predict",
        f"--model={trained.run}",
        f"--data={trained.validate}",
        f"--out={out}",
        "--top-k=3",
    )
    ids, scores, _ = predictions(trained)
    assert answer.status == 0
    assert answer.error == ""
    assert answer.out == f"Wrote {out}: {len(ids)} videos.\n"
    lines = out.read_bytes().decode("ascii").split("\n")
    assert lines[0] == "VideoId,LabelConfidencePairs"
    assert lines[-1] == ""
    assert len(lines) == len(ids) + 2
    for line, video, row in zip(lines[1:], ids, scores, strict=False):
        found, pairs = line.split(",")
        assert found == video
        numbers = pairs.split(" ")
        best = np.argsort(-row)[:3]
        assert numbers[::2] == [str(c) for c in best]
        assert [float(n) for n in numbers[1::2]] == (
            pytest.approx(row[best], rel=1e-4)
        )


def test_predict_writes_lines_with_names(video, command, tmp_path):
    vocabulary = tmp_path / "vocabulary.csv"
    names = [f"class, “{c}”" for c in range(runs.CLASSES)]
    with vocabulary.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["TrainVideoCount", "Name", "Index"])
        for c in reversed(range(runs.CLASSES - 1)):  # the last has no name
            writer.writerow([7, names[c], c])
    out = tmp_path / "p.jsonl"
    answer = command(
        "predict",
        f"--model={video.run}",
        f"--data={video.validate}",
        f"--out={out}",
        f"--vocabulary={vocabulary}",
    )
    assert answer.status == 0
    ids, scores, _ = predictions(video)
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line["id"] for line in lines] == ids
    for line, row in zip(lines, scores, strict=True):
        best = np.argsort(-row)  # 8 classes, so fewer than 20
        assert [label["index"] for label in line["labels"]] == best.tolist()
        assert [label["score"] for label in line["labels"]] == (
            pytest.approx(row[best], rel=1e-4)
        )
        for label in line["labels"]:
            c = label["index"]
            expected = names[c] if c < runs.CLASSES - 1 else None
            assert label["name"] == expected


def test_lines_without_a_vocabulary_have_no_names(video, command, tmp_path):
    out = tmp_path / "p.jsonl"
    command(
        "predict",
        f"--model={video.run}",
        f"--data={video.validate}",
        f"--out={out}",
        "--top-k=1",
    )
    first = json.loads(out.read_text().splitlines()[0])
    (label,) = first["labels"]
    assert set(label) == {"index", "score"}
