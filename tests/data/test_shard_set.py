"""A set of shards: the functions of the room, with arguments filled in."""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import pytest

from keras_attend_fusion import data

CLASSES = 6


@pytest.fixture(scope="module", params=["video", "frame", "segment"])
def folder(request, tmp_path_factory):
    path = tmp_path_factory.mktemp(request.param)
    data.synthesize(path, request.param, videos=20, shards=3, classes=CLASSES)
    return path


def equal(first, second):
    batches = list(zip(first, second, strict=True))
    assert batches
    for one, other in batches:
        for left, right in zip(one, other, strict=True):
            parts = [left, right]
            if not isinstance(left, dict):
                parts = [{"": part} for part in parts]
            assert parts[0].keys() == parts[1].keys()
            for name in parts[0]:
                np.testing.assert_array_equal(parts[0][name], parts[1][name])


def test_it_reads_as_the_functions_do(folder):
    pattern = f"{folder}/train-*"
    fields = {
        "num_classes": CLASSES,
        "classes": [4, 1],
        "modalities": ["audio"],
        "process": (1, 2),
    }
    shards = data.ShardSet(pattern, **fields)
    reading = {"shuffle": True, "seed": 3, "with_id": True}
    equal(
        shards.load(batch_size=4, **reading).as_numpy_iterator(),
        data.load(
            pattern, batch_size=4, **fields, **reading
        ).as_numpy_iterator(),
    )
    assert shards.paths() == data.list_shards(pattern)
    assert shards.count() == data.count(pattern) == 20
    assert shards.count_batches(8) == 3
    assert shards.count_batches(8, drop_remainder=True) == 2
    assert shards.inspect() == data.inspect(pattern, CLASSES)
    assert shards.find_corrupt_record() is None


def test_rated_segments(tmp_path):
    data.synthesize(tmp_path, "segment", videos=20, shards=2, classes=CLASSES)
    pattern, fields = f"{tmp_path}/*.tfrecord", {"num_classes": CLASSES}
    shards = data.ShardSet(pattern, **fields)
    equal(
        shards.load_segments(4, with_id=True).as_numpy_iterator(),
        data.load_segments(
            pattern, 4, with_id=True, **fields
        ).as_numpy_iterator(),
    )
    assert shards.count_segments() == data.count_segments(pattern, **fields)


def test_what_cannot_be_used(folder, tmp_path):
    whole = next(iter(sorted(folder.glob("*.tfrecord")))).read_bytes()
    path = tmp_path / "cut.tfrecord"
    path.write_bytes(whole[:-5])
    shards = data.ShardSet(path, num_classes=CLASSES)
    assert shards.find_corrupt_record().path == str(path)
    with pytest.raises(data.CorruptRecordError):
        shards.count()
    skipping = dataclasses.replace(shards, on_corrupt="skip")
    report = data.SkipReport()
    delivered = sum(len(y) for _, y in skipping.load(report=report))
    assert delivered == skipping.count() > 0
    assert report.count == 1


def test_it_is_a_value_and_making_it_reads_nothing():
    names, classes = ["nowhere/*", "b"], [1, 2]
    shards = data.ShardSet(names, classes=classes)
    names.append("c")
    classes.append(3)
    assert shards == data.ShardSet(("nowhere/*", "b"), classes=(1, 2))
    assert hash(shards) == hash(
        data.ShardSet(["nowhere/*", "b"], classes=[1, 2])
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        shards.level = "video"
    with pytest.raises(data.NoShardsError):
        shards.load()


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"num_classes": 0}, "num_classes"),
        ({"num_classes": 3, "classes": [3]}, "classes"),
        ({"on_corrupt": "ignore"}, "on_corrupt"),
        ({"process": (2, 2)}, "process"),
        ({"max_frames": 2.0}, "max_frames"),
    ],
)
def test_what_is_out_of_range(fields, word):
    with pytest.raises(ValueError, match=word):
        data.ShardSet("a", **fields)


def test_every_argument_of_a_reader_has_a_place():
    """The fields, or the rest that the methods pass on."""
    fields = {field.name for field in dataclasses.fields(data.ShardSet)}
    for name in ("load", "load_segments"):
        rest = set(inspect.signature(getattr(data, name)).parameters) - fields
        text = inspect.getdoc(getattr(data.ShardSet, name))
        for argument in rest - {"pattern", "batch_size"}:
            assert f"`{argument}`" in text, argument
