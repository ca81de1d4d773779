"""What every streaming metric promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from keras_attend_fusion.metrics import (
    F1,
    CalibrationError,
    GlobalAveragePrecision,
    HitAtOne,
    MeanAveragePrecision,
    PrecisionAtEqualRecall,
    PrecisionAtK,
    RecallAtK,
)
from keras_attend_fusion.metrics.streaming.counting_metric import CountingMetric
from tests.metrics.streaming.simulated import some_videos, streamed

CLASSES = 30
ALL: dict[str, Callable[..., CountingMetric]] = {
    "gap_at_5": lambda: GlobalAveragePrecision(top_k=5),
    "map": lambda: MeanAveragePrecision(CLASSES, num_best=4),
    "map_top_5": lambda: MeanAveragePrecision(
        CLASSES, ranking="top_5", num_best=4
    ),
    "hit_at_1": HitAtOne,
    "perr": lambda: PrecisionAtEqualRecall(max_labels=20),
    "precision_at_5": lambda: PrecisionAtK(5),
    "recall_at_5": lambda: RecallAtK(5, max_labels=20),
    "f1_micro": lambda: F1(),
    "f1_macro": lambda: F1(0.4, average="macro", num_classes=CLASSES),
    "f1_samples": lambda: F1(0.4, average="samples", num_classes=CLASSES),
    "calibration_error": lambda: CalibrationError(bins=10, top_k=5),
}
PROBABILITIES = (
    "gap_at_5",
    "map",
    "map_top_5",
    "f1_micro",
    "calibration_error",
)
every = pytest.mark.parametrize("name", ALL)


def videos(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    return some_videos(videos=count, classes=CLASSES)


@every
def test_named_as_the_exact_score(name: str) -> None:
    assert ALL[name]().name == name


@every
def test_batches_and_order_change_nothing(name: str) -> None:
    scores, labels = videos()
    expected = streamed(ALL[name](), scores, labels)
    assert 0 < expected < 1
    order = np.random.default_rng(0).permutation(60)
    metric = ALL[name]()
    assert streamed(metric, scores[order], labels[order], 20) == expected
    metric.reset_state()
    assert float(metric.result()) == 0.0
    metric.update_state(labels[:40], scores[:40])
    metric.update_state(labels[40:], scores[40:])
    assert float(metric.result()) == expected


@every
def test_merged_metrics_are_one(name: str) -> None:
    scores, labels = videos()
    expected = streamed(ALL[name](), scores, labels)
    first, second, third = (ALL[name]() for _ in range(3))
    streamed(first, scores[:20], labels[:20])
    alone = streamed(second, scores[20:40], labels[20:40])
    streamed(third, scores[40:], labels[40:])
    first.merge_state(metric for metric in (second, third))
    assert float(first.result()) == expected
    assert float(second.result()) == alone


@every
def test_other_metrics_do_not_merge(name: str) -> None:
    metric = ALL[name]()
    other = HitAtOne() if name != "hit_at_1" else PrecisionAtK(1)
    for wrong in (other, keras.metrics.Mean()):
        with pytest.raises(ValueError, match="built with the same arguments"):
            metric.merge_state([ALL[name](), wrong])
    assert float(metric.result()) == 0.0


def test_other_arguments_do_not_merge() -> None:
    with pytest.raises(ValueError, match=r"'k': 4.*expected .*'k': 5"):
        PrecisionAtK(5).merge_state([PrecisionAtK(4)])


def test_another_name_merges() -> None:
    metric, other = HitAtOne(), HitAtOne(name="other", dtype="float16")
    other.update_state([[0, 1]], [[0.2, 0.9]])
    metric.merge_state([other])
    assert float(metric.result()) == 1.0


@every
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_no_number_shows(name: str, bad: float) -> None:
    scores, labels = videos()
    metric = ALL[name]()
    expected = streamed(metric, scores, labels)
    broken = scores[:20].copy()
    broken[3, 7] = bad
    metric.update_state(labels[:20], broken)
    assert np.isnan(float(metric.result()))
    metric.update_state(labels, scores)  # nothing makes it well again
    assert np.isnan(float(metric.result()))
    metric.reset_state()
    assert streamed(metric, scores, labels) == expected


@every
@pytest.mark.parametrize("shift", [-0.5, 0.5])
def test_probabilities_where_they_are_needed(name: str, shift: float) -> None:
    scores, labels = videos()
    value = streamed(ALL[name](), scores + shift, labels)
    assert np.isnan(value) == (name in PROBABILITIES)


@every
def test_a_rounded_probability_is_one(name: str) -> None:
    scores, labels = videos()
    scores[0, 0] = 1.0000002
    assert not np.isnan(streamed(ALL[name](), scores, labels))


@every
def test_stateless_and_compiled(name: str) -> None:
    scores, labels = videos()
    expected = streamed(ALL[name](), scores, labels)
    metric = ALL[name]()
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        update = jax.jit(metric.stateless_update_state)
        state = [variable.value for variable in metric.variables]
        for part in (slice(0, 40), slice(40, 60)):
            state = update(state, labels[part], scores[part])
        value = float(jax.jit(metric.stateless_result)(state))
    elif backend == "tensorflow":
        import tensorflow as tf

        update = tf.function(metric.update_state, jit_compile=True)
        for part in (slice(0, 40), slice(40, 60)):
            update(tf.constant(labels[part]), tf.constant(scores[part]))
        value = float(tf.function(metric.result, jit_compile=True)())
    else:
        state = [variable.value for variable in metric.variables]
        state = metric.stateless_update_state(state, labels, scores)
        value = float(metric.stateless_result(state))
    assert value == pytest.approx(expected, abs=2e-7)


@every
def test_state_is_integers_of_a_fixed_size(name: str) -> None:
    metric = ALL[name]()
    shapes = [tuple(variable.shape) for variable in metric.variables]
    streamed(metric, *videos())
    assert [tuple(variable.shape) for variable in metric.variables] == shapes
    names = [variable.name for variable in metric.variables]
    assert len(set(names)) == len(names)
    expected = "int64" if keras.backend.backend() == "tensorflow" else "int32"
    for variable in metric.variables:
        if variable.name != "best_scores":
            assert variable.dtype == expected


@every
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64"])
def test_labels_of_any_dtype(name: str, dtype: str) -> None:
    scores, labels = videos()
    expected = streamed(ALL[name](), scores, labels)
    assert streamed(ALL[name](), scores, labels.astype(dtype)) == expected


@every
def test_half_precision_scores(name: str) -> None:
    scores, labels = videos()
    rounded = ops.cast(scores, "bfloat16")
    expected = streamed(ALL[name](), ops.cast(rounded, "float32"), labels)
    metric = ALL[name]()
    metric.update_state(labels, rounded)
    assert float(metric.result()) == expected


@every
def test_sample_weight_is_ignored(name: str) -> None:
    scores, labels = videos()
    metric = ALL[name]()
    metric.update_state(labels, scores, sample_weight=np.zeros(len(scores)))
    assert float(metric.result()) == streamed(ALL[name](), scores, labels)


@every
def test_config_round_trip(name: str) -> None:
    metric = ALL[name]()
    saved = keras.saving.serialize_keras_object(metric)
    registered = f"keras_attend_fusion>{type(metric).__name__}"
    assert saved["registered_name"] == registered
    copy = keras.saving.deserialize_keras_object(saved)
    assert copy.get_config() == metric.get_config()
    code = type(metric).__init__.__code__
    arguments = code.co_varnames[1 : code.co_argcount]
    assert set(arguments) == set(metric.get_config())
    scores, labels = videos()
    assert streamed(copy, scores, labels) == streamed(metric, scores, labels)


@every
@pytest.mark.parametrize(
    ("true", "pred"),
    [
        ((2, CLASSES), (2, CLASSES + 1)),
        ((1, CLASSES), (2, CLASSES)),
        ((CLASSES,), (1, CLASSES)),
        ((1, 1, CLASSES), (1, 1, CLASSES)),
    ],
)
def test_bad_shapes(name: str, true: Any, pred: Any) -> None:
    with pytest.raises(ValueError, match=r"expected the same shape \(videos"):
        ALL[name]().update_state(np.zeros(true), np.zeros(pred))


@pytest.mark.parametrize("name", ["map", "f1_macro", "f1_samples"])
def test_another_number_of_classes(name: str) -> None:
    wrong = np.zeros((2, CLASSES + 1))
    with pytest.raises(ValueError, match="y_pred has 31 classes; expected 30"):
        ALL[name]().update_state(wrong, wrong)
