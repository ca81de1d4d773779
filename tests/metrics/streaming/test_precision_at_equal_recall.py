from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.metrics import PrecisionAtEqualRecall, evaluate
from tests.metrics.streaming.simulated import some_videos, streamed


def test_precision_of_as_many_as_there_are_labels() -> None:
    # Two labels, one of them among the two best; one label, the best; none.
    metric = PrecisionAtEqualRecall()
    metric.update_state(
        [[1, 0, 1], [1, 0, 0]], [[0.9, 0.8, 0.1], [0.9, 0.8, 0.1]]
    )
    metric.update_state([[0, 0, 0]], [[0.9, 0.8, 0.1]])
    assert float(metric.result()) == pytest.approx((0.5 + 1 + 0) / 3)


def test_same_as_the_exact_score() -> None:
    scores, labels = some_videos(videos=500, classes=100)
    exact = evaluate(scores, labels)["perr"]
    value = streamed(PrecisionAtEqualRecall(), scores, labels)
    assert value == pytest.approx(exact, abs=1e-6)


def test_more_labels_than_there_is_room_for() -> None:
    metric = PrecisionAtEqualRecall(max_labels=2)
    metric.update_state([[1, 0, 1]], [[0.9, 0.8, 0.1]])
    assert float(metric.result()) == pytest.approx(0.5)
    metric.update_state([[1, 1, 1]], [[0.9, 0.8, 0.1]])
    assert np.isnan(float(metric.result()))


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="max_labels is 0; expected an int"):
        PrecisionAtEqualRecall(max_labels=0)


def test_ties_as_in_the_exact_score() -> None:
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 4, (200, 30)) / 4
    labels = rng.random((200, 30)) < 0.2
    exact = evaluate(scores, labels)["perr"]
    metric = PrecisionAtEqualRecall()
    metric.update_state(labels, scores)
    assert float(metric.result()) == pytest.approx(exact, abs=1e-6)
