from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from keras_attend_fusion import data
from tests.data import records


def test_the_ready_schemas_have_youtube_8m_keys_and_sizes():
    found = [(m.name, m.key, m.size) for m in data.VIDEO.modalities]
    assert found == [("rgb", "mean_rgb", 1024), ("audio", "mean_audio", 128)]
    found = [(m.name, m.key, m.size) for m in data.FRAME.modalities]
    assert found == [("rgb", "rgb", 1024), ("audio", "audio", 128)]
    assert data.FRAME.max_frames == 300


@pytest.mark.parametrize(
    ("record", "level"),
    [
        (records.video(), "video"),
        (records.video(absent=["mean_rgb"]), "video"),
        (records.frames(), "frame"),
        (records.frames(rgb=None), "frame"),
        (records.frames(segment_start_times=[5]), "segment"),
    ],
)
def test_detect_level(record, level):
    assert data.detect_level(record) == level


def test_detect_level_lists_the_keys_of_another_record():
    record = records.video(absent=["mean_rgb", "mean_audio"], height=[3])
    with pytest.raises(ValueError, match="holds height, id, labels;"):
        data.detect_level(record)


def test_detect_level_of_garbage():
    with pytest.raises(ValueError, match=r"11 bytes are no tf.train.Example"):
        data.detect_level(b"\xff\xff\x01garbage!")


def test_detect_level_of_an_empty_record():
    with pytest.raises(ValueError, match="holds nothing"):
        data.detect_level(tf.train.Example().SerializeToString())


def test_a_schema_of_another_level_is_refused():
    with pytest.raises(ValueError, match="'video' or 'frame', got 'clip'"):
        data.Schema("clip", data.VIDEO.modalities)


@pytest.mark.real_data
def test_detect_level_of_real_records(real_data: Path):
    for pattern, level in [
        ("yt8m_video/validate0000.tfrecord", "video"),
        ("yt8m_frame/one_video.tfrecord", "frame"),
    ]:
        _, record = next(data.walk(real_data / pattern))
        assert data.detect_level(record) == level
