"""Precision@k that streams through `fit` and `evaluate`."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.metrics.inputs import check_count
from keras_attend_fusion.metrics.streaming.best_classes import top_k_mask
from keras_attend_fusion.metrics.streaming.fraction_metric import FractionMetric


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class PrecisionAtK(FractionMetric):
    """Share of a video's k best-scored classes that are its labels.

    The mean over all videos seen since the last reset, exact; 0 before the
    first. With fewer than k classes, all of them are the k best. Among
    equal scores at the cut the lower class index counts as better. A NaN or
    infinite score makes the result NaN.

    Args:
        k: how many of a video's best classes count.
        name: the metric's name; by default `precision_at_{k}`.
        dtype: as in `keras.metrics.Metric`; the counts are integers and the
            result float32 whatever it says.

    Call arguments:
        y_true: multi-hot labels, shape (videos, classes), any dtype; above
            0.5 is positive. Or class indices, shape (videos,).
        y_pred: scores of the same shape, probabilities or logits.
        sample_weight: ignored; every video counts once.

    Raises:
        ValueError: `k` is not an integer of at least 1, or the two shapes do
            not fit.

    Example:

    >>> metric = PrecisionAtK(2)
    >>> metric.update_state([[1, 0, 1]], [[0.9, 0.8, 0.1]])
    >>> float(metric.result())
    0.5
    """

    def __init__(
        self, k: int, name: str | None = None, dtype: Any = None
    ) -> None:
        self.k = check_count("k", k)
        super().__init__(name or f"precision_at_{self.k}", dtype, self.k)

    def fractions(self, labels: Any, scores: Any) -> tuple[Any, Any]:
        best = top_k_mask(scores, self.k)
        return ops.sum(labels * best, axis=1), ops.sum(best, axis=1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "k": self.k}
