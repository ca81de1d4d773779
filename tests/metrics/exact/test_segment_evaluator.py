from __future__ import annotations

import pickle

import numpy as np
import pytest

from keras_attend_fusion.metrics import SegmentEvaluator
from tests.metrics.exact import slow


def some_segments() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    scores = np.round(rng.random((90, 12), dtype="float32"), 2)
    rated = rng.random(scores.shape) < 0.3
    labels = rng.random(scores.shape) < scores
    labels[:, 5] = False
    return scores, labels, rated


def collected(top_k: int, *arrays: np.ndarray) -> SegmentEvaluator:
    evaluator = SegmentEvaluator(arrays[0].shape[1], top_k)
    evaluator.update(*arrays)
    return evaluator


def test_unrated_segments_are_dropped_after_the_cut() -> None:
    # Class 0, best first: unrated, hit, unrated, miss, hit. With four
    # places: hit, miss, of two positives: (1/1) / 2.
    # Class 1: hit, then nothing rated: 1/1.
    scores = np.array([[0.9, 0.1], [0.8, 0.9], [0.7, 0.2], [0.6, 0], [0.5, 0]])
    labels = np.array([[0, 0], [1, 1], [0, 0], [0, 0], [1, 0]])
    rated = np.array([[0, 0], [1, 1], [0, 0], [1, 0], [1, 0]])
    result = collected(4, scores, labels, rated).result()
    assert result == {
        "segment_map_at_4": pytest.approx((1 / 2 + 1) / 2),
        "segments": 5,
        "rated": 4,
        "classes_with_positives": 2,
    }
    # With room for all: (1/1 + 2/3) / 2.
    result = collected(100, scores, labels, rated).result()
    assert result["segment_map_at_100"] == pytest.approx((5 / 6 + 1) / 2)


def test_what_ties_with_the_last_place_stays() -> None:
    scores, labels = np.full((3, 1), 0.5), np.array([[1], [0], [1]])
    result = collected(1, scores, labels, np.ones((3, 1))).result()
    assert result["segment_map_at_1"] == pytest.approx(2 / 3)


def test_labels_of_unrated_segments_are_not_looked_at() -> None:
    scores, labels = [[0.9], [0.8]], [[-1], [1]]
    evaluator = SegmentEvaluator(1)
    evaluator.update(scores, labels, [[False], [True]])
    assert evaluator.result()["segment_map_at_100000"] == 1.0


def test_classes_without_a_rated_positive() -> None:
    scores, labels, rated = some_segments()
    evaluator = collected(50, scores, labels, rated)
    drop, zero = evaluator.result(), evaluator.result(empty_classes="zero")
    assert drop["classes_with_positives"] == 11
    assert zero["segment_map_at_50"] == pytest.approx(
        drop["segment_map_at_50"] * 11 / 12
    )


@pytest.mark.parametrize("top_k", [1, 7, 40, 1000])
def test_against_plain_loops(top_k: int) -> None:
    scores, labels, rated = some_segments()
    values = []
    for c in range(12):
        cut = sorted(scores[:, c], reverse=True)[:top_k][-1]
        positives = int((labels & rated)[:, c].sum())
        pairs = [
            (float(scores[s, c]), int(labels[s, c]))
            for s in range(90)
            if rated[s, c] and scores[s, c] >= cut
        ]
        if positives:
            values.append(slow.average_precision(pairs, positives))
    result = collected(top_k, scores, labels, rated).result()
    assert result[f"segment_map_at_{top_k}"] == pytest.approx(
        slow.mean(values), abs=1e-12
    )


@pytest.mark.parametrize("size", [1, 7, 89])
def test_batches_order_and_merges_change_no_bit(size: int) -> None:
    scores, labels, rated = some_segments()
    expected = repr(collected(20, scores, labels, rated).result())
    order = np.random.default_rng(size).permutation(90)
    evaluators = [SegmentEvaluator(12, 20), SegmentEvaluator(12, 20)]
    for number, start in enumerate(range(0, 90, size)):
        some = order[start : start + size]
        evaluators[number % 2].update(scores[some], labels[some], rated[some])
    first, second = evaluators
    second.merge(pickle.loads(pickle.dumps(first)))
    assert repr(second.result()) == expected


def test_memory_is_bounded_by_the_places() -> None:
    evaluator = SegmentEvaluator(2, top_k=10)
    for _ in range(50):
        evaluator.update(
            np.random.rand(3, 2), np.zeros((3, 2)), np.zeros((3, 2))
        )
        assert sum(part.size for part in evaluator._best) <= 2 * 2 * 10


GOOD = [[0.9, 0.1]]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ((GOOD, [[1, 0]], [[1]]), r"rated has shape \(1, 1\); expected \(1, 2"),
        ((GOOD, [[1]], [[1, 1]]), "labels have shape"),
        (([[0.9]], [[1]], [[1]]), "1 classes; expected 2"),
        ((GOOD, [[2, 0]], [[1, 1]]), "labels hold values other than 0 and 1"),
        ((GOOD, [[1, 0]], [[0.5, 1]]), "rated holds values other than 0 and 1"),
        (([[np.nan, 0]], [[1, 0]], [[1, 1]]), "1 NaN or infinite"),
    ],
)
def test_bad_input(arrays: tuple, message: str) -> None:
    evaluator = SegmentEvaluator(2)
    with pytest.raises(ValueError, match=message):
        evaluator.update(*arrays)
    with pytest.raises(ValueError, match="no segments"):
        evaluator.result()


def test_what_is_not_merged() -> None:
    evaluator = SegmentEvaluator(2)
    with pytest.raises(ValueError, match="merged with itself"):
        evaluator.merge(evaluator)
    with pytest.raises(ValueError, match="top_k=5; expected 100000"):
        evaluator.merge(SegmentEvaluator(2, top_k=5))
    with pytest.raises(ValueError, match="num_classes=3; expected 2"):
        evaluator.merge(SegmentEvaluator(3))
    with pytest.raises(ValueError, match="top_k is 0"):
        SegmentEvaluator(2, top_k=0)
