from __future__ import annotations

import numpy as np

from keras_attend_fusion.metrics.exact.sort_keys import (
    class_keys,
    classes_of,
    entry_keys,
    entry_scores,
    score_keys,
    scores_of,
)

TINY = np.finfo("float32").smallest_subnormal
RISING = np.array(
    [-np.inf, -3e38, -1.5, -TINY, 0.0, TINY, 0.25, 1.0, 3e38], "float32"
)


def test_keys_rise_with_scores() -> None:
    keys = score_keys(RISING)
    assert (keys[1:] > keys[:-1]).all()
    assert (scores_of(keys) == RISING).all()


def test_class_keys_rise_by_class_first() -> None:
    scores = np.array([0.9, -0.9, 0.1, 0.5], "float32")
    keys = class_keys(np.array([0, 3, 3, 1]), scores)
    assert np.argsort(keys).tolist() == [0, 3, 1, 2]
    assert (keys >> np.uint64(32)).tolist() == [0, 3, 3, 1]
    assert (scores_of(keys.astype("uint32")) == scores).all()


def test_class_keys_of_more_than_are_made_at_once() -> None:
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 5, 200_000)
    scores = rng.normal(size=200_000).astype("float32")
    order = np.argsort(class_keys(classes, scores), kind="stable")
    assert (order == np.lexsort((scores, classes))).all()


def test_entry_keys_rise_by_score_and_fall_by_class() -> None:
    classes = np.array([7, -1, 2, 5, 2**31 - 1])
    scores = np.array([0.5, -np.inf, 0.5, 0.9, 0.5], "float32")
    keys = np.sort(entry_keys(classes, scores))[::-1]
    assert classes_of(keys).tolist() == [5, 2, 7, 2**31 - 1, -1]
    given = entry_scores(keys).tolist()
    assert given == np.sort(scores)[::-1].tolist()
