"""Rated segments: from a video-trained model to the file of segments."""

from __future__ import annotations

import json

import pytest

from keras_attend_fusion import data
from tests.cli.runs import ONE_MEMBER, read_json


@pytest.fixture(scope="module")
def rated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("segments") / "shards"
    data.synthesize(folder, "segment", videos=120, classes=8, shards=2)
    return folder


def train(command, rated, out, *flags):
    return command(
        "train",
        f"--train={rated}/train-*",
        f"--validate={rated}/validate-*",
        f"--out={out}",
        f"--config={ONE_MEMBER}",
        "--preset=mobile",
        "--epochs=1",
        "--batch-size=16",
        *flags,
    )


def test_from_videos_to_segments(command, rated, tmp_path):
    videos, tuned = tmp_path / "videos", tmp_path / "segments"
    answer = train(command, rated, videos)
    assert answer.status == 0, answer.error
    flags = ["--segments", f"--initial={videos}", "--num-classes=9"]
    answer = train(command, rated, tuned, *flags)
    assert answer.status == 0, answer.error
    new = ", ".join(
        f"fusion_head_1/classifier/{part}" for part in ("kernel", "bias")
    )
    assert f"Weights of {videos}; new: {new}\n" in answer.out
    config = read_json(tuned / "config.json")
    assert (config["segments"], config["level"]) == (True, "frame")
    assert f"{config['train_videos']} rated segments" in answer.out
    assert read_json(tuned / "metrics.json")["videos"] > 60
    out = tmp_path / "out.csv"
    flags = [f"--model={tuned}", f"--data={rated}/validate-*", f"--out={out}"]
    answer = command("predict", *flags, "--segments", "--top-segments=5")
    assert answer.status == 0, answer.error
    assert len(out.read_text().splitlines()) == 1 + 9


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--segments", "--bucket"], "--segments goes without --bucket"),
        (["--initial=nothing"], "nothing is not a model folder"),
    ],
)
def test_flags_that_do_not_fit(command, rated, tmp_path, flags, message):
    answer = train(command, rated, tmp_path / "out", *flags)
    assert answer.status in (1, 2)
    assert message in answer.error
    assert not (tmp_path / "out").exists()


def test_buckets_and_a_cache(command, rated, tmp_path):
    flags = ["--bucket", f"--cache={tmp_path / 'cache'}"]
    answer = train(command, rated, tmp_path / "out", *flags)
    assert answer.status == 0, answer.error
    assert list((tmp_path / "cache").glob("*.index"))
    shards = f"{rated}/train-*"
    steps = data.count_batches(shards, batch_size=16, bucket=True)
    assert f"{steps} steps an epoch" in answer.out


def test_records_of_ones_own(command, tmp_path):
    import tensorflow as tf

    from tests.data import records

    made = []
    for i in range(24):
        clip = tf.train.SequenceExample.FromString(
            records.frames(f"{i:04d}", [i % 3], rgb=None, audio=4)
        )
        lists = clip.feature_lists.feature_list
        lists["sound"].CopyFrom(lists["audio"])
        del lists["audio"]
        made.append(clip.SerializeToString())
    for name in ("train-0", "validate-0"):
        records.write(tmp_path / name, made)
    schema = tmp_path / "schema.json"
    sound = {"name": "audio", "key": "sound", "size": 128}
    schema.write_text(json.dumps({"level": "frame", "modalities": [sound]}))
    own = [f"--schema={schema}", "--num-classes=3"]
    answer = train(command, tmp_path, tmp_path / "out", *own, "--preset=visual")
    assert answer.status == 1
    assert (
        "--schema has audio, but attend_fusion --preset=visual takes rgb: pass "
        "--preset=base or --preset=small or --preset=mobile or --preset=audio"
    ) in answer.error
    answer = train(command, tmp_path, tmp_path / "out", *own, "--preset=audio")
    assert answer.status == 0, answer.error
    model, where = (
        f"--model={tmp_path / 'out'}",
        f"--data={tmp_path}/validate-0",
    )
    answer = command("evaluate", model, where, f"--schema={schema}")
    assert answer.status == 0, answer.error
    answer = command("evaluate", model, where)
    assert answer.status == 0, answer.error
    answer = command("inspect", f"{tmp_path}/train-0", f"--schema={schema}")
    assert answer.status == 0
    assert "24 videos" in answer.out
