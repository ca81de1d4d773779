from __future__ import annotations

import numpy as np
from keras import ops

from keras_attend_fusion.metrics.streaming.score_histogram import (
    histogram,
    logit_bin,
    running_sum,
)


def bins_of(probabilities: object, num_bins: int) -> list[int]:
    p = ops.convert_to_tensor(np.array(probabilities, dtype="float32"))
    return ops.convert_to_numpy(logit_bin(p, num_bins)).tolist()


def test_bins_are_even_in_logits_best_first() -> None:
    # Four bins of 8.5 logits from 17 to -17: p(9), p(1), p(-1), p(-9).
    logits = np.array([9.0, 1.0, -1.0, -9.0])
    assert bins_of(1 / (1 + np.exp(-logits)), 4) == [0, 1, 2, 3]


def test_zero_and_one_fall_into_the_outermost_bins() -> None:
    assert bins_of([1.0, 0.0, 1.0005, -0.0005, 1e-45], 100) == [
        0,
        99,
        0,
        99,
        99,
    ]


def test_one_is_told_from_the_number_below() -> None:
    one, below = bins_of([1.0, np.nextafter(np.float32(1), np.float32(0))], 999)
    assert one < below


def test_misses_and_hits_are_counted_by_bin() -> None:
    bins = ops.convert_to_tensor([[0, 2], [2, 2]], "int32")
    hits = ops.convert_to_tensor([[1, 0], [1, 0]], "int32")
    counts = ops.convert_to_numpy(histogram(bins, hits, 3))
    assert counts.tolist() == [[0, 1], [0, 0], [2, 1]]
    counted = ops.convert_to_tensor([[1, 0], [1, 1]], "int32")
    counts = ops.convert_to_numpy(histogram(bins, hits, 3, counted))
    assert counts.tolist() == [[0, 1], [0, 0], [1, 1]]


def test_sums_beyond_2_to_the_31() -> None:
    counts = ops.convert_to_tensor([[2**31 - 1, 1, 2**30]], "int32")
    sums = ops.convert_to_numpy(running_sum(counts)).tolist()
    assert sums == [[2.0**31, 2.0**31, 2.0**31 + 2.0**30]]
