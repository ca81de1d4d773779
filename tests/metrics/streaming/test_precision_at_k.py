from __future__ import annotations

import pytest

from keras_attend_fusion.metrics import PrecisionAtK, evaluate
from tests.metrics.streaming.simulated import some_videos, streamed


def test_share_of_the_best_that_are_labels() -> None:
    # 1 of 2; 2 of 2; a video without labels: 0.
    metric = PrecisionAtK(2)
    metric.update_state(
        [[1, 0, 1], [1, 1, 0]], [[0.9, 0.8, 0.1], [0.9, 0.8, 0.1]]
    )
    metric.update_state([[0, 0, 0]], [[0.9, 0.8, 0.1]])
    assert float(metric.result()) == pytest.approx(0.5)


def test_fewer_classes_than_k() -> None:
    metric = PrecisionAtK(5)
    metric.update_state([[1, 0, 1]], [[0.9, 0.8, 0.1]])
    assert float(metric.result()) == pytest.approx(2 / 3)


def test_at_one_it_is_hit_at_one() -> None:
    scores, labels = some_videos(videos=200, classes=50)
    exact = evaluate(scores, labels)["hit_at_1"]
    value = streamed(PrecisionAtK(1), scores, labels)
    assert value == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("k", [0, 1.5, True])
def test_bad_arguments(k: float) -> None:
    with pytest.raises(ValueError, match=r"k is .*expected an integer"):
        PrecisionAtK(k)  # type: ignore[arg-type]
