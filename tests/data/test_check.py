from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import data
from keras_attend_fusion.data.check import (
    MismatchError,
    NoFramesError,
    check_record,
)
from keras_attend_fusion.data.plan import make_plan
from tests.data import records

VIDEO = make_plan(data.VIDEO, num_classes=10)
FRAME = make_plan(data.FRAME, num_classes=10)


def test_the_facts_of_a_video_level_record():
    facts = check_record(records.video("abcd", [3, 1]), VIDEO)
    assert (facts.id, facts.labels) == (b"abcd", (3, 1))
    assert facts.frames == {"rgb": 1, "audio": 1}
    audio = np.frombuffer(facts.vectors["audio"], np.float32)
    assert audio.tolist() == [0.25] * 128


def test_the_facts_of_a_frame_level_record():
    record = records.frames("abcd", [], rgb=2, audio=None, id_key="video_id")
    facts = check_record(record, FRAME)
    assert (facts.id, facts.labels) == (b"abcd", ())
    assert facts.frames == {"rgb": 2, "audio": 0}
    assert facts.vectors["rgb"] == bytes([1]) * 1024 + bytes([2]) * 1024


def test_no_frames_has_an_error_of_its_own():
    with pytest.raises(NoFramesError, match="the video has no frames"):
        check_record(records.frames(rgb=0, audio=None), FRAME)


def test_a_sound_record_of_other_shards_has_an_error_of_its_own():
    with pytest.raises(MismatchError, match="label 10, but num_classes is 10"):
        check_record(records.video(labels=[10]), VIDEO)
    with pytest.raises(MismatchError, match="a frame-level record, expected"):
        check_record(records.frames(), VIDEO)


def test_an_id_is_only_asked_for_where_it_is_delivered():
    record = records.video(absent=["id"])
    assert check_record(record, VIDEO).id == b""
    with pytest.raises(ValueError, match="no id, neither id nor video_id"):
        check_record(record, make_plan(data.VIDEO, with_id=True))


def test_diagnose_names_file_record_offset_and_reason(tmp_path):
    sound = records.write(tmp_path / "a", [records.video()])
    made = [records.video(), records.video(), records.video(labels=[50])]
    broken = records.write(tmp_path / "b", made)
    error = data.find_corrupt_record([sound, broken], num_classes=50)
    assert isinstance(error, data.CorruptRecordError)
    assert (error.path, error.index) == (str(broken), 2)
    assert error.offset == records.offsets(made)[2]
    assert str(error) == (
        f"{broken}: record 2 at byte {error.offset}: label 50, but "
        "num_classes is 50: it takes 51 or more"
    )
    assert isinstance(error.__cause__, MismatchError)
    assert data.find_corrupt_record([sound, broken], num_classes=51) is None


def test_diagnose_finds_broken_framing(tmp_path):
    path = records.write(tmp_path / "a", [records.video()] * 2)
    records.flip(path, 16 + len(records.video()) + 40)
    error = data.find_corrupt_record(path)
    assert error is not None
    assert "checksum" in error.reason


def test_diagnose_finds_an_empty_shard_and_garbage(tmp_path):
    (tmp_path / "a").touch()
    error = data.find_corrupt_record(tmp_path / "a")
    assert error is not None
    assert error.reason == "the file is empty"
    error = data.find_corrupt_record(
        records.write(tmp_path / "b", [b"garbage!"])
    )
    assert error is not None
    assert "8 bytes are not a tf.train.Example" in error.reason


FLOATS = data.Schema(
    "frame", (data.Modality("rgb", "RGB/feature/floats", 3, dtype="uint8"),)
)


def lists_of(key, features):
    lists = tf.train.FeatureLists(
        feature_list={key: tf.train.FeatureList(feature=features)}
    )
    return tf.train.SequenceExample(feature_lists=lists).SerializeToString()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            [1.0, 2.0, 3.0],
            "RGB/feature/floats: second 0 holds 3 floats (a float_list), "
            "expected one string of 3 bytes: frames are read as one byte",
        ),
        ([7], "second 0 holds 1 integer (a int64_list), expected one string"),
        ([], "second 0 holds 0 integers"),
        ([b"abc", b"def"], "second 0 holds 2 strings of bytes (a bytes_list)"),
        (
            [np.float32([1, 2, 3]).tobytes()],
            "second 0 has 12 bytes, expected 3: as many as 3 float32 take; "
            "frames are read as one byte (uint8) a value",
        ),
        ([bytes(6)], "has 6 bytes, expected 3: as many as 3 float16 take"),
    ],
)
def test_frames_of_other_types_are_named(tmp_path, values, message):
    record = lists_of("RGB/feature/floats", [records.feature(values)] * 2)
    with pytest.raises(ValueError) as raised:
        check_record(record, make_plan(FLOATS))
    assert message in str(raised.value)
    load = data.load(records.write(tmp_path / "a", [record]), schema=FLOATS)
    with pytest.raises(tf.errors.OpError) as raised:
        list(load)
    assert message in raised.value.message


def test_vectors_labels_and_ids_of_other_types_are_named():
    for record, message in (
        (
            records.video(rgb=[np.zeros(1024, "f4").tobytes()]),
            "mean_rgb is a bytes_list, expected a float_list: it holds 4096 "
            "bytes, as many as 1024 float32 take, but vectors are read from",
        ),
        (
            records.video(labels=[b"cat\x1b"]),
            r"labels is a bytes_list, expected a int64_list: it holds 4 bytes, "
            r"'cat\x1b', but labels (indices of classes)",
        ),
    ):
        with pytest.raises(ValueError) as raised:
            check_record(record, VIDEO)
        assert message in str(raised.value)


def test_ids_of_other_types_matter_where_they_are_delivered(tmp_path):
    plan = make_plan(data.VIDEO, with_id=True)
    for values, message in (
        ([7], "id is a int64_list, expected a bytes_list: it holds 1 integer"),
        ([b"a", b"b"], "id holds 2 ids, expected 1"),
    ):
        record = records.video(absent=["id"])
        example = tf.train.Example.FromString(record)
        example.features.feature["id"].CopyFrom(records.feature(values))
        record = example.SerializeToString()
        check_record(record, VIDEO)
        with pytest.raises(ValueError) as raised:
            check_record(record, plan)
        assert message in str(raised.value)
        path = records.write(tmp_path / "a", [record])
        assert sum(len(labels) for _, labels in data.load(path)) == 1
        with pytest.raises(tf.errors.OpError, match=message):
            list(data.load(path, with_id=True))
        (stats,) = data.inspect(path)
        assert (stats.videos, stats.without_id) == (1, values == [7])


HUGE = {"3.4e+38": 3.4e38, "-1e+30": -1e30, "2e+09": 2e9}


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("value", HUGE)
def test_features_too_large_to_compute_with(tmp_path, value, direct):
    more = {} if direct else {"cache": "memory"}
    sound = records.video("good", rgb=[9e8] * 1024)
    bad = records.video("huge", audio=[HUGE[value]] + [0.5] * 127)
    path = records.write(tmp_path / "a", [sound, bad, sound])
    message = f"mean_audio holds {value}: features have to lie within "
    if direct:
        with pytest.raises(tf.errors.OpError, match="record 1 at byte"):
            list(data.load(path, **more))
    else:
        with pytest.raises(tf.errors.OpError, match="too large"):
            list(data.load(path, **more))
    error = data.find_corrupt_record(path)
    assert (error.path, error.index) == (str(path), 1)
    assert message in error.reason
    load = data.load(path, on_corrupt="skip", **more)
    assert sum(len(labels) for _, labels in load) == 2
    (stats,) = data.inspect(path)
    assert len(stats.corrupt) == 1
    assert stats.ranges["audio"] == (0.25, 0.25)
    assert stats.ranges["rgb"][1] == np.float32(9e8)
