from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from keras_attend_fusion.metrics import Evaluator, evaluate, top_k_classes


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


@pytest.mark.parametrize("ranking", ["all", "top_5"])
def test_saved_and_gone_on_with(tmp_path: Path, ranking: str) -> None:
    scores, labels = some_videos(ties=True)
    whole, first = Evaluator(70, 5, ranking), Evaluator(70, 5, ranking)
    whole.update(scores, labels)
    first.update(scores[:20], labels[:20])
    first.save(tmp_path / "first.npz")
    resumed = Evaluator.load(tmp_path / "first.npz")
    resumed.update(scores[20:], labels[20:])
    assert repr(resumed.result()) == repr(whole.result())
    assert [p.name for p in tmp_path.iterdir()] == ["first.npz"]


def test_an_empty_evaluator_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no videos"):
        Evaluator(3).save(tmp_path / "none.npz")
    assert not list(tmp_path.iterdir())


def test_what_is_no_saved_evaluator(tmp_path: Path) -> None:
    evaluator = Evaluator(2)
    evaluator.update([[0.9, 0.1]], [[1, 0]])
    evaluator.save(tmp_path / "good.npz")
    whole = (tmp_path / "good.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.npz").write_text("no archive")
    np.savez(tmp_path / "other.npz", scores=np.zeros(3))
    np.save(tmp_path / "single.npy", np.zeros(3))
    for name in ("cut.npz", "text.npz", "other.npz", "single.npy"):
        with pytest.raises(
            ValueError, match=f"{name} is not a saved evaluator"
        ):
            Evaluator.load(tmp_path / name)


@pytest.mark.parametrize("memory", [0, 4000])
def test_scores_beyond_the_memory_go_to_a_file(memory: int) -> None:
    scores, labels = some_videos(ties=True)
    expected = repr(evaluate(scores, labels, top_k=5))
    evaluator = Evaluator(70, top_k=5, memory=memory)
    for start in range(0, len(scores), 7):
        evaluator.update(scores[start : start + 7], labels[start : start + 7])
    assert repr(evaluator.result()) == expected
    assert repr(pickle.loads(pickle.dumps(evaluator)).result()) == expected


def test_the_top_alone_gives_what_needs_no_more() -> None:
    scores, labels = some_videos(ties=True)
    full = evaluate(scores, labels, top_k=5)
    evaluator = Evaluator(70, top_k=5, ranking="top_5")
    evaluator.update(scores, labels)
    result = evaluator.result()
    assert set(full) - set(result) == {"map"}
    for key in set(result) - {"threshold"}:
        if not key.startswith("f1"):
            assert result[key] == full[key], key
    # F1 as if every other class had the lowest score.
    kept = np.full_like(scores, -9)
    top = top_k_classes(scores, 5)
    np.put_along_axis(kept, top, np.take_along_axis(scores, top, 1), 1)
    expected = evaluate(kept, labels, top_k=5, threshold=0.3)
    result = evaluator.result(threshold=0.3)
    for key in ("f1_micro", "f1_macro", "f1_samples"):
        assert result[key] == expected[key], key


def test_the_top_alone_can_be_given() -> None:
    scores, labels = some_videos(ties=True)
    expected = Evaluator(70, top_k=5, ranking="top_5")
    expected.update(scores, labels)
    top = top_k_classes(scores, 8)  # more than are kept, in any order
    order = np.random.default_rng(0).permuted(
        np.tile(np.arange(8), (60, 1)), axis=1
    )
    top = np.take_along_axis(top, order, axis=1)
    evaluator = Evaluator(70, top_k=5, ranking="top_5")
    evaluator.update_top(
        top,
        np.take_along_axis(scores, top, axis=1),
        [np.flatnonzero(row)[::-1] for row in labels],
    )
    result, known = evaluator.result(), expected.result()
    # A video with more labels than entries: what is not named is not a hit.
    assert result.pop("perr") <= known.pop("perr")
    assert result == known


def test_a_short_list_of_the_top() -> None:
    evaluator = Evaluator(9, top_k=3, ranking="top_3")
    evaluator.update_top(
        [[4, 7], [2, -1]], [[0.9, 0.2], [0.4, np.nan]], [[7, 8], []]
    )
    evaluator.update_top(np.zeros((1, 0), int), np.zeros((1, 0)), [[1]])
    result = evaluator.result()
    # Ranked: .9 miss, .4 miss, .2 hit; three positives.
    assert result["gap_at_3"] == pytest.approx(1 / 3 / 3)
    assert result["hit_at_1"] == 0
    assert result["perr"] == pytest.approx(1 / 2 / 3)  # 4, 7 for 7, 8
    assert result["precision_at_3"] == pytest.approx(1 / 9)
    assert result["recall_at_3"] == pytest.approx((1 / 2 + 0) / 2)
    assert result["f1_micro"] == pytest.approx(2 / (3 + 3))
    assert result["videos"] == 3


@pytest.mark.parametrize(
    ("classes", "scores", "labels", "message"),
    [
        ([[1]], [[0.5, 0.1]], [[0]], "same shape"),
        ([1], [0.5], [[0]], r"expected the same shape \(videos, entries\)"),
        ([[3]], [[0.5]], [[0]], "classes hold 3; expected indices from 0 to 2"),
        ([[-2]], [[0.5]], [[0]], "classes hold -2"),
        ([[0.5]], [[0.5]], [[0]], "whole numbers"),
        ([[1, 1]], [[0.5, 0.4]], [[0]], "row 0 of classes holds 1 twice"),
        ([[1]], [[np.nan]], [[0]], "1 NaN or infinite"),
        ([[1]], [[0.5]], [[0], [1]], "labels are 2 lists; expected 1"),
        ([[1]], [[0.5]], [[3]], "labels hold 3"),
        ([[1]], [[0.5]], [[-1]], "labels hold -1"),
    ],
)
def test_a_bad_top(
    classes: object, scores: object, labels: object, message: str
) -> None:
    evaluator = Evaluator(3, top_k=2, ranking="top_2")
    with pytest.raises(ValueError, match=message):
        evaluator.update_top(classes, scores, labels)
    with pytest.raises(ValueError, match="no videos"):
        evaluator.result()


def test_a_full_ranking_needs_every_score() -> None:
    with pytest.raises(ValueError, match="ranking='top_20'"):
        Evaluator(3).update_top([[1]], [[0.5]], [[1]])


def test_a_bad_batch_adds_nothing() -> None:
    scores, labels = np.full((9, 70), 0.5), np.zeros((9, 70))
    evaluator = Evaluator(70)
    scores[8, 3] = np.nan
    with pytest.raises(ValueError, match="1 NaN"):
        evaluator.update(scores, labels)
    with pytest.raises(ValueError, match="no videos"):
        evaluator.result()


def test_per_class() -> None:
    evaluator = Evaluator(3, top_k=2)
    evaluator.update([[0.9, 0.6, 0.1], [0.2, 0.8, 0.7]], [[1, 0, 0], [0, 0, 1]])
    evaluator.update([[0.5, 0.4, 0.3]], [[0, 0, 1]])
    first, second, third = evaluator.per_class(0.65, {0: "Game", 2: "Car"})
    assert first == (0, "Game", 1, 1, 1.0, 1.0, 1.0, 1.0, 1.0)
    # .8 alone is predicted, and wrong.
    assert second == (1, None, 0, 1, None, None, 0.0, 0.0, 0.0)
    # .7 is predicted, .3 not; in the top 2 only .7 is found.
    assert third == (2, "Car", 2, 1, 1.0, 0.5, 1.0, 0.5, pytest.approx(2 / 3))
    top = Evaluator(3, top_k=2, ranking="top_2")
    top.merge(top_alone := Evaluator(3, top_k=2, ranking="top_2"))
    top_alone.update([[0.9, 0.6, 0.1]], [[1, 0, 0]])
    top.merge(top_alone)
    assert top.per_class()[0].average_precision is None


def test_the_curve_of_gap() -> None:
    evaluator = Evaluator(3, top_k=2)
    evaluator.update([[0.9, 0.6, 0.1], [0.2, 0.8, 0.7]], [[1, 0, 0], [0, 0, 1]])
    curve = evaluator.precision_recall()
    assert curve.threshold.tolist() == pytest.approx([0.9, 0.7])
    assert curve.recall.tolist() == [0.5, 1.0]
    assert curve.precision.tolist() == pytest.approx([1, 2 / 3])
    scores, labels = some_videos(ties=False)
    evaluator = Evaluator(70)
    evaluator.update(scores, labels)
    everything = evaluator.precision_recall(10**6)
    some = evaluator.precision_recall(10)
    assert len(some.recall) == 10 < len(everything.recall)
    for ours, all_ in zip(some, everything, strict=True):
        assert ours[0] == all_[0]
        assert ours[-1] == all_[-1]


def test_calibration_needs_probabilities() -> None:
    evaluator = Evaluator(2)
    evaluator.update([[3.0, -1.0]], [[1, 0]])
    with pytest.raises(ValueError, match="not within 0 and 1"):
        evaluator.calibration()


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
        (Evaluator(3, ranking="top_20"), "ranking=top_20; expected all"),
    ],
)
def test_unlike_evaluators_are_not_merged(
    other: Evaluator, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Evaluator(3).merge(other)


def test_an_evaluator_is_not_merged_with_itself() -> None:
    evaluator = Evaluator(3)
    with pytest.raises(ValueError, match="merged with itself"):
        evaluator.merge(evaluator)


@pytest.mark.parametrize("ranking", ["top_5", "top", None])
def test_a_ranking_that_is_none(ranking: object) -> None:
    with pytest.raises(ValueError, match="expected 'all' or 'top_20'"):
        Evaluator(3, ranking=ranking)  # type: ignore[arg-type]


@pytest.mark.parametrize("arguments", [(0,), (-1,), (3, 0), (2.5,)])
def test_bad_arguments(arguments: tuple) -> None:
    with pytest.raises(ValueError, match="expected an integer of at least 1"):
        Evaluator(*arguments)
