from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.metrics import CalibrationError
from tests.metrics.streaming.simulated import some_videos, streamed


def test_gaps_are_weighted_by_entries() -> None:
    # Bin of .55, .65, .75 with two hits: |1.95 - 2|; bin of .1: |.1 - 0|.
    metric = CalibrationError(bins=2)
    metric.update_state([[1, 1], [0, 0]], [[0.55, 0.65], [0.75, 0.1]])
    assert float(metric.result()) == pytest.approx(0.15 / 4, abs=1 / 4096)


def test_only_the_best_count() -> None:
    metric = CalibrationError(top_k=1)
    metric.update_state([[1, 1]], [[0.9, 0.2]])
    assert float(metric.result()) == pytest.approx(0.1, abs=1e-4)


def test_the_outermost_scores() -> None:
    metric = CalibrationError()
    metric.update_state([[1, 0]], [[1.0, 0.0]])
    assert float(metric.result()) == pytest.approx(0.0, abs=4e-5)


@pytest.mark.parametrize("sharpness", [0.3, 1.0, 5.0])
def test_within_the_bound(sharpness: float) -> None:
    scores, labels = some_videos(sharpness, videos=500, classes=100)
    order = np.argsort(-scores, axis=1)[:, :20]
    p = np.take_along_axis(scores, order, axis=1).ravel()
    hit = np.take_along_axis(labels, order, axis=1).ravel()
    bins = np.minimum((p * 15).astype(int), 14)
    gaps = np.bincount(bins, p.astype("float64") - hit)
    exact = np.abs(gaps).sum() / p.size
    assert exact > 0.01
    value = streamed(CalibrationError(), scores, labels)
    assert value == pytest.approx(exact, abs=1 / (2048 * 15) + 1e-6)


@pytest.mark.parametrize("arguments", [{"bins": 0}, {"top_k": 0}])
def test_bad_arguments(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="expected an integer of at least 1"):
        CalibrationError(**arguments)
