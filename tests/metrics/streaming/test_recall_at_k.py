from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.metrics import RecallAtK
from tests.metrics.streaming.simulated import some_videos, streamed


def test_share_of_the_labels_among_the_best() -> None:
    # 1 of 2; 1 of 1; a video without labels is left out.
    metric = RecallAtK(1)
    metric.update_state(
        [[1, 0, 1], [1, 0, 0]], [[0.9, 0.8, 0.1], [0.9, 0.8, 0.1]]
    )
    metric.update_state([[0, 0, 0]], [[0.9, 0.8, 0.1]])
    assert float(metric.result()) == pytest.approx(0.75)


def test_same_as_counting_slowly() -> None:
    scores, labels = some_videos(videos=300, classes=50)
    best = np.argsort(-scores, axis=1)[:, :5]
    hits = np.take_along_axis(labels, best, axis=1).sum(axis=1)
    counts = labels.sum(axis=1)
    assert (counts == 0).any()
    expected = np.mean(hits[counts > 0] / counts[counts > 0])
    value = streamed(RecallAtK(5), scores, labels)
    assert value == pytest.approx(expected, abs=1e-6)


def test_more_labels_than_there_is_room_for() -> None:
    metric = RecallAtK(1, max_labels=2)
    metric.update_state([[1, 1, 0]], [[0.9, 0.8, 0.1]])
    assert float(metric.result()) == pytest.approx(0.5)
    metric.update_state([[1, 1, 1]], [[0.9, 0.8, 0.1]])
    assert np.isnan(float(metric.result()))


@pytest.mark.parametrize("arguments", [{"k": 0}, {"k": 1, "max_labels": 0}])
def test_bad_arguments(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="expected an integer of at least 1"):
        RecallAtK(**arguments)
