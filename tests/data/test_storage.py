"""Every dtype and storage that a modality may have, read in both ways."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import data
from keras_attend_fusion.data.check import check_record
from keras_attend_fusion.data.direct import wire
from keras_attend_fusion.data.plan import make_plan
from tests.data import records
from tests.data.test_direct import apart, same

M = data.Modality
KINDS = {
    "uint8": {"dtype": "uint8"},
    "float16": {"dtype": "float16"},
    "float32": {"dtype": "float32", "storage": "bytes"},
    "floats": {"storage": "floats"},
}
SIZE = 5


def stored(kind: str, vector: np.ndarray) -> tf.train.Feature:
    if kind == "floats":
        return records.feature(vector.astype(np.float32).tolist())
    return records.feature([vector.astype(kind).tobytes()])


def vectors(kind: str, count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if kind == "uint8":
        return rng.integers(1, 256, (count, SIZE), dtype=np.uint8)
    values = rng.standard_normal((count, SIZE)).astype(np.float32)
    return values.astype(np.float16) if kind == "float16" else values


def record(
    level: str,
    kind: str,
    frames: np.ndarray | None,
    name: str = "a",
    labels: tuple[int, ...] = (1,),
) -> bytes:
    """One with a modality `x` of a kind, and `y`, one byte a second."""
    context = {
        "id": records.feature([name.encode()]),
        "labels": records.feature(labels),
    }
    vectors_ = [] if frames is None else frames
    features = [stored(kind, vector) for vector in vectors_]
    if level == "video":
        context["y"] = records.feature([b"y"])
        if features:
            context["x"] = features[0]
        example = tf.train.Example(features=tf.train.Features(feature=context))
        return example.SerializeToString(deterministic=True)
    lists = {"y": tf.train.FeatureList(feature=[records.feature([b"y"])] * 3)}
    if frames is not None:
        lists["x"] = tf.train.FeatureList(feature=features)
    return tf.train.SequenceExample(
        context=tf.train.Features(feature=context),
        feature_lists=tf.train.FeatureLists(feature_list=lists),
    ).SerializeToString(deterministic=True)


def schema_of(level: str, kind: str | None, **more: object) -> data.Schema:
    x = M("x", "x", SIZE, **({} if kind is None else KINDS[kind]))
    return data.Schema(level, (x, M("y", "y", 1, dtype="uint8")), **more)


BOTH = list(itertools.product(("video", "frame"), KINDS))


@pytest.mark.parametrize(("level", "kind"), BOTH)
def test_both_ways_of_reading_agree(level, kind):
    counts = [1, 1, 1] if level == "video" else [1, 61, 70]
    some = [
        record(level, kind, vectors(kind, count, seed), str(seed))
        for seed, count in enumerate(counts)
    ]
    some.append(record(level, kind, None, "absent"))
    if level == "frame":
        some.append(record(level, kind, np.zeros((0, SIZE)), "empty"))
    for names, max_frames in ((None, 300), (("x",), 60), (("y",), 300)):
        plan = make_plan(schema_of(level, kind), 9, max_frames, names, True)
        same(some, plan)


@pytest.mark.parametrize(("level", "kind"), BOTH)
def test_values_come_as_they_were_written(level, kind, tmp_path):
    count = 1 if level == "video" else 4
    frames = vectors(kind, count)
    path = records.write(tmp_path / "a", [record(level, kind, frames)])
    schema = schema_of(level, None)  # nothing said: as the record has it
    load = data.load(path, schema=schema, num_classes=3)
    ((features, labels),) = load.as_numpy_iterator()
    assert features["x"].dtype == ("uint8" if kind == "uint8" else "float32")
    expected = frames.astype(features["x"].dtype)
    x = features["x"][0] if level == "video" else features["x"][0, :count]
    np.testing.assert_array_equal(x, expected[0] if level == "video" else x)
    np.testing.assert_array_equal(np.atleast_2d(x), expected)
    assert labels.tolist() == [[0, 1, 0]]
    if level == "frame":
        assert features["x_mask"][0].sum() == count
        assert not features["x"][0, count:].any()
    resolved = data.resolve_schema(path, schema=schema)
    asked = M("x", "x", SIZE, **KINDS[kind])
    assert resolved.modalities[0] == asked
    assert resolved.dtypes == {"x": str(features["x"].dtype), "y": "uint8"}
    facts = check_record(record(level, kind, frames), make_plan(resolved, 3))
    assert facts.vectors["x"] == frames.tobytes()


def test_absent_modalities_do_not_tell_how_they_are_stored(tmp_path):
    some = [
        b"garbage!",
        record("frame", "floats", None, "a"),
        record("frame", "floats", vectors("floats", 2), "b"),
    ]
    path = records.write(tmp_path / "a", some)
    schema = data.resolve_schema(path, schema=schema_of("frame", None))
    assert schema.modalities[0].storage == "floats"
    path = records.write(tmp_path / "b", some[:2])
    schema = data.resolve_schema(path, schema=schema_of("frame", None))
    assert schema.modalities[0].dtype == "uint8"


BAD = [np.nan, np.inf, -np.inf, 2e9]


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("kind", ["float32", "floats", "float16"])
def test_frames_have_to_be_finite(tmp_path, kind, cached):
    """Wherever they are: beyond what is kept, or not delivered, too."""
    more = {"cache": "memory"} if cached else {}
    for bad in BAD[: 3 if kind == "float16" else 4]:
        frames = vectors(kind, 8)
        frames[7, 3] = bad
        good = record("frame", kind, vectors(kind, 2))
        path = records.write(
            tmp_path / "a", [good, record("frame", kind, frames)]
        )
        schema = schema_of("frame", kind)
        for names, max_frames in ((None, 300), (None, 3), ("y", 300)):
            load = data.load(
                path,
                schema=schema,
                num_classes=9,
                modalities=names,
                max_frames=max_frames,
                **more,
            )
            with pytest.raises(tf.errors.OpError) as raised:
                list(load)
            if not cached:
                assert "record 1 at byte" in raised.value.message
                assert "x: second 7 holds" in raised.value.message
        skipped = data.load(
            path, schema=schema, num_classes=9, on_corrupt="skip", **more
        )
        assert sum(len(labels) for _, labels in skipped) == 1
        (stats,) = data.inspect(path, schema=schema)
        assert len(stats.corrupt) == 1
        assert np.isfinite(stats.ranges["x"]).all()


WRONG = {
    ("frame", "floats"): "x: second 0 holds 12 bytes, ",
    ("frame", "float32"): "x: second 0 has 12 bytes, expected 20",
    ("frame", "float16"): "x: second 0 has 12 bytes, expected 10",
    ("video", "floats"): "x is a bytes_list, expected a float_list",
    ("video", "float32"): "x has 12 bytes, expected 20 bytes (5 float32)",
    ("video", "uint8"): "x has 12 bytes, expected 5 bytes",
}


@pytest.mark.parametrize(("level", "kind"), WRONG)
def test_other_sizes_and_kinds_are_named(tmp_path, level, kind):
    bad = record(level, "uint8", np.zeros((1, 12), np.uint8))
    plan = make_plan(schema_of(level, kind), 9)
    with pytest.raises(ValueError) as raised:
        check_record(bad, plan)
    assert WRONG[level, kind] in str(raised.value)
    with pytest.raises(wire.Unusual):
        apart([bad], plan)
    path = records.write(tmp_path / "a", [bad])
    with pytest.raises(tf.errors.OpError) as raised:
        list(data.load(path, schema=plan.schema, num_classes=9))
    assert WRONG[level, kind] in raised.value.message


def test_floats_where_bytes_are_expected():
    for level, message in (
        ("frame", "second 0 holds 5 floats (a float_list), expected one stri"),
        ("video", "x is a float_list, expected a bytes_list: it holds 5 floa"),
    ):
        bad = record(level, "floats", vectors("floats", 1))
        with pytest.raises(ValueError) as raised:
            check_record(bad, make_plan(schema_of(level, "float16"), 9))
        assert message in str(raised.value)


@pytest.mark.parametrize("level", ["video", "frame"])
@pytest.mark.parametrize("labels", [(), (1, 2), (1, 1)])
def test_a_single_label_task_takes_one_label(tmp_path, level, labels):
    frames = vectors("floats", 1)
    good = [record(level, "floats", frames, labels=(n,)) for n in (2, 0)]
    schema = schema_of(level, "floats", task="single_label")
    same(good, make_plan(schema, 3))
    path = records.write(
        tmp_path / "a",
        [*good, record(level, "floats", frames, labels=labels)],
    )
    wrong = f"the video has {len(labels) or 'no'} label"
    with pytest.raises(tf.errors.OpError, match=wrong):
        list(data.load(path, schema=schema, num_classes=3))
    with pytest.raises(tf.errors.OpError, match="not one label"):
        list(data.load(path, schema=schema, num_classes=3, cache="memory"))
    load = data.load(path, schema=schema, num_classes=3, on_corrupt="skip")
    ((_, hot),) = load.as_numpy_iterator()
    assert hot.tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dtype": "float64"}, "dtype of x has to be one of uint8, float16"),
        ({"storage": "strings"}, "storage of x has to be one of bytes, floats"),
        ({"storage": "floats", "dtype": "float16"}, "a float_list holds float"),
        ({"range": (0, 1), "dtype": "float32"}, "but its values are float32"),
        ({"range": (0, 1), "storage": "floats"}, "range of x is what bytes"),
        ({"range": (1, 1)}, "two finite numbers in rising order"),
        ({"range": (0, np.inf)}, "two finite numbers"),
        ({"range": "12"}, "two finite numbers"),
        ({"range": (0, 1, 2)}, "two finite numbers"),
    ],
)
def test_arguments_that_do_not_go_together(arguments, message):
    with pytest.raises(ValueError, match=message):
        M("x", "x", 3, **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": ()}, "classes are a tuple of names"),
        ({"classes": "cat"}, "classes are a tuple of names"),
        ({"classes": ["cat", 3]}, "name of class 1 has to be a string, got 3"),
        ({"classes": ["a", "b", "a"]}, "Classes 0 and 2 both have the name"),
        ({"task": "softmax"}, "task is one of multi_label, single_label, got"),
    ],
)
def test_classes_and_tasks_that_are_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        schema_of("video", None, **arguments)


def test_what_a_schema_says_of_batches():
    schema = data.Schema(
        "frame",
        (M("rgb", "rgb", 4, range=(-1, 1)), M("t", "t", 2, dtype="float16")),
        classes=["cat", "dog"],
        task="single_label",
    )
    assert schema.dtypes == {"rgb": "uint8", "t": "float32"}
    assert schema.sizes == {"rgb": 4, "t": 2}
    assert schema.ranges == {"rgb": (-1.0, 1.0)}
    assert data.FRAME.ranges["audio"] == (-2.0, 2.0)
    assert data.VIDEO.dtypes == {"rgb": "float32", "audio": "float32"}
    assert data.VIDEO.ranges == {}


def test_json_holds_all_of_a_schema(tmp_path):
    schema = data.Schema(
        "frame",
        (M("rgb", "rgb", 4, range=(-1, 1)), M("t", "t", 2, storage="floats")),
        classes=["cat", "dog"],
        task="single_label",
    )
    path = tmp_path / "schema.json"
    for value in (schema, data.FRAME, data.VIDEO, data.AUDIOSET):
        path.write_text(json.dumps(value.as_json()))
        assert data.read_schema(path) == value
