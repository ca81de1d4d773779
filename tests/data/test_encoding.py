"""Records put down by hand, beside TensorFlow's own messages."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion.data import encoding
from keras_attend_fusion.data.direct.wire import FLOATS
from tests.data import records

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**31])
def test_integers(value):
    parts = encoding.example({"labels": encoding.ints_feature([value, 5])})
    example = tf.train.Example.FromString(b"".join(parts))
    assert example.features.feature["labels"].int64_list.value == [value, 5]


@pytest.mark.parametrize("labels", [[], [3], [0, 200, 70000]])
@pytest.mark.parametrize("size", [1, 128, 1024, 70000])
def test_an_example_to_the_bit(labels, size):
    vector = RNG.standard_normal(size).astype(np.float32)
    features = {
        "x": encoding.floats_feature(vector),
        "labels": encoding.ints_feature(labels),
        "id": encoding.bytes_feature("é1".encode()),
    }
    messages = {
        "x": records.feature(vector.tolist()),
        "labels": records.feature(labels),
        "id": records.feature(["é1".encode()]),
    }
    example = tf.train.Example(features=tf.train.Features(feature=messages))
    expected = example.SerializeToString(deterministic=True)
    assert b"".join(encoding.example(features)) == expected


@pytest.mark.parametrize("count", [0, 1, 61])
@pytest.mark.parametrize("size", [1, 13, 200, 1024])
def test_a_sequence_example_to_the_bit(count, size):
    frames = RNG.integers(0, 256, (count, size), dtype=np.uint8)
    floats = RNG.standard_normal((count, size)).astype(np.float32)
    parts = encoding.sequence_example(
        {
            "labels": encoding.ints_feature([7]),
            "id": encoding.bytes_feature(b"a"),
        },
        {
            "rgb": encoding.frame_list(frames),
            "f": encoding.frame_list(floats.view(np.uint8), FLOATS),
        },
    )
    context = {"labels": records.feature([7]), "id": records.feature([b"a"])}
    lists = {
        "rgb": [records.feature([frame.tobytes()]) for frame in frames],
        "f": [records.feature(frame.tolist()) for frame in floats],
    }
    expected = tf.train.SequenceExample(
        context=tf.train.Features(feature=context),
        feature_lists=tf.train.FeatureLists(
            feature_list={
                key: tf.train.FeatureList(feature=features)
                for key, features in lists.items()
            }
        ),
    ).SerializeToString(deterministic=True)
    assert b"".join(parts) == expected
