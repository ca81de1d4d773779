from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_attend_fusion.metrics import evaluate
from tests.metrics.exact import slow

KEYS = [
    "gap_at_20",
    "map",
    "map_top_20",
    "hit_at_1",
    "perr",
    "f1_micro",
    "f1_macro",
    "f1_samples",
    "threshold",
    "videos",
    "classes_with_positives",
    "precision_at_1",
    "precision_at_5",
    "precision_at_20",
    "recall_at_1",
    "recall_at_5",
    "recall_at_20",
    "calibration_error",
]


def test_a_case_worked_out_by_hand() -> None:
    scores = [[0.9, 0.6, 0.1], [0.2, 0.8, 0.7], [0.5, 0.4, 0.3]]
    labels = [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    result = evaluate(scores, labels, top_k=2)
    # Top 2 pooled: .9 hit, .8, .7 hit, .6, .5, .4; three positives.
    assert result["gap_at_2"] == pytest.approx((1 + 2 / 3) / 3)
    # Class 0: .9 first of three: 1. Class 1: no positive.
    # Class 2: .7 hit, .3 hit, .1: 1; in the top 2 only .7: 1/2.
    assert result["map"] == 1.0
    assert result["map_top_2"] == pytest.approx((1 + 1 / 2) / 2)
    assert result["hit_at_1"] == pytest.approx(1 / 3)
    assert result["perr"] == pytest.approx(1 / 3)
    # Micro F1 at .9: 2/(1+3) = 1/2; at .7: 4/(3+3) = 2/3; at .3: 6/(7+3).
    # Halfway from .7 to the next lower score, .6.
    assert result["threshold"] == pytest.approx(0.65)
    assert result["f1_micro"] == pytest.approx(2 / 3)
    # Class 0: 1. Class 2: one hit of one predicted, two there: 2/3.
    assert result["f1_macro"] == pytest.approx((1 + 2 / 3) / 2)
    # Videos: 1; one hit of two predicted, one there: 2/3; none predicted.
    assert result["f1_samples"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert result["videos"] == 3
    assert result["classes_with_positives"] == 2
    # Best: hit, miss, miss. Best two: one hit of one label; the same; none.
    assert result["precision_at_1"] == pytest.approx(1 / 3)
    assert result["precision_at_2"] == pytest.approx((1 / 2 + 1 / 2) / 3)
    assert result["recall_at_1"] == pytest.approx(1 / 3)
    assert result["recall_at_2"] == pytest.approx(2 / 3)
    # Every score has a bin of its own: |1-.9|, |0-.6|, |0-.8|, |1-.7|, …
    gaps = 0.1 + 0.6 + 0.8 + 0.3 + 0.5 + 0.4
    assert result["calibration_error"] == pytest.approx(gaps / 6)


def test_empty_classes_count_as_zero_where_asked_for() -> None:
    scores = [[0.9, 0.6, 0.1], [0.2, 0.8, 0.7], [0.5, 0.4, 0.3]]
    labels = [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    # As above, but over three classes, not two.
    result = evaluate(scores, labels, top_k=2, empty_classes="zero")
    assert result["map"] == pytest.approx(2 / 3)
    assert result["map_top_2"] == pytest.approx((1 + 1 / 2) / 3)
    assert result["f1_macro"] == pytest.approx((1 + 2 / 3) / 3)


def test_keys_and_types() -> None:
    result = evaluate(np.array([[0.9, 0.1]]), np.array([[True, True]]))
    assert list(result) == KEYS
    for key, value in result.items():
        counted = key in ("videos", "classes_with_positives")
        assert type(value) is (int if counted else float), key
    json.dumps(result)


def test_a_given_threshold_is_applied_frozen() -> None:
    scores, labels = [[0.9, 0.6, 0.1]], [[1, 0, 0]]
    # Best would be .9 with F1 1; at .5 it is 2/(2+1).
    result = evaluate(scores, labels, threshold=0.5)
    assert result["threshold"] == 0.5
    assert result["f1_micro"] == pytest.approx(2 / 3)
    assert evaluate(scores, labels)["f1_micro"] == 1.0


def test_a_reported_threshold_gives_the_same_scores_again() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random((40, 9), dtype="float32")
    labels = rng.random((40, 9)) < scores
    result = evaluate(scores, labels)
    assert evaluate(scores, labels, threshold=result["threshold"]) == result


def test_a_threshold_is_rounded_as_the_scores_are() -> None:
    # 0.7 as float32 is below 0.7 as float64.
    scores = np.array([[0.7, 0.1]], dtype="float32")
    assert evaluate(scores, [[1, 0]], threshold=0.7)["f1_micro"] == 1.0


def test_no_positives_gives_zeros() -> None:
    result = evaluate([[0.9, 0.1]], [[0, 0]])
    zeros = set(KEYS) - {"threshold", "videos", "calibration_error"}
    assert {key for key in KEYS if result[key] == 0} == zeros
    assert result["threshold"] == 0.5


def test_top_k_above_the_class_count_counts_every_class() -> None:
    scores, labels = [[0.9, 0.6, 0.1]], [[1, 0, 1]]
    # (1/1 + 2/3) / 2, with room for 20 as with room for 3.
    assert evaluate(scores, labels)["gap_at_20"] == pytest.approx(5 / 6)
    assert evaluate(scores, labels, top_k=3)["gap_at_3"] == pytest.approx(5 / 6)


def test_logits_rank_as_probabilities_do() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(30, 8)).round(2)
    labels = rng.random((30, 8)) < 0.3
    by_logit = evaluate(logits, labels)
    by_probability = evaluate(1 / (1 + np.exp(-logits)), labels)
    assert "calibration_error" not in by_logit
    for key in set(KEYS) - {"threshold", "calibration_error"}:
        assert by_logit.get(key) == by_probability.get(key), key


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32"])
def test_labels_of_any_dtype(dtype: str) -> None:
    labels = np.array([[1, 0, 0], [0, 0, 1]])
    scores = [[0.9, 0.6, 0.1], [0.2, 0.8, 0.7]]
    expected = evaluate(scores, labels)
    assert evaluate(scores, labels.astype(dtype)) == expected


@pytest.mark.parametrize("seed", range(12))
def test_against_plain_loops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    videos, classes = rng.integers(1, 40), rng.integers(1, 15)
    top_k = int(rng.integers(1, 8))
    scores = rng.random((videos, classes)).astype("float32")
    if seed % 3:  # many ties
        scores = np.round(scores, 1)
    labels = (rng.random(scores.shape) < 0.3 * scores).astype(int)
    labels[rng.random(videos) < 0.2] = 0
    labels[0, 0] = 1
    threshold = None if seed % 2 else float(scores[0, 0])
    empty = ["drop", "zero"][seed // 2 % 2]
    expected = slow.evaluate(
        scores.tolist(), labels.tolist(), top_k, threshold, empty
    )
    result = evaluate(
        scores, labels, threshold=threshold, top_k=top_k, empty_classes=empty
    )
    # The threshold is a float32; the calibration's sums are of 2^-32.
    assert result.pop("threshold") == pytest.approx(
        expected.pop("threshold"), abs=1e-7
    )
    assert result == pytest.approx(expected, abs=1e-9)


def test_against_plain_loops_with_more_classes_than_are_ranked_at_once() -> (
    None
):
    rng = np.random.default_rng(0)
    scores = rng.random((6, 150), dtype="float32")
    labels = (rng.random(scores.shape) < 0.3).astype(int)
    expected = slow.evaluate(scores.tolist(), labels.tolist(), 20, 0.5)
    result = evaluate(scores, labels, threshold=0.5)
    assert result == pytest.approx(expected, abs=1e-9)


@pytest.mark.real_data
@pytest.mark.parametrize(
    "case", ["small", "wide", "some_unlabelled", "few_classes"]
)
def test_against_the_starter_code(real_data: Path, case: str) -> None:
    expected = json.loads((real_data / "golden_metrics.json").read_text())[case]
    with np.load(real_data / "golden_metrics.npz") as arrays:
        result = evaluate(
            arrays[f"{case}_predictions"], arrays[f"{case}_labels"]
        )
    result["map_over_top20"] = result["map_top_20"]
    for key, value in expected.items():
        assert result[key] == pytest.approx(value, abs=1e-6), key


GOOD = [[0.9, 0.1]]


@pytest.mark.parametrize(
    ("predictions", "labels", "arguments", "message"),
    [
        ([0.9, 0.1], [1, 0], {}, r"shape \(2,\); expected \(videos, class"),
        ([GOOD], [[[1, 0]]], {}, r"shape \(1, 1, 2\); expected"),
        (GOOD, [[1, 0], [0, 1]], {}, r"labels have shape \(2, 2\)"),
        (GOOD, [[1, 0, 0]], {}, r"labels have shape \(1, 3\)"),
        (GOOD, [1, 0], {}, r"labels have shape \(2,\)"),
        (GOOD, [[2, 0]], {}, "other than 0 and 1"),
        (GOOD, [[0.5, 0]], {}, "other than 0 and 1"),
        (GOOD, [[-1, 0]], {}, "other than 0 and 1"),
        (GOOD, [[math.nan, 0]], {}, "other than 0 and 1"),
        ([[math.nan, 0.1]], [[1, 0]], {}, "1 NaN or infinite"),
        ([[math.inf, -math.inf]], [[1, 0]], {}, "2 NaN or infinite"),
        ([[1e300, 0.1]], [[1, 0]], {}, "1 NaN or infinite"),
        (GOOD, [[1, 0]], {"top_k": 0}, "top_k is 0"),
        (GOOD, [[1, 0]], {"top_k": 2.0}, "top_k is 2.0"),
        (GOOD, [[1, 0]], {"top_k": True}, "top_k is True"),
        (GOOD, [[1, 0]], {"threshold": math.nan}, "threshold is nan"),
        (GOOD, [[1, 0]], {"threshold": "best"}, "threshold is 'best'"),
        (GOOD, [[1, 0]], {"empty_classes": "one"}, "'drop' or 'zero'"),
        ([[0.9], [0.1, 0.2]], [[1], [0]], {}, "all of one length"),
        ([["a", "b"]], [[1, 0]], {}, "real numbers"),
        ([[1j, 0]], [[1, 0]], {}, "real numbers"),
        (np.zeros((0, 2)), np.zeros((0, 2)), {}, "no videos"),
        (np.zeros((3, 0)), np.zeros((3, 0)), {}, "num_classes is 0"),
    ],
)
def test_bad_input(
    predictions: Any, labels: Any, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate(predictions, labels, **arguments)
