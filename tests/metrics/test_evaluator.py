from __future__ import annotations

import pickle

import numpy as np
import pytest

from keras_attend_fusion.metrics import Evaluator, evaluate


def some_videos(ties: bool) -> tuple[np.ndarray, np.ndarray]:
    # More classes than the evaluator ranks at a time, the last one seldom.
    rng = np.random.default_rng(3)
    scores = rng.random((60, 70), dtype="float32")
    if ties:
        scores = np.round(scores, 1) - np.float32(0.3)
        scores[rng.random(scores.shape) < 0.1] = -0.0
    labels = (rng.random(scores.shape) < 0.05 + 0.1 * scores).astype("uint8")
    labels[::7] = 0
    return scores, labels


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("size", [1, 7, 59])
def test_batches_and_order_change_no_bit(ties: bool, size: int) -> None:
    scores, labels = some_videos(ties)
    expected = evaluate(scores, labels, top_k=5)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(scores))
        evaluator = Evaluator(70, top_k=5)
        for start in range(0, len(scores), size):
            some = order[start : start + size]
            evaluator.update(scores[some], labels[some])
        assert repr(evaluator.result()) == repr(expected)


def test_merged_evaluators_equal_one() -> None:
    scores, labels = some_videos(ties=True)
    first, second = Evaluator(70), Evaluator(70)
    second.update(scores[:20], labels[:20])
    first.update(scores[20:], labels[20:])
    before = second.result()
    first.merge(second)
    assert first.result() == evaluate(scores, labels)
    assert second.result() == before


def test_an_evaluator_can_be_sent_to_another_process() -> None:
    scores, labels = some_videos(ties=False)
    evaluator = Evaluator(70)
    evaluator.update(scores, labels)
    copy = pickle.loads(pickle.dumps(evaluator))
    assert copy.result() == evaluator.result()


def test_the_batch_may_be_overwritten_afterwards() -> None:
    scores, labels = some_videos(ties=False)
    expected = evaluate(scores, labels)
    evaluator = Evaluator(70)
    evaluator.update(scores, labels)
    scores[:], labels[:] = 0, 0
    assert evaluator.result() == expected


def test_result_may_be_asked_for_in_between() -> None:
    scores, labels = some_videos(ties=False)
    evaluator = Evaluator(70)
    evaluator.update(scores[:30], labels[:30])
    assert evaluator.result() == evaluate(scores[:30], labels[:30])
    evaluator.update(scores[30:], labels[30:])
    assert evaluator.result(0.8) == evaluate(scores, labels, threshold=0.8)


def test_an_empty_batch_adds_nothing() -> None:
    evaluator = Evaluator(2)
    evaluator.update(np.zeros((0, 2)), np.zeros((0, 2)))
    evaluator.update([[0.9, 0.1]], [[1, 0]])
    assert evaluator.result() == evaluate([[0.9, 0.1]], [[1, 0]])


def test_another_class_count_is_refused() -> None:
    evaluator = Evaluator(3)
    with pytest.raises(ValueError, match="2 classes; expected 3"):
        evaluator.update([[0.9, 0.1]], [[1, 0]])


def test_no_videos_is_refused() -> None:
    with pytest.raises(ValueError, match="no videos"):
        Evaluator(3).result()


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (Evaluator(4), "num_classes=4; expected 3"),
        (Evaluator(3, top_k=5), "top_k=5; expected 20"),
    ],
)
def test_unlike_evaluators_are_not_merged(
    other: Evaluator, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Evaluator(3).merge(other)


@pytest.mark.parametrize("arguments", [(0,), (-1,), (3, 0), (2.5,)])
def test_bad_arguments(arguments: tuple) -> None:
    with pytest.raises(ValueError, match="expected an integer of at least 1"):
        Evaluator(*arguments)
