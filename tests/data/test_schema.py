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
    with pytest.raises(
        ValueError, match=r"11 bytes are not a tf.train.Example"
    ):
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
        _, record = next(data.iter_records(real_data / pattern))
        assert data.detect_level(record) == level


RGB = data.Modality("rgb", "clip", 4)


def test_a_string_is_one_id_key(tmp_path):
    schema = data.Schema("video", [RGB], id_keys="name", max_frames=5)
    assert schema == data.Schema("video", (RGB,), ("name",), max_frames=5)
    hash(schema)  # lists became tuples
    path = tmp_path / "s.json"
    path.write_text(
        '{"level": "video", "id_keys": "name", "max_frames": 5, '
        '"modalities": [{"name": "rgb", "key": "clip", "size": 4}]}'
    )
    assert data.read_schema(path) == schema
    made = records.video("aaaa", id_key="name", clip=[0.5] * 4)
    load = data.load(
        records.write(tmp_path / "a", [made]), schema=schema, with_id=True
    )
    ((features, _),) = load.as_numpy_iterator()
    assert features["id"].tolist() == [b"aaaa"]


def test_a_schema_without_id_keys(tmp_path):
    schema = data.Schema("video", (RGB,), id_keys=())
    made = records.video("aaaa", clip=[0.5] * 4)
    path = records.write(tmp_path / "a", [made])
    ((features, _),) = data.load(path, schema=schema).as_numpy_iterator()
    assert list(features) == ["rgb"]
    with pytest.raises(ValueError, match="the schema has no id_keys"):
        data.load(path, schema=schema, with_id=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"modalities": RGB}, "modalities are a tuple of kaf.data.Modality"),
        ({"modalities": "rgb"}, "modalities are a tuple"),
        ({"modalities": ()}, "modalities of different names"),
        ({"modalities": [RGB, "audio"]}, "modalities are a tuple"),
        ({"id_keys": 3}, "id_keys are a tuple of names of features, got 3"),
        ({"id_keys": ("a", 3)}, "One of id_keys has to be a string, got 3"),
        ({"id_keys": ("",)}, "One of id_keys has to be a string, got ''"),
        ({"id_keys": ("a", "a")}, "'a' comes 2 times"),
        ({"id_keys": "labels"}, "'labels' comes 2 times"),
        ({"labels_key": None}, "labels_key has to be a string, got None"),
        ({"labels_key": "clip"}, "'clip' comes 2 times"),
        ({"max_frames": 0}, "max_frames has to be positive"),
        ({"max_frames": "60"}, "max_frames has to be an integer, got '60'"),
        ({"level": ["video"]}, "level is 'video' or 'frame'"),
    ],
)
def test_arguments_of_a_schema(arguments, message):
    with pytest.raises(ValueError, match=message):
        data.Schema(**{"level": "video", "modalities": (RGB,), **arguments})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", "x", 2), "A modality's name has to be a string, got ''"),
        ((None, "x", 2), "A modality's name has to be a string, got None"),
        (("rgb", b"x", 2), "The key of rgb has to be a string, got b'x'"),
        (("rgb", "x", "2"), "The size of rgb has to be an integer, got '2'"),
        (("rgb", "x", True), "The size of rgb has to be an integer, got True"),
        (("rgb", "x", 0), "The size of rgb has to be positive, got 0"),
        (("rgb", "x", 2**40), "The size of rgb has to be at most"),
        (("labels", "x", 2), "cannot be named labels"),
    ],
)
def test_arguments_of_a_modality(arguments, message):
    with pytest.raises(ValueError, match=message):
        data.Modality(*arguments)


def test_names_of_masks_are_taken():
    mask = data.Modality("rgb_mask", "m", 2)
    with pytest.raises(ValueError, match="that is the mask of rgb"):
        data.Schema("frame", (RGB, mask))


GOOD = '{"name": "rgb", "key": "clip", "size": 4}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5", "holds 5: expected a JSON object"),
        ('{"level": "video"}', "a schema without 'modalities'"),
        ('{"level": "video", "modalities": 5}', "modalities is a list, got 5"),
        (
            '{"level": "video", "modalities": [5]}',
            "a modality is a JSON",
        ),
        (
            '{"level": "video", "modalities": [{"name": "rgb", "size": 4}]}',
            "a modality without 'key'",
        ),
        (
            f'{{"level": "video", "modalities": [{GOOD}], "max_frame": 9}}',
            "unknown key 'max_frame': a schema has level, modalities, id_keys",
        ),
        (
            '{"level": "video", "modalities": [{"name": "rgb", "dim": 4}]}',
            "unknown key 'dim': a modality has name, key, size",
        ),
        (
            f'{{"level": "video", "modalities": [{GOOD}], "max_frames": 1.5}}',
            "max_frames has to be an integer, got 1.5",
        ),
        (
            f'{{"level": "video", "modalities": [{GOOD}], "id_keys": {{}}}}',
            "id_keys are a tuple",
        ),
    ],
)
def test_a_file_that_does_not_hold_a_schema(tmp_path, text, message):
    path = tmp_path / "s.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as raised:
        data.read_schema(path)
    assert str(path) in str(raised.value)
