from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.metrics.exact.top_k import (
    best_first,
    in_order,
    top_k_classes,
)
from tests.metrics.exact import slow


def test_the_best_are_listed_by_class_index() -> None:
    scores = np.array([[0.1, 0.9, 0.5, 0.7], [0.8, 0.2, 0.9, 0.1]])
    assert top_k_classes(scores, 2).tolist() == [[1, 3], [0, 2]]


def test_ties_at_the_cut_go_to_the_lower_class() -> None:
    # Room for two: .9 stays, and of the three .5 the first.
    # Second row: nothing above the cut. Third row: no tie.
    scores = np.array(
        [[0.5, 0.1, 0.5, 0.9, 0.5], [0.3] * 5, [0.1, 0.2, 0.3, 0.4, 0.5]]
    )
    assert top_k_classes(scores, 2).tolist() == [[0, 3], [0, 1], [3, 4]]


def test_k_above_the_class_count_keeps_every_class() -> None:
    assert top_k_classes(np.array([[0.2, 0.1]]), 20).tolist() == [[0, 1]]


def test_no_videos() -> None:
    assert top_k_classes(np.zeros((0, 4)), 2).shape == (0, 2)
    assert top_k_classes(np.zeros((0, 400)), 2).shape == (0, 2)


@pytest.mark.parametrize("classes", [1, 3, 50, 399, 400])
@pytest.mark.parametrize("levels", [1, 3, 40, 10**6])
def test_against_a_plain_sort(classes: int, levels: int) -> None:
    # Few levels make many ties; from 48 classes on, groups give a bound.
    rng = np.random.default_rng(classes)
    scores = (rng.integers(0, levels, (30, classes)) - levels // 2) / 7
    scores = scores.astype("float32") + np.float32(0)
    for k in (1, 2, 20):
        top = best_first(scores, k)
        expected = [slow.best(row, k) for row in scores.tolist()]
        assert top.classes.tolist() == expected
        rows = np.arange(30)[:, None]
        assert (top.scores == scores[rows, top.classes]).all()
        others = scores.copy()
        others[rows, top.classes] = -np.inf
        assert top.left_out == others.max()


def test_entries_in_any_order() -> None:
    classes = np.array([[4, 9, 2], [7, -1, -1]])
    scores = np.array([[0.5, 0.9, 0.5], [-3, -np.inf, -np.inf]], "float32")
    two = in_order(classes, scores, 2)
    assert two.classes.tolist() == [[9, 2], [7, -1]]
    four = in_order(classes, scores, 4)
    assert four.classes.tolist() == [[9, 2, 4, -1], [7, -1, -1, -1]]
    assert four.scores[1].tolist() == [-3, -np.inf, -np.inf, -np.inf]
