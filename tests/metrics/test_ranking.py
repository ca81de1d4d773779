from __future__ import annotations

import numpy as np

from keras_attend_fusion.metrics.ranking import (
    hits_at_one,
    precisions_at_equal_recall,
)


def test_hits_at_one() -> None:
    scores = np.array([[0.1, 0.9], [0.9, 0.1], [0.9, 0.1], [0.5, 0.5]])
    labels = np.array([[0, 1], [0, 1], [0, 0], [0, 1]], dtype=bool)
    # Hit; miss; no label; tied, so class 0 is the best and no label.
    assert hits_at_one(scores, labels).tolist() == [True, False, False, False]


def test_precision_of_as_many_as_there_are_labels() -> None:
    scores = np.array([[0.9, 0.8, 0.7, 0.1]] * 5)
    labels = np.array(
        [
            [1, 0, 0, 0],  # best 1 holds the label: 1
            [1, 0, 1, 0],  # best 2 hold one of two: 1/2
            [0, 1, 1, 1],  # best 3 hold two of three: 2/3
            [0, 0, 0, 1],  # best 1 misses: 0
            [0, 0, 0, 0],  # no label: 0
        ],
        dtype=bool,
    )
    values = precisions_at_equal_recall(scores, labels).tolist()
    assert values == [1.0, 0.5, 2 / 3, 0.0, 0.0]


def test_precision_gives_ties_at_the_cut_to_the_lower_class() -> None:
    scores = np.array([[0.5, 0.5], [0.5, 0.5]])
    labels = np.array([[1, 0], [0, 1]], dtype=bool)
    assert precisions_at_equal_recall(scores, labels).tolist() == [1.0, 0.0]
