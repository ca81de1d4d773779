from __future__ import annotations

import numpy as np

from keras_attend_fusion.metrics.exact.precision_recall import precision_recall


def test_by_hand() -> None:
    # Ranked: .9 hit, .7 hit and miss tied, .4 miss, .2 hit; four positives.
    ranked, hits = (
        np.array([0.2, 0.4, 0.7, 0.7, 0.9]),
        np.array([0.2, 0.7, 0.9]),
    )
    curve = precision_recall(ranked, hits, 4, points=10)
    assert curve.threshold.tolist() == [0.9, 0.7, 0.2]
    assert curve.precision.tolist() == [1.0, 2 / 3, 3 / 5]
    assert curve.recall.tolist() == [1 / 4, 2 / 4, 3 / 4]


def test_few_points_of_many() -> None:
    ranked = np.arange(1000) / 1000
    curve = precision_recall(ranked, ranked, 1000, points=3)
    assert curve.threshold.tolist() == [0.999, 0.499, 0.0]
    assert curve.recall.tolist() == [0.001, 0.501, 1.0]
    assert precision_recall(ranked, ranked, 1000, points=1).recall.size == 1


def test_no_hit_has_no_curve() -> None:
    curve = precision_recall(np.array([0.5]), np.array([]), 0, points=5)
    assert [part.size for part in curve] == [0, 0, 0]
