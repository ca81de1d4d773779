from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_attend_fusion.metrics import GlobalAveragePrecision, evaluate
from tests.metrics.streaming.simulated import (
    some_videos,
    streamed,
    with_logits_of_8_bits,
)


def test_hits_in_one_bin_take_the_precision_at_its_end() -> None:
    # Hit; then hit and miss in one bin: (1/1 + 2/3) / 3 positives.
    metric = GlobalAveragePrecision(top_k=1, num_bins=34)
    metric.update_state(
        [[1, 1], [1, 0], [0, 0]], [[0.99, 0.1], [0.6, 0.1], [0.65, 0.1]]
    )
    assert float(metric.result()) == pytest.approx(5 / 9)


def test_counts_beyond_what_float32_can_add_up() -> None:
    # 2^25 hits, then one miss and one hit: a float32 sum would stop at 2^24.
    metric = GlobalAveragePrecision(num_bins=4)
    counts, positives = metric.state["counts"], metric.state["positives"]
    values = [[0, 2**25], [1, 0], [0, 1], [0, 0]]
    counts.assign(np.array(values, dtype=str(counts.dtype)))
    positives.assign(2**25 + 1)
    metric.update_state([[1.0, 0.0]], [[1.0, 0.0]])
    assert int(positives) == 2**25 + 2
    assert int(np.array(counts).sum()) == 2**25 + 4
    assert float(metric.result()) == pytest.approx(1.0)


@pytest.mark.parametrize("sharpness", [0.3, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("rounded", [False, True])
def test_close_to_the_exact_score(sharpness: float, rounded: bool) -> None:
    scores, labels = some_videos(sharpness)
    if rounded:
        scores = with_logits_of_8_bits(scores)
    exact = evaluate(scores, labels)["gap_at_20"]
    assert 0.5 < exact < 0.9
    value = streamed(GlobalAveragePrecision(), scores, labels)
    assert value == pytest.approx(exact, abs=1e-4)


def test_positives_outside_the_top_count() -> None:
    # Top 1 pooled: .9 hit, .8 miss; three positives: (1/1) / 3.
    metric = GlobalAveragePrecision(top_k=1)
    metric.update_state(
        [[1, 1, 0], [0, 0, 1]], [[0.9, 0.6, 0.1], [0.2, 0.8, 0.7]]
    )
    assert float(metric.result()) == pytest.approx(1 / 3)


def test_no_positives_gives_zero() -> None:
    metric = GlobalAveragePrecision()
    assert float(metric.result()) == 0.0
    metric.update_state([[0, 0]], [[0.9, 0.1]])
    assert float(metric.result()) == 0.0


def test_top_k_above_the_class_count() -> None:
    metric = GlobalAveragePrecision(top_k=20)
    metric.update_state([[1, 0, 1]], [[0.9, 0.6, 0.1]])
    assert float(metric.result()) == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    "arguments", [{"top_k": 0}, {"top_k": 1.5}, {"num_bins": 0}]
)
def test_bad_arguments(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected an integer of at least 1"):
        GlobalAveragePrecision(**arguments)
