from __future__ import annotations

import numpy as np
from keras import ops

from keras_attend_fusion.metrics.exact.top_k import top_k_classes
from keras_attend_fusion.metrics.streaming.best_classes import (
    top_counts_mask,
    top_k_mask,
    top_k_pairs,
)


def test_scores_and_hits_best_first() -> None:
    labels = ops.convert_to_tensor([[1, 0, 0], [0, 0, 1]], "int32")
    scores = ops.convert_to_tensor([[0.1, 0.5, 0.3], [0.7, 0.2, 0.9]])
    best, hits = top_k_pairs(labels, scores, 2)
    np.testing.assert_allclose(
        ops.convert_to_numpy(best), [[0.5, 0.3], [0.9, 0.7]], rtol=1e-6
    )
    assert ops.convert_to_numpy(hits).tolist() == [[0, 0], [1, 0]]


def test_more_than_there_are_classes() -> None:
    labels = ops.convert_to_tensor([[1, 0]], "int32")
    scores = ops.convert_to_tensor([[0.1, 0.5]])
    _, hits = top_k_pairs(labels, scores, 20)
    assert ops.convert_to_numpy(hits).tolist() == [[0, 1]]
    assert ops.convert_to_numpy(top_k_mask(scores, 20)).tolist() == [[1, 1]]


def test_ties_at_the_cut_go_to_the_lower_class() -> None:
    scores = ops.convert_to_tensor([[0.2, 0.9, 0.2, 0.1], [0.3] * 4])
    kept = ops.convert_to_numpy(top_k_mask(scores, 2))
    assert kept.tolist() == [[1, 1, 0, 0], [1, 1, 0, 0]]


def test_same_as_the_exact_metrics_on_crowded_ties() -> None:
    scores = np.random.default_rng(0).integers(0, 4, (50, 30)) / 4
    kept = ops.convert_to_numpy(top_k_mask(ops.convert_to_tensor(scores), 7))
    expected = np.zeros(scores.shape)
    np.put_along_axis(expected, top_k_classes(scores, 7), 1, axis=1)
    np.testing.assert_array_equal(kept, expected)


def test_a_number_for_each_video() -> None:
    scores = ops.convert_to_tensor([[0.3] * 4, [0.1, 0.9, 0.2, 0.3], [0.5] * 4])
    counts = ops.convert_to_tensor([2, 3, 0], "int32")
    kept = ops.convert_to_numpy(top_counts_mask(scores, counts, 20))
    assert kept.tolist() == [[1, 1, 0, 0], [0, 1, 1, 1], [0, 0, 0, 0]]
