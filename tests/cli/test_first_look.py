"""Shards that do not fit a model are found before the long work."""

from __future__ import annotations

import json

import pytest
import tensorflow as tf

from keras_attend_fusion.runs import preflight as first_look
from tests.cli import runs
from tests.data import records


def labelled(path, labels):
    """A video-level shard whose videos have one label each."""
    made = [records.video(f"v{i:03d}", [c]) for i, c in enumerate(labels)]
    return records.write(path, made)


def silent(path, level, lacks="audio", count=10):
    """A shard without one modality."""
    make = {
        "video": lambda name: records.video(name, absent=[f"mean_{lacks}"]),
        "frame": lambda name: records.frames(name, **{lacks: None}),
    }[level]
    return records.write(path, [make(f"v{i:03d}") for i in range(count)])


def train_flags(out, train, validate, *others):
    return [
        "train",
        f"--train={train}",
        f"--validate={validate}",
        f"--out={out}",
        "--epochs=1",
        "--dtype-policy=float32",
        *others,
    ]


@pytest.fixture
def fails(fails, monkeypatch):
    """As everywhere, but before all videos are counted, let alone used."""

    def count(*_):
        pytest.fail("all videos were counted first")

    def run(*arguments):
        monkeypatch.setattr("keras_attend_fusion.data.count", count)
        return fails(*arguments)

    return run


@pytest.mark.parametrize("split", ["train", "validate"])
@pytest.mark.parametrize("more", [[], ["--on-corrupt=skip"]])
def test_too_few_classes(fails, tmp_path, split, more):
    sound = labelled(tmp_path / "sound.tfrecord", [0, 1, 2, 3])
    bad = labelled(tmp_path / "bad.tfrecord", [0, 9, 11, 3])
    given = {"train": sound, "validate": sound, split: bad}
    flags = [*runs.QUICK, "--num-classes=4", *more]
    line = fails(*train_flags(tmp_path / "run", *given.values(), *flags))
    assert f"{bad}: record 1 at byte" in line
    assert line.endswith(
        ": label 9, but num_classes is 4: 2 of 4 videos looked at have "
        "labels beyond it, up to 11: pass --num-classes=12 or more"
    )
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["evaluate", "predict"])
def test_a_model_of_too_few_classes(video, fails, tmp_path, name):
    path = labelled(tmp_path / "a.tfrecord", [0, 30, 20])
    out = [f"--out={tmp_path / 'p.csv'}"] if name == "predict" else []
    line = fails(name, f"--model={video.run}", f"--data={path}", *out)
    assert "label 30, but num_classes is 8: 2 of 3 videos" in line
    assert "up to 30: pass a model of at least 31 classes, or" in line
    assert "--num-classes" not in line


def test_predictions_of_too_few_classes(fails, tmp_path):
    path = labelled(tmp_path / "a.tfrecord", [0, 5])
    (tmp_path / "p.csv").write_text("VideoId,LabelConfidencePairs\n")
    flags = [f"--predictions={tmp_path / 'p.csv'}", f"--data={path}"]
    line = fails("evaluate", *flags, "--num-classes=5")
    assert "label 5, but num_classes is 5: 1 of 2 videos" in line
    assert "pass --num-classes=6 or more" in line


def test_a_few_bad_labels_are_skipped():
    """One in five is a flaw of the shards; more, a wrong class count."""
    few = first_look.Look("", "video", 4, True, videos=10, misfits=2)
    few.require_classes("{}")
    few.misfits = 3
    with pytest.raises(ValueError, match="3 of 10 videos"):
        few.require_classes("{}")


@pytest.mark.parametrize("level", ["video", "frame"])
@pytest.mark.parametrize(
    ("flags", "lacks", "remedy"),
    [
        (
            ["--preset=mobile"],
            "rgb",
            "pass --modalities=audio or --preset=audio, or",
        ),
        (
            ["--preset=mobile"],
            "audio",
            "pass --modalities=rgb or --preset=visual, or",
        ),
        (["--preset=audio"], "audio", "pass --preset=visual, or"),
        (
            ["--model=logistic"],
            "rgb",
            "pass --modalities=audio, or",
        ),
    ],
)
@pytest.mark.parametrize("split", ["train", "validate"])
def test_training_on_what_the_shards_lack(
    fails, tmp_path, level, flags, lacks, remedy, split
):
    bad = silent(tmp_path / "bad.tfrecord", level, lacks, count=2)
    make = {"video": records.video, "frame": records.frames}[level]
    sound = records.write(tmp_path / "sound.tfrecord", [make()])
    given = {"train": sound, "validate": sound, split: bad}
    line = fails(*train_flags(tmp_path / "run", *given.values(), *flags))
    key = f"mean_{lacks}" if level == "video" else lacks
    assert (
        f"--{split} {bad}: none of 2 videos looked at has the {level}-level "
        f"{key}; " in line
    )
    assert f"{remedy} give shards with {key}" in line
    assert not (tmp_path / "run").exists()


def mixed(path):
    """A shard with the frames of the sound, and the mean of the picture."""
    message = tf.train.SequenceExample.FromString(records.frames(rgb=None))
    mean = records.feature([0.5] * 1024)
    message.context.feature["mean_rgb"].CopyFrom(mean)
    return records.write(path, [message.SerializeToString()])


def test_a_modality_of_the_other_level(fails, tmp_path):
    path = mixed(tmp_path / "a.tfrecord")
    line = fails(*train_flags(tmp_path / "run", path, path))
    assert "has the frame-level rgb, only the video-level mean_rgb; " in line
    remedy = "pass --modalities=audio or --preset=audio, or give shards with"
    assert f"{remedy} rgb" in line


def test_frames_where_the_mean_is_missed(tmp_path):
    """Read at video level, as after a validation set of that level."""
    message = tf.train.SequenceExample.FromString(records.frames(audio=None))
    mean = records.feature([0.25] * 128)
    message.context.feature["mean_audio"].CopyFrom(mean)
    path = tmp_path / "a.tfrecord"
    records.write(path, [message.SerializeToString()])
    found = first_look.look("train", str(path), "video", 8, "error", "")
    with pytest.raises(ValueError, match="only the frame-level rgb; "):
        found.require_modalities(["rgb", "audio"], "attend_fusion", "base")


@pytest.mark.parametrize("name", ["evaluate", "predict"])
@pytest.mark.parametrize("lacks", ["rgb", "audio"])
def test_running_on_what_the_shards_lack(trained, fails, tmp_path, name, lacks):
    path = silent(tmp_path / "a.tfrecord", trained.level, lacks)
    out = [f"--out={tmp_path / 'p.csv'}"] if name == "predict" else []
    line = fails(name, f"--model={trained.run}", f"--data={path}", *out)
    other = {"rgb": "audio", "audio": "visual"}[lacks]
    assert f"--data {path}: none of 10 videos looked at has the" in line
    assert "the model (attend_fusion) takes rgb and audio: pass a model" in line
    assert f"trained with --preset={other}, or give shards with" in line


def test_a_model_goes_on_with_a_few_silent_videos(video, command, tmp_path):
    path = silent(tmp_path / "a.tfrecord", "video", count=7)
    out = tmp_path / "p.csv"
    flags = [f"--model={video.run}", f"--data={path}", f"--out={out}"]
    assert command("predict", *flags).status == 0


def test_every_part_of_a_set_is_looked_at(tmp_path, monkeypatch):
    """Shards evenly apart, and no more videos or bytes than meant."""
    for i in range(20):
        labelled(tmp_path / f"{i:02d}.tfrecord", [i] * 6)

    def labels_seen():
        found = first_look.look(
            "data", f"{tmp_path}/*", "video", 1, "error", ""
        )
        return found.videos, found.misfits, found.label_max

    # Of 20 shards every third: 0, 3, … 18; the labels of the first fit.
    assert labels_seen() == (7 * 6, 6 * 6, 18)
    monkeypatch.setattr(first_look, "VIDEOS", 7 * 2)
    assert labels_seen() == (7 * 2, 6 * 2, 18)
    monkeypatch.setattr(first_look, "BYTES", 7)  # one of each, however large
    assert labels_seen() == (7, 6, 18)


def test_a_class_count_of_the_manifest_is_looked_at_too(fails, tmp_path):
    """Without --num-classes: shards that lie beside another set's."""
    path = labelled(tmp_path / "a.tfrecord", [0, 5])
    (tmp_path / "manifest.json").write_text(json.dumps({"classes": [{}] * 4}))
    line = fails(*train_flags(tmp_path / "run", path, path, *runs.QUICK))
    assert "num_classes is 4: 1 of 2 videos looked at" in line
