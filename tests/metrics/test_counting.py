from __future__ import annotations

import numpy as np

from keras_attend_fusion.metrics.counting import (
    count_at_or_above,
    split_by_class,
)


def test_scores_equal_to_a_threshold_are_counted() -> None:
    counts = count_at_or_above(
        np.array([0.5, 0.1, 0.5, 0.9]), np.array([0.9, 0.5, 0.1, 0.0, 1.0])
    )
    assert counts.tolist() == [1, 3, 4, 4, 0]


def test_split_by_class_keeps_an_empty_last_class() -> None:
    parts = split_by_class(np.array([7, 8, 9]), np.array([1, 0, 1]), 3)
    assert [part.tolist() for part in parts] == [[8], [7, 9], []]
