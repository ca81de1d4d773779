from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_attend_fusion.metrics import F1, evaluate
from tests.metrics.streaming.simulated import (
    some_videos,
    streamed,
    with_logits_of_8_bits,
)

LABELS = [[1, 0], [0, 1], [0, 0]]
SCORES = [[0.9, 0.8], [0.1, 0.7], [0.2, 0.6]]


def test_micro_over_all_pairs() -> None:
    # Predicted: four, of which two hits; two positives.
    metric = F1(threshold=0.5)
    metric.update_state(LABELS, SCORES)
    assert float(metric.result()) == pytest.approx(2 * 2 / (4 + 2))


def test_macro_over_classes_with_a_positive() -> None:
    # First class: 1 of 1. Second: 1 hit, 3 predicted, 1 positive. Third: none.
    metric = F1(threshold=0.5, average="macro", num_classes=3)
    labels, scores = np.array(LABELS), np.array(SCORES)
    metric.update_state(
        np.pad(labels, ((0, 0), (0, 1))), np.pad(scores, ((0, 0), (0, 1)))
    )
    assert float(metric.result()) == pytest.approx((1 + 2 / 4) / 2)


def test_samples_over_all_videos() -> None:
    # 2 · 1 / 3, then 2 · 1 / 2, then no label: 0.
    metric = F1(threshold=0.5, average="samples", num_classes=2)
    metric.update_state(LABELS, SCORES)
    assert float(metric.result()) == pytest.approx((2 / 3 + 1 + 0) / 3)


def test_at_the_threshold_is_predicted() -> None:
    metric = F1(threshold=0.5)
    metric.update_state([[1, 1]], [[0.5, 0.4999]])
    assert float(metric.result()) == pytest.approx(2 / 3)


def test_the_best_threshold() -> None:
    # At .7 three predictions, two hits, two positives.
    metric = F1()
    metric.update_state(LABELS, SCORES)
    assert float(metric.result()) == pytest.approx(4 / 5)


def test_no_positive_gives_zero() -> None:
    for metric in (F1(), F1(0.5), F1(0.5, "macro", 2), F1(0.5, "samples", 2)):
        metric.update_state([[0, 0]], [[0.9, 0.1]])
        assert float(metric.result()) == 0.0


@pytest.mark.parametrize("average", ["micro", "macro", "samples"])
def test_exact_at_a_threshold(average: str) -> None:
    scores, labels = some_videos(classes=100)
    logits = (np.log(scores) - np.log1p(-scores)).astype("float32")
    exact = evaluate(logits, labels, threshold=-0.5)[f"f1_{average}"]
    metric = F1(-0.5, average, num_classes=100)
    assert streamed(metric, logits, labels) == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("sharpness", [0.3, 1.0, 5.0])
@pytest.mark.parametrize("rounded", [False, True])
def test_just_below_the_best_exact_score(
    sharpness: float, rounded: bool
) -> None:
    scores, labels = some_videos(sharpness)
    if rounded:
        scores = with_logits_of_8_bits(scores)
    exact = evaluate(scores, labels)["f1_micro"]
    assert 0.4 < exact < 0.9
    value = streamed(F1(), scores, labels)
    assert exact - 2e-4 < value < exact + 1e-6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"average": "weighted"}, "average is 'weighted'; expected 'micro'"),
        ({"threshold": float("nan")}, "threshold is nan; expected a finite"),
        ({"average": "macro", "num_classes": 3}, "threshold is None with"),
        ({"average": "macro", "threshold": 0.5}, "num_classes is None"),
        ({"num_bins": 0}, "num_bins is 0"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        F1(**arguments)
