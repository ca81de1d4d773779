from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from keras_attend_fusion.metrics import GlobalAveragePrecision, evaluate
from keras_attend_fusion.metrics.global_average_precision import (
    binned_average_precision,
    logit_bin,
)


def some_videos(
    sharpness: float, videos: int = 2000, classes: int = 500
) -> tuple[np.ndarray, np.ndarray]:
    """Sigmoid outputs of a fair model, and three labels a video."""
    rng = np.random.default_rng(5)
    labels = rng.random((videos, classes)) < 3 / classes
    logits = rng.normal(-6, 1.5, labels.shape)
    logits += 11 * labels * rng.random(labels.shape)
    scores = 1 / (1 + np.exp(-sharpness * logits))
    return scores.astype("float32"), labels.astype("float32")


def streamed(
    metric: keras.metrics.Metric, labels: Any, scores: Any, size: int
) -> float:
    for start in range(0, len(scores), size):
        end = start + size
        metric.update_state(labels[start:end], scores[start:end])
    return float(metric.result())


def test_bins_are_even_in_logits_best_first() -> None:
    # Four bins of 8 logits from 16 to -16: p(9), p(1), p(-1), p(-9).
    logits = np.array([9.0, 1.0, -1.0, -9.0])
    p = ops.convert_to_tensor((1 / (1 + np.exp(-logits))).astype("float32"))
    bins = ops.convert_to_numpy(logit_bin(p, 4))
    assert bins.tolist() == [0, 1, 2, 3]


def test_zero_and_one_fall_into_the_outermost_bins() -> None:
    p = ops.convert_to_tensor(np.array([1.0, 0.0], dtype="float32"))
    bins = ops.convert_to_numpy(logit_bin(p, 100))
    assert bins[0] <= 1
    assert bins[1] == 99


def test_bins_of_one_entry_are_exact() -> None:
    # Hit, miss, hit: (1/1 + 2/3) / 2.
    value = binned_average_precision(
        ops.convert_to_tensor([1, 0, 0, 1]),
        ops.convert_to_tensor([1, 1, 0, 1]),
        2,
    )
    assert float(value) == pytest.approx(5 / 6)


def test_hits_are_spread_evenly_inside_a_bin() -> None:
    # First bin: 1 of 1. Second: 2 of 4, each (1 + 3/2) / (1 + 5/2) = 5/7.
    value = binned_average_precision(
        ops.convert_to_tensor([1, 2]), ops.convert_to_tensor([1, 4]), 3
    )
    assert float(value) == pytest.approx((1 + 2 * 5 / 7) / 3)


def test_counts_beyond_what_float32_can_add_up() -> None:
    # 2^25 hits, then one miss and one hit: a float32 sum would stop at 2^24.
    metric = GlobalAveragePrecision(num_bins=4)
    for count, values in (
        (metric.hits, [2**25, 0, 1, 0]),
        (metric.entries, [2**25, 1, 1, 0]),
    ):
        count.assign(np.array(values, dtype=str(count.dtype)))
    metric.positives.assign(2**25 + 1)
    metric.update_state([[1.0, 0.0]], [[1.0, 0.0]])
    assert int(metric.positives) == 2**25 + 2
    assert int(ops.sum(metric.entries)) == 2**25 + 4
    assert float(metric.result()) == pytest.approx(1.0)


@pytest.mark.parametrize("sharpness", [0.3, 1.0, 2.0, 5.0])
def test_close_to_the_exact_score(sharpness: float) -> None:
    scores, labels = some_videos(sharpness)
    exact = evaluate(scores, labels)["gap_at_20"]
    assert 0.5 < exact < 0.9
    value = streamed(GlobalAveragePrecision(), labels, scores, 512)
    assert value == pytest.approx(exact, abs=1e-4)


def test_positives_outside_the_top_count() -> None:
    # Top 1 pooled: .9 hit, .8 miss; three positives: (1/1) / 3.
    metric = GlobalAveragePrecision(top_k=1)
    metric.update_state(
        [[1, 1, 0], [0, 0, 1]], [[0.9, 0.6, 0.1], [0.2, 0.8, 0.7]]
    )
    assert float(metric.result()) == pytest.approx(1 / 3)


def test_batches_and_order_change_nothing() -> None:
    scores, labels = some_videos(1.0, videos=100, classes=30)
    expected = streamed(GlobalAveragePrecision(), labels, scores, 100)
    order = np.random.default_rng(0).permutation(100)
    metric = GlobalAveragePrecision()
    assert streamed(metric, labels[order], scores[order], 7) == expected
    metric.reset_state()
    assert streamed(metric, labels, scores, 33) == expected


def test_no_positives_gives_zero() -> None:
    metric = GlobalAveragePrecision()
    assert float(metric.result()) == 0.0
    metric.update_state([[0, 0]], [[0.9, 0.1]])
    assert float(metric.result()) == 0.0


def test_top_k_above_the_class_count() -> None:
    metric = GlobalAveragePrecision(top_k=20)
    metric.update_state([[1, 0, 1]], [[0.9, 0.6, 0.1]])
    assert float(metric.result()) == pytest.approx(5 / 6)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32"])
def test_labels_of_any_dtype(dtype: str) -> None:
    metric = GlobalAveragePrecision()
    metric.update_state(np.array([[1, 0, 1]], dtype=dtype), [[0.9, 0.6, 0.1]])
    assert float(metric.result()) == pytest.approx(5 / 6)


def test_half_precision_scores() -> None:
    metric = GlobalAveragePrecision()
    scores = ops.cast([[0.9, 0.6, 0.1]], "bfloat16")
    metric.update_state([[1, 0, 1]], scores)
    assert float(metric.result()) == pytest.approx(5 / 6)


def test_sample_weight_is_ignored() -> None:
    metric = GlobalAveragePrecision()
    metric.update_state([[1, 0, 1]], [[0.9, 0.6, 0.1]], sample_weight=[0.0])
    assert float(metric.result()) == pytest.approx(5 / 6)


def test_config_round_trip() -> None:
    metric = GlobalAveragePrecision(
        top_k=5, num_bins=64, name="gap", dtype="float32"
    )
    saved = keras.saving.serialize_keras_object(metric)
    assert saved["registered_name"] == (
        "keras_attend_fusion>GlobalAveragePrecision"
    )
    copy = keras.saving.deserialize_keras_object(saved)
    assert copy.get_config() == metric.get_config()
    assert {"top_k", "num_bins", "name", "dtype"} <= set(copy.get_config())
    assert (copy.top_k, copy.num_bins, copy.name) == (5, 64, "gap")


@pytest.mark.parametrize(
    "arguments", [{"top_k": 0}, {"top_k": 1.5}, {"num_bins": 0}]
)
def test_bad_arguments(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected an integer of at least 1"):
        GlobalAveragePrecision(**arguments)


@pytest.mark.parametrize(
    ("labels", "scores"),
    [
        (np.zeros((2, 3)), np.zeros((2, 4))),
        (np.zeros((1, 3)), np.zeros((2, 3))),
        (np.zeros(3), np.zeros((1, 3))),
        (np.zeros((1, 1, 3)), np.zeros((1, 1, 3))),
    ],
)
def test_bad_shapes(labels: np.ndarray, scores: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"expected the same shape \(videos"):
        GlobalAveragePrecision().update_state(labels, scores)
