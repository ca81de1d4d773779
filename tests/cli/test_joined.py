"""Files of predictions against the labels of shards."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from keras_attend_fusion import metrics
from keras_attend_fusion.predictions import joined
from tests.cli import runs
from tests.cli.runs import predictions, read_json
from tests.data import records

HEADER = ["VideoId", "LabelConfidencePairs"]


def write(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def pairs(scores, classes):
    return " ".join(f"{c} {scores[c]}" for c in classes)


def evaluate(command, tmp_path, file, pattern, *others):
    report = tmp_path / "report.json"
    answer = command(
        "evaluate",
        f"--predictions={file}",
        f"--data={pattern}",
        f"--json={report}",
        *others,
    )
    assert answer.status == 0, answer
    assert answer.error == ""
    return answer, read_json(report)


@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
def test_what_predict_wrote_scores_as_its_model(
    trained, command, tmp_path, suffix
):
    file = tmp_path / f"p.{suffix}"
    flags = [f"--model={trained.run}", f"--data={trained.validate}"]
    assert command("predict", *flags, f"--out={file}").status == 0
    report = tmp_path / "model.json"
    command("evaluate", *flags, "--ranking=top_20", f"--json={report}")
    expected = read_json(report)
    threshold = f"--threshold={expected['threshold']!r}"
    answer, found = evaluate(
        command, tmp_path, file, trained.validate, threshold
    )
    assert found.pop("missing_videos") == 0
    assert found == expected  # to the last bit
    assert "map" not in found
    assert "picked on" not in answer.out


def test_rows_in_any_order_some_short_some_missing(
    video, command, tmp_path, monkeypatch
):
    monkeypatch.setattr(joined, "AT_ONCE", 7)
    ids, scores, labels = predictions(video)
    rng = np.random.default_rng(0)
    kept = rng.permutation(len(ids))[:-9]
    known = np.full(scores.shape, -1.0)  # below what any row says
    rows = []
    for i in kept:
        classes = rng.permutation(runs.CLASSES)[: rng.integers(4)]
        known[i, classes] = scores[i, classes]
        rows.append([ids[i], pairs(scores[i], classes)])
    file = write(tmp_path / "p.csv", rows)
    answer, found = evaluate(command, tmp_path, file, video.validate)
    assert found["missing_videos"] == 9
    assert found["videos"] == len(ids)
    assert (
        f"9 of {len(ids)} videos are not in {file}: they count as predicted "
        "nothing.\n"
    ) in answer.out
    assert "picked on these videos, so F1 is optimistic" in answer.out
    # GAP by hand: hits in the pooled list, over all positives.
    named = known >= 0.0
    order = np.argsort(-known[named], kind="stable")
    hits = labels[named][order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    by_hand = (precision * hits).sum() / labels.sum()
    assert found["gap_at_20"] == pytest.approx(by_hand, abs=1e-9)
    best = np.where(named, known, -2.0).argmax(axis=1)
    right = labels[np.arange(len(ids)), best] * named.any(axis=1)
    assert found["hit_at_1"] == pytest.approx(right.mean())


@pytest.mark.parametrize("level", ["video", "frame"])
@pytest.mark.parametrize("name", ["rgb", "text"])
def test_shards_of_one_modality(command, tmp_path, level, name):
    values = (
        {"x": [0.5, -1.0], "absent": ("mean_rgb", "mean_audio")}
        if level == "video"
        else {"rgb": [b"ab"], "audio": None}
    )
    make = records.video if level == "video" else records.frames
    made = [make(f"v{i}", labels=[i % 2], **values) for i in range(4)]
    path = records.write(tmp_path / "a.tfrecord", made)
    schema = tmp_path / "schema.json"
    modality = {
        "name": name,
        "key": "x" if level == "video" else "rgb",
        "size": 2,
    }
    schema.write_text(json.dumps({"level": level, "modalities": [modality]}))
    file = write(
        tmp_path / "p.csv", [[f"v{i}", f"{i % 2} 0.9"] for i in range(4)]
    )
    flags = [f"--schema={schema}", "--num-classes=2"]
    _, metrics_found = evaluate(command, tmp_path, file, path, *flags)
    assert metrics_found["gap_at_20"] == 1.0


def test_more_than_twenty_classes_a_row(command, tmp_path):
    """The best twenty count; --num-classes gives the labels room."""
    made = [records.video(f"v{i}", labels=[i, 30 + i]) for i in range(4)]
    path = records.write(tmp_path / "a.tfrecord", made)
    scores = np.random.default_rng(0).random((4, 40)).astype("float32")
    rows = [[f"v{i}", pairs(scores[i], range(40))] for i in range(4)]
    file = write(tmp_path / "p.csv", rows)
    _, found = evaluate(command, tmp_path, file, path, "--num-classes=40")
    labels = np.zeros((4, 40), bool)
    for i in range(4):
        labels[i, [i, 30 + i]] = True
    evaluator = metrics.Evaluator(40, ranking="top_20")
    evaluator.update(scores, labels)
    expected = evaluator.result()
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [["v001", "1 1"], ["x1", ""], ["x2", ""], ["v000", "1 1"]],
            "line 3: 2 ids are not those of a video in --data (x1, x2): pass",
        ),
        (
            [[f"x{i}", ""] for i in range(7)],
            "line 2: 7 ids are not those of a video in --data (x0, x1, x2, "
            "x3, x4, …): pass",
        ),
        (
            [["v001", "1 1"], ["v000", ""], ["v001", "2 1"]],
            "line 4: the id v001 was on line 2 already",
        ),
        ([["v001", "1 1"], ["v000", "1"]], "line 3: 1 numbers for v000"),
        (
            [["v001", "8 1"]],
            "line 2: class 8, but there are 8: pass --num-classes if",
        ),
    ],
)
def test_a_file_that_does_not_fit(fails, tmp_path, rows, expected):
    made = [records.video(f"v00{i}") for i in range(3)]
    path = records.write(tmp_path / "a.tfrecord", made)
    file = write(tmp_path / "p.csv", rows)
    line = fails(
        "evaluate",
        f"--predictions={file}",
        f"--data={path}",
        "--num-classes=8",
        f"--json={tmp_path / 'never.json'}",
    )
    assert f"{file} {expected}" in line
    assert not (tmp_path / "never.json").exists()


def test_a_file_that_is_not_there(video, fails, tmp_path):
    file = tmp_path / "nope.csv"
    flags = [f"--predictions={file}", f"--data={video.validate}"]
    line = fails("evaluate", *flags)
    assert "No such file" in line
    assert str(file) in line


def test_labels_beyond_the_classes(fails, tmp_path):
    path = records.write(tmp_path / "a.tfrecord", [records.video(labels=[9])])
    file = write(tmp_path / "p.csv", [])
    flags = [f"--predictions={file}", f"--data={path}", "--num-classes=9"]
    line = fails("evaluate", *flags)
    assert f"{path}: first record: label 9, but num_classes is 9: 1" in line
    assert line.endswith("pass --num-classes=10 or more")


def test_a_video_that_comes_twice_in_the_shards(fails, tmp_path):
    one = records.write(tmp_path / "a.tfrecord", [records.video("v000")])
    two = records.write(tmp_path / "b.tfrecord", [records.video("v000")])
    file = write(tmp_path / "p.csv", [["v000", "1 1"]])
    flags = [f"--predictions={file}", f"--data={one},{two}"]
    line = fails("evaluate", *flags)
    assert "--data holds the video id v000 twice: pass each shard" in line


def test_an_empty_file_predicts_nothing(video, command, tmp_path):
    file = write(tmp_path / "p.csv", [])
    _, found = evaluate(command, tmp_path, file, video.validate)
    assert found["missing_videos"] == found["videos"]
    assert found["gap_at_20"] == found["f1_micro"] == found["hit_at_1"] == 0.0


@pytest.mark.real_data
def test_a_real_shard(real_data, command, tmp_path):
    """Predictions that are the labels themselves are perfect."""
    from keras_attend_fusion import data

    shard = real_data / "yt8m_video" / "validate0000.tfrecord"
    rows = []
    for features, labels in data.load(shard, with_id=True).as_numpy_iterator():
        for video, row in zip(features["id"], labels, strict=True):
            named = np.flatnonzero(row)
            rows.append([video.decode(), pairs(np.ones(3862), named)])
    file = write(tmp_path / "p.csv", rows)
    _, found = evaluate(command, tmp_path, file, shard)
    assert found["videos"] == len(rows) == data.count(shard)
    for name in ("gap_at_20", "map_top_20", "hit_at_1", "perr", "f1_micro"):
        assert found[name] == 1.0
    assert found["missing_videos"] == 0
