"""What predict writes, and what it refuses to write and to read."""

from __future__ import annotations

import csv
import gzip
import json
import os

import keras
import numpy as np
import pytest

from keras_attend_fusion.files import unguard, write_row, writing
from keras_attend_fusion.predictions import kaggle
from keras_attend_fusion.predictions.ids import raw_of
from keras_attend_fusion.predictions.kaggle import HEADER
from tests.cli import runs
from tests.cli.runs import predictions
from tests.data import records
from tests.files.test_places import read_in_thread


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


IDS = [
    b"-abc",
    b"\xff\xfe",
    b"\xff\xfd",
    rb"\xff\xfe",
    "é\x00\x1b".encode(),
    b"a\rb",
    b"a\nb",
    b'a,"b',
    b"=1+1",
    b"'=1+1",
    b"+a",
    b"@SUM(A1)",
    b"\ttab",
    b"\rreturn",
    b"-1+cmd|' /C calc'!A0",
    b" a ",
]


def strange_shard(path, ids=IDS):
    """Videos whose labels tell them apart."""
    made = [
        records.video(
            labels=[i % runs.CLASSES], id=[raw], audio=[0.1 * i] * 128
        )
        for i, raw in enumerate(ids)
    ]
    return records.write(path, made)


def test_an_id_of_any_bytes_is_read_as_it_was_written(video, command, tmp_path):
    path = strange_shard(tmp_path / "a.tfrecord")
    flags = [f"--model={video.run}", f"--data={path}"]
    report = tmp_path / "report.json"
    command("evaluate", *flags, "--ranking=top_20", f"--json={report}")
    expected = runs.read_json(report)
    for name in ("p.csv", "p.csv.gz"):
        out = tmp_path / name
        assert command("predict", *flags, f"--out={out}").status == 0
        answer = command(
            "evaluate",
            f"--predictions={out}",
            f"--data={path}",
            f"--num-classes={runs.CLASSES}",
            f"--threshold={expected['threshold']!r}",
            f"--json={report}",
        )
        assert answer.status == 0, answer
        assert runs.read_json(report) == expected | {"missing_videos": 0}
    with (tmp_path / "p.csv").open(newline="", encoding="utf-8") as file:
        written = [cells[0] for cells in csv.reader(file)][1:]
    assert [raw_of(unguard(cell)) for cell in written] == IDS
    assert written[0] == "-abc"
    assert not any(cell[0] in "=+@\t\r\n" for cell in written)
    out = tmp_path / "p.jsonl"
    assert command("predict", *flags, f"--out={out}").status == 0
    with out.open(encoding="utf-8", newline="") as file:
        lines = [json.loads(line)["id"] for line in file]
    assert [raw_of(text) for text in lines] == IDS
    assert lines[5] == "a\rb"


def test_a_file_of_others_is_read_as_it_is(command, tmp_path):
    """Ids that look escaped or guarded, in a file that escapes nothing."""
    ids = [rb"\xff", b"'=a", b"=b", "ä".encode(), rb"C:\x41"]
    path = strange_shard(tmp_path / "a.tfrecord", ids)
    file, report = tmp_path / "p.csv", tmp_path / "report.json"
    rows = [[raw.decode(), f"{i} 0.9"] for i, raw in enumerate(ids)]
    with file.open("w", newline="", encoding="utf-8") as written:
        csv.writer(written).writerows([HEADER, *rows])
    flags = [f"--predictions={file}", f"--data={path}", "--num-classes=8"]
    answer = command("evaluate", *flags, f"--json={report}")
    assert answer.status == 0, answer
    assert runs.read_json(report)["gap_at_20"] == 1.0
    assert runs.read_json(report)["missing_videos"] == 0


def test_ids_that_come_twice_are_told(video, command, fails, tmp_path):
    path = strange_shard(tmp_path / "a.tfrecord", [b"\xff", b"a", b"\xff"])
    out = tmp_path / "p.csv"
    flags = [f"--model={video.run}", f"--data={path}", f"--out={out}"]
    answer = command("predict", *flags)
    assert answer.status == 0
    assert answer.error == (
        "1 of them have the id of an earlier one, first \\xff: evaluate "
        "--predictions takes each id once.\n"
    )
    assert len(out.read_text().splitlines()) == 4
    line = fails("evaluate", f"--predictions={out}", f"--data={path}")
    assert "--data holds the video id \\xff twice" in line


def test_a_row_of_twelve_thousand_classes(tmp_path):
    """It is longer than the module csv takes by default."""
    pairs = [(index, f"{1 / (index + 1):.17g}") for index in range(12_000)]
    file = tmp_path / "p.csv.gz"
    with writing(file) as written:
        write_row(written, HEADER)
        kaggle.write(written, "dQw4", pairs)
    limit = csv.field_size_limit()
    (row,) = kaggle.read(str(file), 12_000)
    assert row.classes == list(range(12_000))
    assert row.scores == [float(score) for _, score in pairs]
    assert csv.field_size_limit() == limit


def test_predictions_go_through_a_pipe(video, command, tmp_path):
    fifo = tmp_path / "p.csv"
    os.mkfifo(fifo)
    thread, content = read_in_thread(fifo)
    flags = [f"--model={video.run}", f"--data={video.validate}"]
    assert command("predict", *flags, f"--out={fifo}").status == 0
    thread.join(60)
    assert content[0].startswith(b"VideoId,LabelConfidencePairs\n")
    assert fifo.is_fifo()


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


def test_lines_without_a_vocabulary_have_the_run_s_names(
    video, command, tmp_path
):
    """Those of the manifest beside the shards that it was trained on."""
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
    manifest = runs.read_json(video.shards / "manifest.json")
    assert label["name"] == manifest["classes"][label["index"]]["name"]


def test_lines_have_no_names_where_none_are_known(video, command, tmp_path):
    path, out = tmp_path / "bare.keras", tmp_path / "p.jsonl"
    model = keras.saving.load_model(video.run / "model.keras", compile=False)
    model.save(path)
    flags = [f"--model={path}", f"--data={video.validate}", f"--out={out}"]
    assert command("predict", *flags, "--top-k=1").status == 0
    first = json.loads(out.read_text().splitlines()[0])
    (label,) = first["labels"]
    assert set(label) == {"index", "score"}


def test_a_class_without_a_name_goes_by_its_id_or_index(
    video, command, tmp_path
):
    vocabulary = tmp_path / "labels.tsv"
    vocabulary.write_text(
        "index\tmid\tdisplay_name\n0\t/m/0\t\n1\t\t \n"
        + "".join(f"{c}\t/m/{c}\tname {c}\n" for c in range(2, 8))
    )
    out = tmp_path / "p.jsonl"
    command(
        "predict",
        f"--model={video.run}",
        f"--data={video.validate}",
        f"--out={out}",
        f"--vocabulary={vocabulary}",
    )
    first = json.loads(out.read_text().splitlines()[0])
    names = {label["index"]: label["name"] for label in first["labels"]}
    assert names[0] == "/m/0"
    assert names[1] == "class 1"
    assert names[2] == "name 2"
