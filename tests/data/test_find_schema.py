"""The schema.json beside shards."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from keras_attend_fusion import data
from keras_attend_fusion.data import manifest
from tests.data import records
from tests.data.test_storage import M, record, vectors

SCHEMA = data.Schema(
    "frame",
    (M("x", "x", 5, storage="floats"), M("y", "y", 1)),
    classes=("cat", "dog"),
)


def folder_of(
    folder: Path, schema: data.Schema | None = SCHEMA, name: str = "a.tfrecord"
) -> str:
    folder.mkdir(exist_ok=True)
    some = [record("frame", "floats", vectors("floats", 2))] * 3
    path = records.write(folder / name, some)
    if schema is not None:
        text = json.dumps(schema.as_json())
        (folder / "schema.json").write_text(text)
    return str(path)


def test_all_functions_find_it(tmp_path):
    path = folder_of(tmp_path)
    assert data.find_schema(path) == SCHEMA
    ((features, labels),) = data.load(path).as_numpy_iterator()
    assert features["x"].dtype == np.float32
    assert labels.tolist() == [[0, 1]] * 3
    shards = data.ShardSet(path)
    ((_, labels),) = shards.load().as_numpy_iterator()
    assert labels.shape == (3, 2)
    assert shards.find_corrupt_record() is None
    assert data.find_corrupt_record(path) is None
    assert shards.count_batches(2, bucket=True) == 2
    (stats,) = data.inspect(path)
    assert (stats.level, stats.videos) == ("frame", 3)
    assert stats.without == {"x": 0, "y": 0}
    assert data.count_segments(path) == 0
    resolved = shards.resolved()
    assert resolved.num_classes == 2
    assert resolved.level == "frame"
    assert resolved.schema.dtypes == {"x": "float32", "y": "uint8"}
    assert resolved.count_batches(2) == 2
    assert manifest.num_classes(path) == 2
    assert manifest.class_names(path, 2) == {0: "cat", 1: "dog"}
    assert manifest.class_names(path, 3) == {}


def test_without_one_nothing_changes(tmp_path):
    path = records.write(tmp_path / "a", [records.frames()])
    assert data.find_schema(path) is None
    assert data.resolve_schema(path) == data.FRAME.resolved
    ((_, labels),) = data.load(path).as_numpy_iterator()
    assert labels.shape == (1, 3862)
    resolved = data.ShardSet(path).resolved()
    assert (resolved.num_classes, resolved.level) == (3862, "frame")


def test_what_is_given_goes_before_it(tmp_path):
    path = folder_of(tmp_path)
    other = data.Schema("frame", (M("y", "y", 1),))
    ((features, labels),) = data.load(path, schema=other).as_numpy_iterator()
    assert sorted(features) == ["y", "y_mask"]
    assert labels.shape == (3, 3862)
    ((_, labels),) = data.load(path, num_classes=5).as_numpy_iterator()
    assert labels.shape == (3, 5)
    assert len(list(data.load(path, "frame"))) == 1
    for read in (data.load, data.inspect, data.find_corrupt_record):
        with pytest.raises(ValueError) as raised:
            read(path, level="video")
        assert str(raised.value).startswith(
            f"level is 'video', but {tmp_path / 'schema.json'} beside the "
            "shards says 'frame'"
        )


def test_one_that_contradicts_the_shards(tmp_path):
    path = folder_of(tmp_path, data.Schema("frame", (M("x", "x", 7),)))
    for read in (data.load, data.inspect, data.find_corrupt_record):
        with pytest.raises(ValueError) as raised:
            read(path)
        assert str(raised.value) == (
            f"{tmp_path / 'schema.json'} does not fit the shards beside it: "
            f"{path}: first record: x: second 0 holds 5 floats (a "
            "float_list), expected one string of 7 bytes: frames are read as "
            "one byte (uint8) a value"
        )
    folder_of(tmp_path, data.Schema("video", (M("x", "x", 5),)))
    with pytest.raises(ValueError, match=r"schema.json does not fit the shar"):
        data.load(path)


def test_a_corrupt_record_does_not_contradict_it(tmp_path):
    path = folder_of(tmp_path)
    good = record("frame", "floats", vectors("floats", 2))
    bad = [record("frame", "uint8", np.zeros((1, 3))), b"garbage!"]
    for some in ([bad[0], good], [bad[1], good]):
        records.write(Path(path), some)
        load = data.load(path, on_corrupt="skip")
        assert sum(len(labels) for _, labels in load) == 1


def test_labels_beyond_its_names(tmp_path):
    path = folder_of(tmp_path)
    wrong = record("frame", "floats", vectors("floats", 2), labels=(2,))
    records.write(Path(path), [wrong])
    error = data.find_corrupt_record(path)
    assert error is not None
    assert error.reason == "label 2, but the schema names 2 classes, 0 to 1"
    assert len(data.inspect(path)[0].corrupt) == 1


def test_one_that_cannot_be_read(tmp_path):
    path = folder_of(tmp_path)
    for text, message in (
        ("{", "is not JSON"),
        ('{"level": "frame"}', "without 'modalities'"),
        ("[]", "expected a JSON object"),
    ):
        (tmp_path / "schema.json").write_text(text)
        with pytest.raises(ValueError, match=message) as raised:
            data.load(path)
        assert str(tmp_path / "schema.json") in str(raised.value)
    (tmp_path / "schema.json").unlink()
    (tmp_path / "schema.json").mkdir()
    assert data.find_schema(path) is None


def test_folders_whose_schemas_differ(tmp_path):
    other = data.Schema("frame", SCHEMA.modalities, classes=("cat", "cow"))
    paths = [folder_of(tmp_path / "a"), folder_of(tmp_path / "b")]
    assert data.find_schema(paths) == SCHEMA
    paths.append(folder_of(tmp_path / "c", other))
    with pytest.raises(ValueError, match=r"a/schema.json and .*c/schema.json"):
        data.load(paths)
