"""Labels as class indices: those of single-label tasks."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.metrics import Evaluator, SegmentEvaluator, evaluate

RNG = np.random.default_rng(0)
SCORES = RNG.random((200, 9)).astype("float32")
INDICES = RNG.integers(0, 9, 200)
ONE_HOT = np.eye(9, dtype="uint8")[INDICES]


@pytest.mark.parametrize(
    "labels",
    [INDICES, INDICES[:, None], INDICES.astype("float32"), list(INDICES)],
    ids=["vector", "column", "floats", "list"],
)
def test_they_score_as_one_hot_labels_do(labels):
    assert evaluate(SCORES, labels) == evaluate(SCORES, ONE_HOT)


def test_accuracies():
    result = evaluate(SCORES, INDICES)
    order = np.argsort(-SCORES, axis=1)
    assert result["accuracy"] == np.mean(order[:, 0] == INDICES)
    among = (order[:, :5] == INDICES[:, None]).any(axis=1)
    assert result["top_5_accuracy"] == np.mean(among)
    assert result["accuracy"] == result["hit_at_1"]


def test_no_accuracy_of_several_labels():
    labels = ONE_HOT.copy()
    labels[0] = 1
    assert "accuracy" not in evaluate(SCORES, labels)


def test_no_top_5_of_5_classes():
    result = evaluate(SCORES[:, :5], INDICES % 5)
    assert "accuracy" in result
    assert "top_5_accuracy" not in result


def test_batches_and_kinds_of_labels_may_be_mixed():
    evaluator = Evaluator(num_classes=9)
    evaluator.update(SCORES[:50], INDICES[:50])
    evaluator.update(SCORES[50:], ONE_HOT[50:])
    assert evaluator.result() == evaluate(SCORES, ONE_HOT)


def test_one_class():
    """A column of one class is multi-hot: a video may lack the label."""
    result = evaluate([[0.9], [0.2]], [[1], [0]])
    assert "accuracy" not in result
    assert result["classes_with_positives"] == 1


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.where(INDICES == 3, 9, INDICES), "hold 9; expected class indices"),
        (np.where(INDICES == 3, -1, INDICES), "hold -1; expected class indic"),
        (INDICES + 0.5, "which are whole numbers"),
        (INDICES[:-1], "or class indices of shape"),
        (np.full(200, np.nan), "which are whole numbers"),
    ],
    ids=["above", "below", "fractions", "too few", "nan"],
)
def test_other_numbers_are_refused_and_nothing_is_added(labels, message):
    evaluator = Evaluator(num_classes=9)
    with pytest.raises(ValueError, match=message):
        evaluator.update(SCORES, labels)
    with pytest.raises(ValueError, match="no videos"):
        evaluator.result()


def test_segments_have_rows():
    evaluator = SegmentEvaluator(num_classes=9)
    with pytest.raises(ValueError, match=r"pass one multi-hot row a video$"):
        evaluator.update(SCORES, INDICES, np.ones_like(ONE_HOT))
