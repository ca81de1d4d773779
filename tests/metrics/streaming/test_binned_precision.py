from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from keras import ops

from keras_attend_fusion.metrics.streaming.binned_precision import (
    precision_sum,
    tied_precision_sum,
)


def summed(counts: list[list[int]], *skip: Any) -> float:
    return float(precision_sum(ops.convert_to_tensor(counts, "int32"), *skip))


def test_bins_of_one_entry_are_exact() -> None:
    # Hit, miss, nothing, hit: 1/1 + 2/3.
    value = summed([[0, 1], [1, 0], [0, 0], [0, 1]])
    assert value == pytest.approx(1 + 2 / 3)


def test_bins_of_hits_alone_at_the_top_are_exact() -> None:
    assert summed([[0, 5], [0, 3]]) == pytest.approx(8)


def test_every_order_inside_a_bin_is_equally_likely() -> None:
    # First bin: 20 hits and 10 misses. Second: 2 hits among 5, in each order.
    orders = set(permutations([1, 1, 0, 0, 0]))
    rank = 30 + np.arange(1, 6)
    expected = np.mean(
        [np.sum(order * (20 + np.cumsum(order)) / rank) for order in orders]
    )
    first = summed([[10, 20]])
    value = summed([[10, 20], [3, 2]]) - first
    assert value == pytest.approx(expected, rel=1e-4)


def test_close_to_it_even_at_the_very_top() -> None:
    # One hit among two: (1/1 + 1/2) / 2.
    assert summed([[1, 1]]) == pytest.approx(0.75, rel=0.01)


def test_the_best_can_be_left_out() -> None:
    # A hit and a miss are ranked elsewhere, from the first two bins.
    counts = ops.convert_to_tensor([[[0, 1], [4, 2]]], "int32")
    one, two = ops.ones((1, 1)), ops.full((1, 1), 2.0)
    value = float(precision_sum(counts, (one, two))[0])
    rest = summed([[0, 1], [1, 0], [3, 2]]) - summed([[0, 1], [1, 0]])
    assert value == pytest.approx(rest, rel=1e-6)


def test_hits_in_a_tie_take_the_precision_at_its_end() -> None:
    # .9 hit, then a tie of miss, hit, hit, then miss, hit: 1 + 3/4 · 2 + 4/6.
    scores = ops.convert_to_tensor([[0.9, 0.5, 0.5, 0.5, 0.3, 0.2]])
    hits = ops.convert_to_tensor([[1.0, 0.0, 1.0, 1.0, 0.0, 1.0]])
    value = float(tied_precision_sum(scores, hits)[0])
    assert value == pytest.approx(1 + 1.5 + 4 / 6)


@pytest.mark.parametrize("length", [1, 2, 7, 8])
def test_a_tie_of_all(length: int) -> None:
    scores = ops.full((1, length), 0.5)
    hits = ops.convert_to_tensor([[1.0] + [0.0] * (length - 1)])
    value = float(tied_precision_sum(scores, hits)[0])
    assert value == pytest.approx(1 / length)
