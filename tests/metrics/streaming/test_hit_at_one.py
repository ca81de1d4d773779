from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.metrics import HitAtOne, evaluate


def test_share_of_videos_whose_best_class_is_a_label() -> None:
    metric = HitAtOne()
    # Hit; miss; then no label.
    metric.update_state([[0, 1], [0, 1]], [[0.2, 0.9], [0.9, 0.2]])
    metric.update_state([[0, 0]], [[0.9, 0.2]])
    assert float(metric.result()) == pytest.approx(1 / 3)


def test_nothing_seen_gives_zero() -> None:
    metric = HitAtOne()
    assert float(metric.result()) == 0.0
    metric.update_state([[0, 1]], [[0.2, 0.9]])
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_same_as_the_exact_score_on_logits() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(50, 6)).astype("float32")
    labels = (rng.random((50, 6)) < 0.3).astype("int32")
    metric = HitAtOne()
    metric.update_state(labels[:30], scores[:30])
    metric.update_state(labels[30:], scores[30:])
    exact = evaluate(scores, labels)["hit_at_1"]
    assert float(metric.result()) == pytest.approx(exact)


def test_counts_beyond_what_float32_can_add_up() -> None:
    metric = HitAtOne()
    for count in (metric.state["videos"], metric.state["numerators"]):
        count.assign(np.array([0, 2**25, 0], dtype=str(count.dtype)))
    metric.update_state([[0, 1]], [[0.2, 0.9]])
    for count in (metric.state["videos"], metric.state["numerators"]):
        assert int(np.array(count)[1]) == 2**25 + 1


def test_ties_as_in_the_exact_score() -> None:
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 4, (200, 30)) / 4
    labels = rng.random((200, 30)) < 0.2
    exact = evaluate(scores, labels)["hit_at_1"]
    metric = HitAtOne()
    metric.update_state(labels, scores)
    assert float(metric.result()) == pytest.approx(exact, abs=1e-6)
