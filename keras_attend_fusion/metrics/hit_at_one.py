"""Hit@1 that streams through `fit` and `evaluate`."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.metrics.counting_metric import (
    CountingMetric,
    as_batch,
)


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class HitAtOne(CountingMetric):
    """Share of videos whose best-scored class is one of their labels.

    Exact, over all videos seen since the last reset; 0 before the first. A
    video without labels is no hit. Among equal best scores the lowest class
    index is taken.

    Args:
        name: the metric's name.
        dtype: as in `keras.metrics.Metric`; the counts are integers and the
            result float32 whatever it says.

    Call arguments:
        y_true: multi-hot labels, shape (videos, classes), any dtype; above
            0.5 is positive.
        y_pred: scores of the same shape, probabilities or logits.
        sample_weight: ignored; every video counts once.

    Raises:
        ValueError: the two shapes do not fit.

    Example:

    >>> metric = HitAtOne()
    >>> metric.update_state([[1, 0], [1, 0]], [[0.9, 0.2], [0.3, 0.8]])
    >>> float(metric.result())
    0.5
    """

    def __init__(self, name: str = "hit_at_1", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.hits = self.add_count("hits")
        self.videos = self.add_count("videos")

    def update_state(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        y_true, y_pred = as_batch(y_true, y_pred)
        best = ops.expand_dims(ops.argmax(y_pred, axis=1), 1)
        found = ops.take_along_axis(y_true, best, axis=1)
        self.increase(self.hits, ops.sum(found))
        self.increase(self.videos, ops.sum(ops.ones_like(found)))

    def result(self) -> Any:
        hits = ops.cast(self.hits, "float32")
        return hits / ops.cast(ops.maximum(self.videos, 1), "float32")
