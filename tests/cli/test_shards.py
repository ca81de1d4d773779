"""Shards that cannot be used: one line that says which and why."""

from __future__ import annotations

import json

import pytest

from tests.cli import runs
from tests.cli.damage import BAD, damaged, good
from tests.data import records


@pytest.mark.parametrize("trained", ["video"], indirect=True)
@pytest.mark.parametrize("case", BAD["video"])
def test_video_level(trained, fails, tmp_path, case):
    check(trained, fails, tmp_path, case)


@pytest.mark.parametrize("trained", ["frame"], indirect=True)
@pytest.mark.parametrize("case", BAD["frame"])
def test_frame_level(trained, fails, tmp_path, case):
    check(trained, fails, tmp_path, case)


def check(trained, fails, tmp_path, case):
    path = damaged(tmp_path / "a.tfrecord", trained.level, case)
    out = tmp_path / "p.csv"
    line = fails(
        "predict", f"--model={trained.run}", f"--data={path}", f"--out={out}"
    )
    assert f"{path}: record 1 at byte " in line
    assert BAD[trained.level][case][1] in line
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("case", ["size", "label"])
def test_training_stops_and_leaves_nothing(fails, tmp_path, case):
    path = damaged(tmp_path / "a.tfrecord", "video", case)
    out = tmp_path / "run"
    line = fails(
        "train",
        f"--train={path}",
        f"--validate={path}",
        f"--out={out}",
        *runs.QUICK,
        "--epochs=1",
        f"--num-classes={runs.CLASSES}",
    )
    assert f"{path}: record 1 at byte" in line
    assert BAD["video"][case][1] in line
    if case == "label":
        assert "pass --num-classes=100 or more, or --on-corrupt=skip" in line
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("split", ["train", "validate"])
@pytest.mark.parametrize("case", ["none", "folder", "empty", "cut", "header"])
def test_shards_are_looked_at_before_training(fails, tmp_path, split, case):
    sound = records.write(tmp_path / "sound.tfrecord", good("video"))
    bad = tmp_path / "bad.tfrecord"
    records.write(bad, good("video"))
    size = bad.stat().st_size
    expected = f"{bad}: "
    if case == "none":
        bad = tmp_path / "nope-*"
        expected = f"{bad} matches no file"
    elif case == "folder":
        bad = tmp_path
        expected = f"{bad} is a folder: give a glob"
    elif case == "empty":
        bad.write_bytes(b"")
        expected += "first record: the file is empty"
    elif case == "cut":
        records.cut(bad, size - 1000)
        expected += "record 5 at byte"
    elif case == "header":  # TensorFlow takes this for the end of the file
        records.cut(bad, records.offsets(good("video"))[5] + 5)
        expected += "record 5 at byte"
    flags = {"train": sound, "validate": sound, split: bad}
    out = tmp_path / "run"
    line = fails(
        "train",
        *(f"--{name}={path}" for name, path in flags.items()),
        f"--out={out}",
    )
    assert expected in line
    assert not out.exists()


@pytest.mark.parametrize("case", ["none", "empty", "cut"])
@pytest.mark.parametrize("name", ["evaluate", "predict"])
def test_a_run_on_shards_that_are_not_whole(video, fails, tmp_path, name, case):
    path = records.write(tmp_path / "a.tfrecord", good("video"))
    expected = f"{path}: record 5 at byte"
    if case == "none":
        path = tmp_path / "nope-*"
        expected = f"{path} matches no file"
    elif case == "empty":
        path.write_bytes(b"")
        expected = f"{path}: first record: the file is empty"
    else:
        records.cut(path, path.stat().st_size - 1000)
    out = tmp_path / "p.csv"
    flags = [f"--model={video.run}", f"--data={path}"]
    if name == "predict":
        flags.append(f"--out={out}")
    line = fails(name, *flags)
    assert expected in line
    assert "the model takes" not in line
    assert not out.exists()


@pytest.mark.parametrize("trained", ["video"], indirect=True)
def test_frame_level_shards_for_a_video_level_model(trained, fails, tmp_path):
    path = records.write(tmp_path / "a.tfrecord", good("frame"))
    line = fails("evaluate", f"--model={trained.run}", f"--data={path}")
    assert "a frame-level record, expected a video-level one" in line
    assert "the model takes video-level shards" in line


@pytest.mark.parametrize("trained", ["frame"], indirect=True)
def test_video_level_shards_for_a_frame_level_model(trained, fails, tmp_path):
    path = records.write(tmp_path / "a.tfrecord", good("video"))
    line = fails("evaluate", f"--model={trained.run}", f"--data={path}")
    assert "a video-level record, expected a frame-level one" in line
    assert "the model takes frame-level shards" in line


def test_training_and_validation_of_two_levels(fails, tmp_path):
    train = records.write(tmp_path / "a.tfrecord", good("frame"))
    validate = records.write(tmp_path / "b.tfrecord", good("video"))
    line = fails(
        "train",
        f"--train={train}",
        f"--validate={validate}",
        f"--out={tmp_path / 'run'}",
        *runs.QUICK,
        f"--num-classes={runs.CLASSES}",
    )
    assert f"{train}: first record: a frame-level record, expected" in line
    assert not (tmp_path / "run").exists()


def test_a_video_without_sound_or_picture_just_works(
    trained, command, tmp_path
):
    """What the synthetic set never lacks: one modality of the two."""
    made = {
        "video": [
            records.video("mute", [1], absent=["mean_audio"]),
            records.video("zero", [1], audio=[0.0] * 128),
            records.video("dark", [1], absent=["mean_rgb"]),
        ],
        "frame": [
            records.frames("mute", [1], audio=None),
            records.frames("zero", [1], audio=0),
            records.frames("dark", [1], rgb=None),
        ],
    }[trained.level]
    path = records.write(tmp_path / "a.tfrecord", made)
    out = tmp_path / "p.jsonl"
    answer = command(
        "predict", f"--model={trained.run}", f"--data={path}", f"--out={out}"
    )
    assert answer.status == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["id"] for line in lines] == ["mute", "zero", "dark"]
    assert lines[0]["labels"] == lines[1]["labels"] != lines[2]["labels"]
    scores = [label["score"] for line in lines for label in line["labels"]]
    assert all(0.0 <= score <= 1.0 for score in scores)


def test_evaluating_videos_without_labels(video, fails, tmp_path):
    made = [records.video("v000", labels=[])]
    path = records.write(tmp_path / "a.tfrecord", made)
    line = fails("evaluate", f"--model={video.run}", f"--data={path}")
    assert f"--data {path}: no video has a label" in line


def test_predicting_videos_without_labels(video, command, tmp_path):
    made = [records.video("v000", labels=[])]
    path = records.write(tmp_path / "a.tfrecord", made)
    out = tmp_path / "p.csv"
    answer = command(
        "predict", f"--model={video.run}", f"--data={path}", f"--out={out}"
    )
    assert answer.status == 0
    assert out.read_text().splitlines()[1].startswith("v000,")


def test_predicting_a_video_without_an_id(video, fails, tmp_path):
    made = [records.video("v000"), records.video(absent=["id"])]
    path = records.write(tmp_path / "a.tfrecord", made)
    out = tmp_path / "p.csv"
    line = fails(
        "predict", f"--model={video.run}", f"--data={path}", f"--out={out}"
    )
    assert f"{path}: record 1 at byte" in line
    assert "the video has no id" in line
    assert not out.exists()
