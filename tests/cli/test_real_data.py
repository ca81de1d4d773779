"""The command on real shards of YouTube-8M."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from keras_attend_fusion import data, export
from keras_attend_fusion.data.vocabulary import read_vocabulary
from tests.cli.runs import ONE_MEMBER

pytestmark = pytest.mark.real_data


def test_a_video_of_real_frames(real_data, command, tmp_path):
    shard = real_data / "yt8m_frame" / "one_video.tfrecord"
    answer = command("inspect", shard)
    assert answer.status == 0
    assert "[frame]: 1 videos" in answer.out
    run = tmp_path / "run"
    answer = command(
        "train",
        f"--train={shard}",
        f"--validate={shard}",
        f"--out={run}",
        f"--config={ONE_MEMBER}",
        "--preset=mobile",
        "--epochs=1",
    )
    assert answer.status == 0
    assert "frame level, 3862 classes" in answer.out
    predictions = tmp_path / "p.jsonl"
    answer = command(
        "predict",
        f"--model={run}",
        f"--data={shard}",
        f"--out={predictions}",
        f"--vocabulary={real_data / 'vocabulary.csv'}",
    )
    assert answer.status == 0
    (line,) = predictions.read_text("utf-8").splitlines()
    labels = json.loads(line)["labels"]
    assert len(labels) == 20
    names = read_vocabulary(real_data / "vocabulary.csv")
    assert all(label["name"] == names[label["index"]] for label in labels)
    assert sum(bool(label["name"]) for label in labels) > 10  # 56 have none

    segments = tmp_path / "s.csv"
    answer = command(
        "predict",
        f"--model={run}",
        f"--data={shard}",
        f"--out={segments}",
        "--segments",
        f"--segment-classes={real_data / 'segment_label_ids.csv'}",
    )
    assert answer.out == f"Wrote {segments}: 34 segments of 1 videos.\n"
    _, *rows = segments.read_text().splitlines()
    assert len(rows) == 1000
    assert rows[0].startswith("3,SjJ3:")
    starts = {f"SjJ3:{5 * i}" for i in range(34)}  # of 170 seconds
    assert all(set(row.split(",")[1].split(" ")) == starts for row in rows)

    answer = command(
        "export",
        f"--model={run}",
        f"--out={tmp_path / 'out'}",
        "--formats=litert",
    )
    assert answer.status == 0
    ((features, _),) = data.load(shard).as_numpy_iterator()
    scores = export.load(tmp_path / "out" / "model.tflite")(features)[0]
    best = [label["index"] for label in labels]
    # The run may compute in bfloat16, the export computes in float32.
    expected = [label["score"] for label in labels]
    np.testing.assert_allclose(scores[best], expected, rtol=0.1)


def test_an_epoch_of_real_videos(real_data, command, tmp_path):
    folder = real_data / "yt8m_video"
    *train, validate = map(str, sorted(folder.glob("*.tfrecord"))[:3])
    run, report = tmp_path / "run", tmp_path / "report.json"
    answer = command(
        "train",
        f"--train={','.join(train)}",
        f"--validate={validate}",
        f"--out={run}",
        f"--config={ONE_MEMBER}",
        "--preset=mobile",
        "--epochs=1",
        "--batch-size=16",
    )
    assert answer.status == 0
    assert "video level, 3862 classes" in answer.out
    answer = command(
        "evaluate",
        f"--model={run}",
        f"--data={validate}",
        f"--json={report}",
    )
    assert answer.status == 0
    found = json.loads(report.read_text())
    assert found["videos"] == data.count(validate)
    assert found["gap_at_20"] > 0.03  # chance, 3 of 3862, is far below
    known = json.loads((run / "metrics.json").read_text())
    assert found["gap_at_20"] == pytest.approx(known["gap_at_20"], abs=1e-3)
    with (run / "history.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["val_gap_at_20"]) == (
        pytest.approx(known["gap_at_20"], abs=1e-3)
    )
