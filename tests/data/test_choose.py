"""Labels of some classes alone."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion import data

SOME = [5, 0, 3]


@pytest.mark.parametrize("level", ["video", "frame"])
@pytest.mark.parametrize("cache", [None, "memory"])  # the other way to read
def test_the_labels_are_those_columns(tmp_path, level, cache):
    data.synthesize(tmp_path / "a", level, videos=20, shards=2, classes=8)
    both = [
        data.load(
            f"{tmp_path}/a/train-*",
            batch_size=8,
            num_classes=8,
            classes=classes,
            cache=cache,
        )
        for classes in (None, SOME)
    ]
    assert both[1].element_spec[1].shape.as_list()[1] == 3
    for (features, every), (same, some) in zip(
        *(one.as_numpy_iterator() for one in both), strict=True
    ):
        np.testing.assert_array_equal(some, every[:, SOME])
        assert some.dtype == np.uint8
        assert features.keys() == same.keys()
        np.testing.assert_array_equal(features["rgb"], same["rgb"])


def test_segments_keep_their_weights(tmp_path):
    data.synthesize(tmp_path / "a", "segment", videos=20, shards=2, classes=8)
    arguments = {"batch_size": 500, "num_classes": 8}
    pattern = f"{tmp_path}/a/train-*"
    ((_, labels, weights),) = data.load_segments(pattern, **arguments)
    ((_, some, rated),) = data.load_segments(pattern, classes=SOME, **arguments)
    np.testing.assert_array_equal(some, labels.numpy()[:, SOME])
    np.testing.assert_array_equal(rated, weights.numpy()[:, SOME])


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ([], "at least one, got"),
        ([1, 1], "each class once"),
        ([1, 8], "classes has 8, but num_classes is 8: pass classes from 0"),
        ([-1], "classes has -1"),
    ],
)
@pytest.mark.parametrize("load", [data.load, data.load_segments])
def test_classes_that_are_none(tmp_path, load, classes, expected):
    data.synthesize(tmp_path / "a", "segment", videos=4, shards=1, classes=8)
    with pytest.raises(ValueError, match=expected):
        load(f"{tmp_path}/a/train-*", num_classes=8, classes=classes)
