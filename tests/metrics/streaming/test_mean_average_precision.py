from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_attend_fusion.metrics import MeanAveragePrecision, evaluate
from tests.metrics.streaming.simulated import (
    rare_classes,
    some_videos,
    streamed,
    with_logits_of_8_bits,
)

LABELS = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0]])
SCORES = np.array([[0.9, 0.6, 0.3], [0.8, 0.3, 0.2], [0.7, 0.2, 0.1]])


def test_mean_over_classes_with_a_positive() -> None:
    # Hit, miss, hit: (1 + 2/3) / 2. Miss, hit, miss: 1/2. No positive.
    metric = MeanAveragePrecision(num_classes=3)
    metric.update_state(LABELS, SCORES)
    assert float(metric.result()) == pytest.approx((5 / 6 + 1 / 2) / 2)


def test_empty_classes_as_zero() -> None:
    metric = MeanAveragePrecision(num_classes=3, empty_classes="zero")
    metric.update_state(LABELS, SCORES)
    assert float(metric.result()) == pytest.approx((5 / 6 + 1 / 2) / 3)


def test_only_what_made_the_top() -> None:
    # Only the first class is ever ranked; the second's positive is missed.
    metric = MeanAveragePrecision(num_classes=3, ranking="top_1")
    metric.update_state(LABELS, SCORES)
    assert metric.name == "map_top_1"
    assert float(metric.result()) == pytest.approx((5 / 6 + 0) / 2)


def test_no_positives_gives_zero() -> None:
    metric = MeanAveragePrecision(num_classes=2)
    assert float(metric.result()) == 0.0
    metric.update_state([[0, 0]], [[0.9, 0.1]])
    assert float(metric.result()) == 0.0


@pytest.mark.parametrize("num_best", [1, 10])
def test_the_best_and_the_histogram_make_one_list(num_best: int) -> None:
    # In bins of their own the rest is exact too, wherever the list is cut.
    metric = MeanAveragePrecision(3, num_bins=999, num_best=num_best)
    metric.update_state(LABELS[:1], SCORES[:1])
    metric.update_state(LABELS[1:], SCORES[1:])
    assert float(metric.result()) == pytest.approx(2 / 3)


def test_ties_among_the_best_are_exact() -> None:
    # A tie of hit and miss, then a hit: 1/2 and 2/3, in either order.
    for labels in (LABELS, LABELS[[1, 0, 2]]):
        metric = MeanAveragePrecision(num_classes=3, num_best=10)
        scores = SCORES.copy()
        scores[:2, 0] = 0.8
        metric.update_state(labels[:, :1] * [1, 0, 0], scores)
        assert float(metric.result()) == pytest.approx((1 / 2 + 2 / 3) / 2)


@pytest.mark.parametrize("ranking", ["all", "top_20"])
def test_close_to_the_exact_score(ranking: str) -> None:
    scores, labels = rare_classes()
    metric = MeanAveragePrecision(3862, ranking)
    exact = evaluate(scores, labels)[metric.name]
    assert 0.3 < exact < 0.7
    assert streamed(metric, scores, labels) == pytest.approx(exact, abs=5e-5)


@pytest.mark.parametrize("rounded", [False, True])
def test_close_to_it_with_many_positives(rounded: bool) -> None:
    scores, labels = some_videos(classes=50)
    if rounded:
        scores = with_logits_of_8_bits(scores)
    exact = evaluate(scores, labels)["map"]
    value = streamed(MeanAveragePrecision(50), scores, labels)
    assert value == pytest.approx(exact, abs=1e-3 if rounded else 2e-4)


def test_counts_beyond_what_float32_can_add_up() -> None:
    # 2^25 hits far below, then one more entry each.
    metric = MeanAveragePrecision(1, num_bins=2, num_best=1)
    counts = metric.state["counts"]
    counts.assign(np.array([[[0, 0], [0, 2**25]]], dtype=str(counts.dtype)))
    metric.update_state([[1]], [[0.0]])
    assert int(np.array(counts)[0, 1, 1]) == 2**25 + 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_classes": 0}, "num_classes is 0; expected an integer"),
        ({"num_bins": 0}, "num_bins is 0; expected an integer"),
        ({"num_best": 0}, "num_best is 0; expected an integer"),
        ({"ranking": "top"}, "ranking is 'top'; expected 'all' or 'top_20'"),
        ({"ranking": "top_0"}, "ranking is 'top_0'; expected 'all'"),
        ({"empty_classes": "one"}, "empty_classes is 'one'; expected 'drop'"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MeanAveragePrecision(**{"num_classes": 3, **arguments})
