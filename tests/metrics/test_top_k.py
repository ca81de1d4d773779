from __future__ import annotations

import numpy as np

from keras_attend_fusion.metrics.top_k import top_k_classes


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
