"""Labels as class indices: those of single-label tasks."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from keras_attend_fusion import metrics

RNG = np.random.default_rng(0)
SCORES = RNG.random((64, 7)).astype("float32")
INDICES = RNG.integers(0, 7, 64)
ONE_HOT = np.eye(7, dtype="float32")[INDICES]
METRICS = [
    metrics.GlobalAveragePrecision,
    lambda: metrics.MeanAveragePrecision(num_classes=7),
    metrics.HitAtOne,
    metrics.PrecisionAtEqualRecall,
    lambda: metrics.PrecisionAtK(3),
    lambda: metrics.RecallAtK(3),
    metrics.F1,
    metrics.CalibrationError,
]


@pytest.mark.parametrize("make", METRICS)
@pytest.mark.parametrize("shape", [(64,), (64, 1)])
def test_they_score_as_one_hot_labels_do(make, shape):
    sparse, dense = make(), make()
    sparse.update_state(INDICES.reshape(shape), SCORES)
    dense.update_state(ONE_HOT, SCORES)
    assert float(sparse.result()) == float(dense.result())


@pytest.mark.parametrize("index", [-1, 7])
def test_an_index_out_of_range(index):
    metric = metrics.HitAtOne()
    metric.update_state([index, 3], SCORES[:2])
    assert math.isnan(float(metric.result()))


def test_in_compile():
    """`fit` and `evaluate` hand on labels of shape `(batch,)`."""
    model = keras.Sequential(
        [keras.Input((7,)), keras.layers.Dense(7, activation="softmax")]
    )
    model.compile(
        loss="sparse_categorical_crossentropy",
        metrics=[metrics.HitAtOne(), "sparse_categorical_accuracy"],
    )
    model.fit(SCORES, INDICES, epochs=1, verbose=0)
    result = model.evaluate(SCORES, INDICES, return_dict=True, verbose=0)
    assert result["hit_at_1"] == pytest.approx(
        result["sparse_categorical_accuracy"]
    )


def test_as_many_as_there_are_videos():
    with pytest.raises(ValueError, match="or class indices"):
        metrics.HitAtOne().update_state(INDICES[:5], SCORES)
