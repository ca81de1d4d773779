"""Hit@1 that streams through `fit` and `evaluate`."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.metrics.streaming.best_classes import top_k_mask
from keras_attend_fusion.metrics.streaming.fraction_metric import FractionMetric


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class HitAtOne(FractionMetric):
    """Share of videos whose best-scored class is one of their labels.

    Exact, over all videos seen since the last reset; 0 before the first. A
    video without labels is not a hit. Among equal best scores the lowest
    class index is taken. A NaN or infinite score makes the result NaN.

    Args:
        name: the metric's name.
        dtype: as in `keras.metrics.Metric`; the counts are integers and the
            result float32 whatever it says.

    Call arguments:
        y_true: multi-hot labels, shape (videos, classes), any dtype; above
            0.5 is positive. Or class indices, shape (videos,).
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
        super().__init__(name, dtype, largest=1)

    def fractions(self, labels: Any, scores: Any) -> tuple[Any, Any]:
        best = top_k_mask(scores, 1)
        return ops.sum(labels * best, axis=1), ops.sum(best, axis=1)
