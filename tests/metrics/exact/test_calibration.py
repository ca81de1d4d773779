from __future__ import annotations

import math

import numpy as np
import pytest

from keras_attend_fusion.metrics.exact.calibration import calibration


def test_bins_by_hand() -> None:
    # Four bins. [0, .25): .1 and .2, no hit. [.5, .75): .5, a hit.
    # [.75, 1]: .8 miss, 1 hit.
    scores = np.array([0.1, 0.8, 0.5, 1.0, 0.2], "float32")
    hits = np.array([False, False, True, True, False])
    result = calibration(scores, hits, bins=4)
    assert result.predictions.tolist() == [2, 0, 1, 2]
    assert result.confidence[[0, 2, 3]] == pytest.approx([0.15, 0.5, 0.9])
    assert result.accuracy[[0, 2, 3]].tolist() == [0, 1, 0.5]
    assert math.isnan(result.confidence[1])
    assert math.isnan(result.accuracy[1])
    # (2 · .15 + 1 · .5 + 2 · .4) / 5
    assert result.error == pytest.approx(1.6 / 5)


def test_scores_that_keep_their_promise() -> None:
    scores = np.repeat(np.float32([0.25, 0.75]), 4)
    hits = np.array([1, 0, 0, 0, 1, 1, 1, 0], bool)
    assert calibration(scores, hits, bins=10).error == 0.0


def test_order_changes_no_bit() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random(3_000_000, dtype="float32") ** 8
    hits = rng.random(scores.size) < scores
    expected = calibration(scores, hits, 15)
    order = rng.permutation(scores.size)
    again = calibration(scores[order], hits[order], 15)
    assert again.error == expected.error
    assert again.confidence.tolist() == expected.confidence.tolist()
    assert expected.error < 1e-3


def test_no_predictions() -> None:
    result = calibration(np.zeros(0, "float32"), np.zeros(0, bool), 3)
    assert result.error == 0.0
    assert result.predictions.tolist() == [0, 0, 0]
