"""Shards in which nothing has a label are refused before the training."""

from __future__ import annotations

import pytest

from keras_attend_fusion.runs import preflight as first_look
from tests.cli import runs
from tests.data import records


def shard(path, labels):
    """A video-level shard of videos with these labels."""
    made = [records.video(f"v{i}", some) for i, some in enumerate(labels)]
    return records.write(path, made)


def rated(path, scores):
    """A frame-level shard of videos with one rated segment each."""
    made = [
        records.frames(
            f"v{i}",
            [1],
            rgb=6,
            audio=6,
            segment_start_times=[0],
            segment_labels=[1],
            segment_scores=[score],
        )
        for i, score in enumerate(scores)
    ]
    return records.write(path, made)


def words(out, train, validate, *others):
    return [
        "train",
        f"--train={train}",
        f"--validate={validate}",
        f"--out={out}",
        "--epochs=1",
        "--num-classes=4",
        "--dtype-policy=float32",
        *runs.QUICK,
        *others,
    ]


@pytest.mark.parametrize("split", ["train", "validate"])
def test_no_video_has_a_label(fails, tmp_path, split):
    sound = shard(tmp_path / "sound.tfrecord", [[1], [2]])
    bad = shard(tmp_path / "bad.tfrecord", [[], [], []])
    given = {"train": sound, "validate": sound, split: bad}
    line = fails(*words(tmp_path / "run", *given.values()))
    assert f"--{split} {bad}: no video has a label (key labels), so" in line
    assert "pass labelled shards" in line
    assert not (tmp_path / "run").exists()


def test_no_label_is_of_the_classes(fails, command, tmp_path):
    path = shard(tmp_path / "a.tfrecord", [[1], [2, 1], []])
    line = fails(*words(tmp_path / "run", path, path, "--classes=0,3"))
    assert "no video has a label of the classes that --classes names" in line
    answer = command(*words(tmp_path / "run", path, path, "--classes=0,2"))
    assert answer.status == 0, answer.error


@pytest.mark.parametrize("more", [[], ["--on-corrupt=skip"]])
def test_a_label_beyond_the_first_look(command, tmp_path, monkeypatch, more):
    monkeypatch.setattr(first_look, "VIDEOS", 2)
    path = shard(tmp_path / "a.tfrecord", [[], [], [], [3]])
    assert first_look.look("train", str(path), "video", 4, "error", "") == (
        first_look.Look(
            f"`train` {path}",
            "video",
            4,
            False,
            videos=2,
            present={"rgb", "audio"},
        )
    )
    answer = command(*words(tmp_path / "run", path, path, *more))
    assert (answer.status, answer.error) == (0, "")


def test_a_search_is_refused_too(fails, tmp_path):
    path = shard(tmp_path / "a.tfrecord", [[], []])
    flags = [f"--{name}={path}" for name in ("train", "validate")]
    out = tmp_path / "search"
    line = fails("tune", *flags, f"--out={out}", "--num-classes=4")
    assert f"--train {path}: no video has a label" in line
    assert not out.exists()


def test_no_segment_is_rated_as_positive(fails, command, tmp_path):
    sound = rated(tmp_path / "sound.tfrecord", [0.0, 1.0])
    bad = rated(tmp_path / "bad.tfrecord", [0.0, 0.2])
    out = tmp_path / "run"
    line = fails(*words(out, sound, bad, "--segments"))
    assert f"--validate {bad}: no segment is rated as positive, so" in line
    line = fails(*words(out, sound, sound, "--segments", "--classes=0,2"))
    assert "as positive of the classes that --classes names" in line
    answer = command(*words(out, sound, sound, "--segments"))
    assert answer.status == 0, answer.error
