from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.metrics.exact.average_precision import (
    ClassRanking,
    average_precision,
    mean_over_classes,
)


def test_each_hit_takes_the_precision_at_its_place() -> None:
    # Ranked: .9 hit, .8 miss, .7 hit, .6 miss: (1/1 + 2/3) / 2 = 5/6.
    scores = np.array([0.6, 0.7, 0.8, 0.9])
    hits = np.array([0.7, 0.9])
    assert average_precision(scores, hits, 2) == pytest.approx(5 / 6)


def test_positives_outside_the_list_lower_the_score() -> None:
    # As above, but four positives exist: (1/1 + 2/3) / 4 = 5/12.
    scores = np.array([0.6, 0.7, 0.8, 0.9])
    hits = np.array([0.7, 0.9])
    assert average_precision(scores, hits, 4) == pytest.approx(5 / 12)


def test_tied_hits_take_the_precision_at_the_end_of_their_group() -> None:
    # .9 miss; then .5 three times, two of them hits: both get 2/4.
    scores = np.array([0.5, 0.5, 0.5, 0.9])
    hits = np.array([0.5, 0.5])
    assert average_precision(scores, hits, 2) == 0.5


def test_no_positives_gives_zero() -> None:
    assert average_precision(np.array([0.5]), np.array([]), 0) == 0.0


def test_mean_over_classes() -> None:
    # One class with AP 1, one with AP 1/2, one without positives.
    values = np.array([1.0, 0.5, np.nan])
    assert mean_over_classes(values, "drop") == 0.75
    assert mean_over_classes(values, "zero") == 0.5
    assert mean_over_classes(np.array([np.nan]), "drop") == 0.0


def test_each_class_is_ranked_by_itself() -> None:
    # Class 1: .9 miss, .8 hit, then .5 hit and miss tied: 1/2, 2/4.
    # Class 3: -.2 hit, -.4 miss, and a positive outside the list: 1/1.
    classes = np.array([1, 3, 1, 1, 3, 1])
    scores = np.array([0.5, -0.4, 0.9, 0.5, -0.2, 0.8], dtype="float32")
    hits = np.array([True, False, False, False, True, True])
    ranking = ClassRanking(classes[hits], scores[hits], [0, 2, 0, 2])
    values = ranking.average_precisions(ranking.entries_among(classes, scores))
    np.testing.assert_allclose(values, [np.nan, 0.5, np.nan, 0.5])
