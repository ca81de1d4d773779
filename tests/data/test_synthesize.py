from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import data
from keras_attend_fusion.data.planted import dequantised_mean


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> dict[str, Path]:
    """A folder of each level, of the same videos."""
    folder = tmp_path_factory.mktemp("synthesize")
    for level in ("video", "frame", "segment"):
        data.synthesize(folder / level, level, 40, 3, classes=8, seed=7)
    return {level: folder / level for level in ("video", "frame", "segment")}


def messages(folder: Path, split: str) -> list:
    kind = (
        tf.train.Example if folder.name == "video" else tf.train.SequenceExample
    )
    return [
        kind.FromString(record)
        for path in data.list_shards(str(folder / f"{split}-*"))
        for _, record in data.iter_records(path)
    ]


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def frames_of(message, name: str) -> np.ndarray:
    features = message.feature_lists.feature_list[name].feature
    rows = [np.frombuffer(f.bytes_list.value[0], np.uint8) for f in features]
    return np.stack(rows)


@pytest.mark.parametrize("level", ["video", "frame", "segment"])
def test_the_files(written, level):
    assert sorted(path.name for path in written[level].iterdir()) == [
        "manifest.json",
        "train-00000-of-00003.tfrecord",
        "train-00001-of-00003.tfrecord",
        "train-00002-of-00003.tfrecord",
        "validate-00000-of-00001.tfrecord",
    ]
    stats = data.inspect(str(written[level] / "*.tfrecord"), num_classes=8)
    assert [one.level for one in stats] == [level] * 4
    assert [one.videos for one in stats] == [13, 13, 14, 10]
    assert not any(one.corrupt or one.without_labels for one in stats)


def test_native_frame_level_records(written):
    for message in messages(written["frame"], "train"):
        assert set(message.context.feature) == {"id", "labels"}
        rgb, audio = frames_of(message, "rgb"), frames_of(message, "audio")
        assert 30 <= len(rgb) <= 120
        assert rgb.shape == (len(rgb), 1024)
        assert audio.shape == (len(rgb), 128)
        (video_id,) = message.context.feature["id"].bytes_list.value
        assert len(video_id) == 4


def test_video_level_records_are_the_means_of_the_frames(written):
    pairs = zip(
        messages(written["video"], "train"),
        messages(written["frame"], "train"),
        strict=True,
    )
    for video, frames in pairs:
        mine, theirs = video.features.feature, frames.context.feature
        assert set(mine) == {"id", "labels", "mean_rgb", "mean_audio"}
        assert mine["id"] == theirs["id"]
        assert mine["labels"] == theirs["labels"]
        for name in ("rgb", "audio"):
            mean = dequantised_mean(frames_of(frames, name))
            values = mine[f"mean_{name}"].float_list.value
            np.testing.assert_array_equal(np.float32(values), mean)


def test_ids_are_unique_over_both_splits(written):
    entries = manifest(written["frame"])["videos"]
    assert len(entries) == 50
    splits = [entry["split"] for entry in entries.values()]
    assert splits == ["train"] * 40 + ["validate"] * 10


def test_the_manifest_says_what_the_records_hold(written):
    content = manifest(written["frame"])
    assert (content["level"], content["seed"]) == ("frame", 7)
    assert content["splits"]["validate"] == {
        "videos": 10,
        "files": ["validate-00000-of-00001.tfrecord"],
    }
    kinds = [one["kind"] for one in content["classes"]]
    assert kinds == ["visual", "audio", "both", "moment"] * 2
    assert [one["partner"] for one in content["classes"]] == [
        *[None, None, 6, None],
        *[None, None, 2, None],
    ]
    counts = np.zeros((2, 8), int)
    for row, split in enumerate(("train", "validate")):
        for message in messages(written["frame"], split):
            context = message.context.feature
            video_id = context["id"].bytes_list.value[0].decode()
            entry = content["videos"][video_id]
            labels = list(context["labels"].int64_list.value)
            assert entry["labels"] == labels
            assert entry["seconds"] == len(frames_of(message, "rgb"))
            moments = [one["label"] for one in entry["moments"]]
            assert moments == [x for x in labels if kinds[x] == "moment"]
            counts[row, labels] += 1
    for one, train, validate in zip(content["classes"], *counts, strict=True):
        assert (one["train_videos"], one["validate_videos"]) == (
            train,
            validate,
        )
    assert counts.min() >= 1


def test_segments_are_rated_where_the_moment_is(written):
    content = manifest(written["segment"])
    positives = 0
    for message in messages(written["segment"], "train"):
        context = message.context.feature
        video_id = context["id"].bytes_list.value[0].decode()
        entry = content["videos"][video_id]
        starts = context["segment_start_times"].int64_list.value
        labels = context["segment_labels"].int64_list.value
        scores = context["segment_scores"].float_list.value
        assert len(starts) == len(labels) == len(scores) > 0
        assert set(scores) <= {0.0, 1.0}
        moments = {one["label"]: one for one in entry["moments"]}
        assert sum(scores) == len(moments)
        for start, label, score in zip(starts, labels, scores, strict=True):
            assert start % 5 == 0
            assert 0 <= start <= entry["seconds"] - 5
            if label not in moments:
                assert score == 0.0
                continue
            moment = moments[label]
            seconds = min(start + 5, moment["end"])
            overlap = seconds - max(start, moment["start"])
            assert (overlap > 0) == (score == 1.0)
            positives += int(score)
    assert positives > 0


def test_the_reader_reads_what_was_written(written):
    load = data.load(str(written["frame"] / "train-*"), num_classes=8)
    assert sum(len(labels) for _, labels in load) == 40
    for features, labels in load.as_numpy_iterator():
        assert features["rgb_mask"].sum(axis=1).min() >= 30
        assert labels.sum(axis=1).min() >= 1


def test_a_seed_fixes_everything(tmp_path):
    for name, seed in [("a", 1), ("b", 1), ("c", 2)]:
        data.synthesize(tmp_path / name, "video", 5, 1, classes=4, seed=seed)
    contents = [
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in "abc"
    ]
    shard = "train-00000-of-00001.tfrecord"
    first, second = (
        [r for _, r in data.iter_records(tmp_path / name / shard)]
        for name in "ab"
    )
    assert [tf.train.Example.FromString(r) for r in first] == [
        tf.train.Example.FromString(r) for r in second
    ]
    assert contents[0]["manifest.json"] == contents[1]["manifest.json"]
    assert contents[0][shard] != contents[2][shard]


def test_one_video_is_enough(tmp_path):
    path = data.synthesize(tmp_path / "out", "frame", 1, 1, classes=4)
    assert path == tmp_path / "out" / "manifest.json"
    stats = data.inspect(str(tmp_path / "out" / "*.tfrecord"))
    assert [one.videos for one in stats] == [1, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": 3}, "classes has to be at least 4, .* got 3"),
        ({"videos": 0}, "videos has to be at least 1, got 0"),
        ({"shards": 0}, "shards has to be from 1 .* got 0"),
        ({"videos": 2, "shards": 3}, "the number of videos, 2, got 3"),
        ({"level": "clip"}, "one of video, frame, segment, got 'clip'"),
        ({"seed": -1}, "seed has to be 0 or more, got -1"),
        ({"videos": 62**4}, "ids of 4 characters"),
    ],
)
def test_arguments_out_of_range(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        data.synthesize(tmp_path / "out", **arguments)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_filled_and_a_full_one_left_alone(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    data.synthesize(out, "video", 2, 1, classes=4)
    before = sorted(path.name for path in out.iterdir())
    with pytest.raises(data.OutputExistsError, match="not an empty folder"):
        data.synthesize(out, "video", 2, 1, classes=4)
    assert sorted(path.name for path in out.iterdir()) == before


@pytest.mark.parametrize("problem", [KeyboardInterrupt, OSError])
def test_an_interruption_leaves_nothing_behind(tmp_path, problem):
    def interrupt(done, total):
        if done == 3:
            raise problem

    with pytest.raises(problem):
        data.synthesize(
            tmp_path / "out", "video", 5, 1, classes=4, progress=interrupt
        )
    assert list(tmp_path.iterdir()) == []


def test_progress(tmp_path):
    seen = []
    data.synthesize(
        tmp_path / "out",
        "video",
        4,
        2,
        classes=4,
        progress=lambda *done: seen.append(done),
    )
    assert seen == [(i, 5) for i in range(1, 6)]
