"""What predict writes, and what it refuses to write and to read."""

from __future__ import annotations

import csv
import gzip
import json

import keras
import numpy as np
import pytest

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


def test_a_score_in_the_file_is_the_very_float32(video, command, tmp_path):
    flags = [f"--model={video.run}", f"--data={video.validate}"]
    for name in ("p.csv", "p.jsonl"):
        command("predict", *flags, f"--out={tmp_path / name}")
    rows = (tmp_path / "p.csv").read_text().splitlines()[1:]
    lines = (tmp_path / "p.jsonl").read_text().splitlines()
    for row, line in zip(rows, lines, strict=True):
        texts = row.split(",")[1].split(" ")[1::2]
        found = [label["score"] for label in json.loads(line)["labels"]]
        assert [float(text) for text in texts] == found
        # Digits enough for a float32, and none that it does not hold.
        assert [str(np.float32(text)) for text in texts] == texts


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_predict_compresses_by_suffix(video, command, tmp_path, form):
    flags = [f"--model={video.run}", f"--data={video.validate}"]
    for name in ("a", "a.gz", "b.gz"):
        name = name.replace("a", f"a.{form}").replace("b", f"b.{form}")
        answer = command("predict", *flags, f"--out={tmp_path / name}")
        assert answer.status == 0
    packed = (tmp_path / f"a.{form}.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / f"a.{form}").read_bytes()
    assert packed == (tmp_path / f"b.{form}.gz").read_bytes()
    assert packed[4:8] == b"\0\0\0\0"  # no time
    assert packed[3] == 0  # no name


def test_an_id_with_a_comma_is_quoted(video, command, tmp_path):
    path = records.write(tmp_path / "a.tfrecord", [records.video('a,"b')])
    out = tmp_path / "p.csv"
    flags = [f"--model={video.run}", f"--data={path}", f"--out={out}"]
    assert command("predict", *flags, "--top-k=1").status == 0
    with out.open(newline="") as file:
        _, (found, pair) = csv.reader(file)
    assert found == 'a,"b'
    assert len(pair.split()) == 2


def test_nothing_is_left_of_a_file_that_fails_midway(video, fails, tmp_path):
    made = [records.video("v000"), records.video("v001", labels=[99])]
    path = records.write(tmp_path / "a.tfrecord", made)
    line = fails(
        "predict",
        f"--model={video.run}",
        f"--data={path}",
        f"--out={tmp_path / 'p.csv.gz'}",
        "--batch-size=1",  # so that the first is written
    )
    assert f"{path}: record 1 at byte" in line
    assert list(tmp_path.iterdir()) == [path]


def test_scores_that_are_no_numbers(video, fails, tmp_path):
    model = keras.saving.load_model(video.run / "model.keras", compile=False)
    weights = model.get_weights()
    model.set_weights([np.full_like(w, np.nan) for w in weights])
    model.save(tmp_path / "broken.keras")
    ids = predictions(video)[0]
    line = fails(
        "predict",
        f"--model={tmp_path / 'broken.keras'}",
        f"--data={video.validate}",
        f"--out={tmp_path / 'p.csv'}",
    )
    assert f"scores of the video {ids[0]} are not finite numbers" in line
    assert not (tmp_path / "p.csv").exists()


def test_predict_writes_lines_with_names(video, command, tmp_path):
    vocabulary = tmp_path / "vocabulary.csv"
    names = [f"class, “{c}”" for c in range(runs.CLASSES)]
    with vocabulary.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["TrainVideoCount", "Name", "Index"])
        for c in reversed(range(runs.CLASSES)):
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
            assert label["name"] == names[label["index"]]


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
