"""Shards that cannot be used: one line that says which and why."""

from __future__ import annotations

import csv
import json

import pytest

from tests.cli import runs
from tests.data import records

ZEROS = {"rgb": [0.0] * 1024, "audio": [0.0] * 128}

# What is wrong with the second record -> the record, and what is said of it.
BAD = {
    "video": {
        "size": (
            records.video("bad!", rgb=[0.5] * 1000),
            "mean_rgb has 1000 values, expected 1024",
        ),
        "label": (
            records.video("bad!", labels=[2, 99]),
            "label 99, but num_classes is 8",
        ),
        "nothing": (
            records.video("bad!", **ZEROS),
            "the video has no features, neither mean_rgb nor mean_audio",
        ),
        "garbage": (b"\xff\xff\x01no proto", "11 bytes are no tf.train"),
    },
    "frame": {
        "size": (
            records.frames("bad!", audio=[b"x" * 128, b"x" * 100]),
            "audio: second 1 has 100 bytes, expected 128",
        ),
        "label": (
            records.frames("bad!", labels=[99]),
            "label 99, but num_classes is 8",
        ),
        "nothing": (
            records.frames("bad!", rgb=0, audio=0),
            "the video has no frames, neither rgb nor audio",
        ),
    },
}


def good(level, count=6):
    """Sound records, every second one without sound."""
    made = []
    for i in range(count):
        name, labels = f"v{i:03d}", [i % runs.CLASSES]
        if level == "frame":
            one = records.frames(name, labels, audio=None if i % 2 else 3)
        elif i % 2:
            one = records.video(name, labels, absent=["mean_audio"])
        else:
            one = records.video(name, labels)
        made.append(one)
    return made


def damaged(path, level, case):
    """A shard whose second record is bad."""
    first, *rest = good(level)
    return records.write(path, [first, BAD[level][case][0], *rest])


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


def test_a_label_beyond_the_model_names_both(video, fails, tmp_path):
    path = damaged(tmp_path / "a.tfrecord", "video", "label")
    line = fails("evaluate", f"--model={video.run}", f"--data={path}")
    assert "label 99" in line
    assert "train with --num-classes 100 or more" in line
    assert "the model takes video-level shards and has 8 classes" in line


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
        assert "pass --num-classes 100 or more" in line
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
        if split == "train":
            expected = f"--train {bad} holds no record"
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


@pytest.mark.parametrize("level", ["video", "frame"])
def test_skipping_trains_on_the_rest_and_counts(command, tmp_path, level):
    """With videos that lack their sound among the rest."""
    first, *rest = good(level)
    bad = [record for record, _ in BAD[level].values()]
    path = records.write(tmp_path / "a.tfrecord", [first, *bad, *rest])
    cut = records.write(tmp_path / "b.tfrecord", good(level, 3))
    records.cut(cut, cut.stat().st_size - 20)
    (tmp_path / "c.tfrecord").touch()
    out = tmp_path / "run"
    answer = command(
        "train",
        f"--train={tmp_path}/*.tfrecord",
        f"--validate={tmp_path}/a.tfrecord",
        f"--out={out}",
        "--preset=mobile",
        "--epochs=2",
        "--on-corrupt=skip",
        f"--num-classes={runs.CLASSES}",
    )
    assert answer.status == 0
    assert (out / "model.keras").is_file()
    with (out / "history.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 2
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["videos"] == 6
    summary, *lines = answer.error.splitlines()
    # Each once, although both epochs and the validation met them.
    assert summary.startswith(f"Skipped {len(bad) + 2} stretches (")
    assert "in 3 shards:" in summary
    reasons = [reason for _, reason in BAD[level].values()]
    for line, reason in zip(lines, reasons, strict=False):
        assert line.startswith(f"  {path}: skipped ")
        assert reason in line


@pytest.mark.parametrize("trained", ["video"], indirect=True)
def test_skipping_scores_the_rest_and_counts(trained, command, tmp_path):
    made = [record for record, _ in BAD["video"].values()]
    path = records.write(tmp_path / "a.tfrecord", good("video") + made)
    report = tmp_path / "report.json"
    answer = command(
        "evaluate",
        f"--model={trained.run}",
        f"--data={path}",
        f"--json={report}",
        "--on-corrupt=skip",
    )
    assert answer.status == 0
    assert json.loads(report.read_text())["videos"] == 6
    assert answer.error.startswith(f"Skipped {len(made)} stretches (")
    inspected = command("inspect", path, f"--num-classes={runs.CLASSES}")
    assert inspected.status == 1
    assert f"{len(made)} corrupt" in inspected.out
    for _, reason in BAD["video"].values():
        assert reason in answer.error
        assert reason in inspected.out


@pytest.mark.parametrize("name", ["train", "evaluate", "predict"])
def test_skipping_everything_is_an_error(video, command, tmp_path, name):
    bad = [BAD["video"]["size"][0]] * 3
    path = records.write(tmp_path / "a.tfrecord", bad)
    sound = records.write(tmp_path / "sound.tfrecord", good("video"))
    out = tmp_path / "out.csv"
    flags = {
        "train": [
            f"--train={path}",
            f"--validate={sound}",
            f"--out={out}",
            *runs.QUICK,
            f"--num-classes={runs.CLASSES}",
        ],
        "evaluate": [f"--model={video.run}", f"--data={path}"],
        "predict": [
            f"--model={video.run}",
            f"--data={path}",
            f"--out={out}",
        ],
    }[name]
    answer = command(name, *flags, "--on-corrupt=skip")
    assert answer.status == 1
    line = answer.error.splitlines()[-1]
    assert line.startswith(f"attend-fusion {name}: ")
    expected = {
        "train": "no video to train on: every record was skipped",
        "evaluate": "no videos to score",
        "predict": f"--data {path}: no record that can be used",
    }
    assert expected[name] in line
    assert not out.exists()


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
