"""Segments of frame-level shards, scored and written."""

from __future__ import annotations

import gzip

import keras
import numpy as np
import pytest

from keras_attend_fusion import data
from keras_attend_fusion.predictions import segments
from tests.cli import runs
from tests.data import records


def mask(*seconds, width=60):
    return np.arange(width) < np.array(seconds)[:, None]


def test_only_whole_segments_but_of_a_short_video():
    features = {
        "rgb_mask": mask(10, 14, 4, 0, 60),
        "audio_mask": mask(15, 3, 3, 0, 60),
    }
    rows, places = segments.segments(features)
    found = [places[rows == row].tolist() for row in range(5)]
    assert found == [[0, 1, 2], [0, 1], [0], [0], list(range(12))]


def by_hand(run, pattern):
    """Scores of every segment, one video and one segment at a time."""
    model = keras.saving.load_model(run / "model.keras", compile=False)
    load = data.load(pattern, batch_size=1, num_classes=8, with_id=True)
    scores = {}
    for features, _ in load.as_numpy_iterator():
        (video,) = features.pop("id")
        seconds = max(features[k].sum() for k in ("rgb_mask", "audio_mask"))
        for start in range(0, max(seconds - 4, 1), 5):
            part = {k: v[:, start : start + 5] for k, v in features.items()}
            (row,) = model.predict_on_batch(part)
            scores[f"{video.decode()}:{start}"] = row
    return scores


@pytest.mark.parametrize("name", ["s.csv", "s.csv.gz"])
def test_predict_writes_kaggles_segments(frame, command, tmp_path, name):
    chosen = tmp_path / "classes.csv"
    chosen.write_text("Index\n6\n2\n")
    out = tmp_path / name
    answer = command(
        "predict",
        f"--model={frame.run}",
        f"--data={frame.validate}",
        f"--out={out}",
        "--segments",
        "--top-segments=25",
        f"--segment-classes={chosen}",
        "--batch-size=5",
    )
    assert answer.status == 0, answer
    assert answer.error == ""
    expected = by_hand(frame.run, frame.validate)
    assert len(expected) > 200
    videos = runs.VIDEOS["frame"] // 4
    assert answer.out == (
        f"Wrote {out}: {len(expected)} segments of {videos} videos.\n"
    )
    raw = out.read_bytes()
    text = gzip.decompress(raw) if name.endswith("gz") else raw
    header, *rows = text.decode().splitlines()
    assert header == "Class,Segments"
    assert [row.split(",")[0] for row in rows] == ["2", "6"]
    for row in rows:
        index, listed = row.split(",")
        scores = {one: row[int(index)] for one, row in expected.items()}
        found = listed.split(" ")
        assert len(set(found)) == 25
        ranked = sorted(scores.values(), reverse=True)
        # Batches of another size may move a score in its last digits.
        assert [scores[one] for one in found] == (
            pytest.approx(ranked[:25], rel=1e-4, abs=1e-6)
        )


def test_all_classes_and_a_video_of_three_seconds(frame, command, tmp_path):
    made = [records.frames("long", rgb=11, audio=9), records.frames("tiny")]
    path = records.write(tmp_path / "a.tfrecord", made)
    out = tmp_path / "s.csv"
    flags = [f"--model={frame.run}", f"--data={path}", f"--out={out}"]
    answer = command("predict", *flags, "--segments")
    assert answer.out == f"Wrote {out}: 3 segments of 2 videos.\n"
    _, *rows = out.read_text().splitlines()
    assert len(rows) == runs.CLASSES
    for index, row in enumerate(rows):
        assert row.startswith(f"{index},")
        listed = row.split(",")[1].split(" ")
        assert sorted(listed) == ["long:0", "long:5", "tiny:0"]


def test_a_video_level_model_has_no_segments(video, fails, tmp_path):
    line = fails(
        "predict",
        f"--model={video.run}",
        f"--data={video.validate}",
        f"--out={tmp_path / 's.csv'}",
        "--segments",
    )
    assert f"{video.run} takes video-level shards, which have no seg" in line
    assert not any(tmp_path.iterdir())


def test_nothing_to_score(frame, command, tmp_path):
    path = records.write(tmp_path / "a.tfrecord", [b"garbage"])
    out = tmp_path / "s.csv"
    flags = [f"--model={frame.run}", f"--data={path}", f"--out={out}"]
    answer = command("predict", *flags, "--segments", "--on-corrupt=skip")
    assert answer.status == 1
    line = answer.error.splitlines()[-1]
    assert f"--data {path}: no record that can be used" in line
    assert not out.exists()


def test_windows_of_a_length_that_five_does_not_divide():
    values = np.arange(2 * 7 * 3).reshape(2, 7, 3)
    windows = segments._split(values)
    assert windows.shape == (2, 2, 5, 3)
    np.testing.assert_array_equal(windows[:, 0], values[:, :5])
    np.testing.assert_array_equal(windows[:, 1, :2], values[:, 5:])
    assert not windows[:, 1, 2:].any()
