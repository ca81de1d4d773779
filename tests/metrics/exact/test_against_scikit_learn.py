"""Where definitions coincide, scikit-learn gives the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.metrics import Evaluator, evaluate

sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn")


def random(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    scores = rng.random((80, 30), dtype="float32")
    return scores, rng.random(scores.shape) < 0.2 * scores


def many_ties(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    scores = rng.integers(0, 4, (80, 30)).astype("float32") / 4
    return scores, rng.random(scores.shape) < 0.1 + 0.2 * scores


def all_tied(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return np.full((30, 5), 0.5, "float32"), rng.random((30, 5)) < 0.3


def one_class(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    scores = rng.random((50, 1), dtype="float32")
    return scores, rng.random(scores.shape) < scores


def all_positive(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.random((20, 6), dtype="float32"), np.ones((20, 6), bool)


def one_positive(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    scores, labels = rng.random((20, 6), dtype="float32"), np.zeros((20, 6))
    labels[7, 3] = 1
    return scores, labels.astype(bool)


def saturated(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    logits = rng.normal(0, 60, (80, 30))
    scores = 1 / (1 + np.exp(-logits))  # many are 0 or 1 as float32
    return scores.astype("float32"), rng.random(scores.shape) < 0.1


def logits(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    scores = rng.normal(0, 3, (80, 30)).astype("float32")
    return scores, rng.random(scores.shape) < 0.2


CASES = [
    random,
    many_ties,
    all_tied,
    one_class,
    all_positive,
    one_positive,
    saturated,
    logits,
]


@pytest.fixture(params=CASES, ids=lambda case: case.__name__)
def case(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    return request.param(np.random.default_rng(4))


def test_average_precision(case: tuple[np.ndarray, np.ndarray]) -> None:
    scores, labels = case
    present = labels.any(axis=0)
    evaluator = Evaluator(scores.shape[1])
    evaluator.update(scores, labels)
    expected = sklearn.average_precision_score(
        labels[:, present], scores[:, present], average=None
    )
    ours = [one.average_precision for one in evaluator.per_class()]
    given = [value for value in ours if value is not None]
    np.testing.assert_allclose(given, np.atleast_1d(expected), atol=1e-12)
    assert [value is not None for value in ours] == present.tolist()


def test_mean_average_precision(case: tuple[np.ndarray, np.ndarray]) -> None:
    scores, labels = case
    present = labels.any(axis=0)
    expected = sklearn.average_precision_score(
        labels[:, present], scores[:, present], average="macro"
    )
    result = evaluate(scores, labels)
    assert result["map"] == pytest.approx(expected, abs=1e-12)
    zero = evaluate(scores, labels, empty_classes="zero")["map"]
    assert zero == pytest.approx(expected * present.mean(), abs=1e-12)


def test_global_average_precision_of_everything(
    case: tuple[np.ndarray, np.ndarray],
) -> None:
    # With k above the class count the pool is every score.
    scores, labels = case
    result = evaluate(scores, labels, top_k=99)
    expected = sklearn.average_precision_score(labels, scores, average="micro")
    assert result["gap_at_99"] == pytest.approx(expected, abs=1e-12)
    assert result["map_top_99"] == result["map"]


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 1.0])
def test_f1(case: tuple[np.ndarray, np.ndarray], threshold: float) -> None:
    scores, labels = case
    result = evaluate(scores, labels, threshold=threshold, empty_classes="zero")
    chosen = (scores >= threshold).astype(int)
    averages = ["micro", "macro", "samples"]
    if scores.shape[1] == 1:  # scikit-learn takes it for a binary problem
        averages = ["binary"]
    for average in averages:
        expected = sklearn.f1_score(
            labels.astype(int), chosen, average=average, zero_division=0
        )
        key = "f1_macro" if average == "binary" else f"f1_{average}"
        assert result[key] == pytest.approx(expected, abs=1e-12), key
    if averages == ["binary"]:
        assert result["f1_micro"] == result["f1_macro"]


def test_the_best_threshold(case: tuple[np.ndarray, np.ndarray]) -> None:
    scores, labels = case
    precision, recall, _ = sklearn.precision_recall_curve(
        labels.ravel(), scores.ravel()
    )
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    result = evaluate(scores, labels)
    assert result["f1_micro"] == pytest.approx(f1.max(), abs=1e-12)


def test_precision_and_recall_of_a_class(
    case: tuple[np.ndarray, np.ndarray],
) -> None:
    scores, labels = case
    evaluator = Evaluator(scores.shape[1])
    evaluator.update(scores, labels)
    precision, recall, f1, _ = sklearn.precision_recall_fscore_support(
        labels.astype(int),
        (scores >= 0.5).astype(int),
        average=None,
        zero_division=0,
        labels=range(scores.shape[1]),
    )
    if scores.shape[1] == 1:  # scikit-learn takes it for a binary problem
        precision, recall, f1, _ = sklearn.precision_recall_fscore_support(
            labels[:, 0], scores[:, 0] >= 0.5, average=None, labels=[True]
        )
    ours = evaluator.per_class(0.5)
    np.testing.assert_allclose([one.precision for one in ours], precision)
    np.testing.assert_allclose([one.recall for one in ours], recall)
    np.testing.assert_allclose([one.f1 for one in ours], f1)
