from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from keras_attend_fusion.metrics.streaming.fraction_metric import (
    mean_fraction,
    tally,
)


def tallied(numerators: list[int], denominators: list[int]) -> dict:
    return tally(
        ops.convert_to_tensor(numerators, "int32"),
        ops.convert_to_tensor(denominators, "int32"),
        largest=4,
    )


def test_summed_by_denominator() -> None:
    summary = tallied([1, 2, 0, 1], [3, 3, 0, 4])
    numerators = ops.convert_to_numpy(summary["numerators"])
    assert numerators.tolist() == [0, 0, 0, 3, 1, 0]
    videos = ops.convert_to_numpy(summary["videos"])
    assert videos.tolist() == [1, 0, 0, 2, 1, 0]


def test_mean_of_the_fractions() -> None:
    # 1/3, 2/3, 0/0 as 0, 1/4.
    summary = tallied([1, 2, 0, 1], [3, 3, 0, 4])
    assert float(mean_fraction(summary)) == pytest.approx(1.25 / 4)
    without_empty = mean_fraction(summary, skips_empty=True)
    assert float(without_empty) == pytest.approx(1.25 / 3)


def test_no_room_for_the_denominator() -> None:
    assert np.isnan(float(mean_fraction(tallied([1, 5], [3, 5]))))


def test_nothing_seen() -> None:
    assert float(mean_fraction(tallied([0], [0]), skips_empty=True)) == 0.0
