"""PERR that streams through `fit` and `evaluate`."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.metrics.inputs import check_count
from keras_attend_fusion.metrics.streaming.best_classes import top_counts_mask
from keras_attend_fusion.metrics.streaming.fraction_metric import FractionMetric


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class PrecisionAtEqualRecall(FractionMetric):
    """Precision of a video's k best classes, k being its number of labels.

    The mean over all videos seen since the last reset, exact; 0 before the
    first. A video without labels counts 0. Among equal scores at the cut the
    lower class index counts as better. A NaN or infinite score makes the
    result NaN.

    Args:
        max_labels: the most labels a video may have; one with more makes the
            result NaN. That many best classes are found for each video, so
            the update is the slower the larger this is.
        name: the metric's name.
        dtype: as in `keras.metrics.Metric`; the counts are integers and the
            result float32 whatever it says.

    Call arguments:
        y_true: multi-hot labels, shape (videos, classes), any dtype; above
            0.5 is positive. Or class indices, shape (videos,).
        y_pred: scores of the same shape, probabilities or logits.
        sample_weight: ignored; every video counts once.

    Raises:
        ValueError: `max_labels` is not an integer of at least 1, or the two
            shapes do not fit.

    Example:

    Two labels, one of them among the two best.

    >>> metric = PrecisionAtEqualRecall()
    >>> metric.update_state([[1, 0, 1]], [[0.9, 0.8, 0.1]])
    >>> float(metric.result())
    0.5

    Reference:

    - [YouTube-8M: A Large-Scale Video Classification
      Benchmark](https://arxiv.org/abs/1609.08675)
    """

    def __init__(
        self, max_labels: int = 64, name: str = "perr", dtype: Any = None
    ) -> None:
        self.max_labels = check_count("max_labels", max_labels)
        super().__init__(name, dtype, self.max_labels)

    def fractions(self, labels: Any, scores: Any) -> tuple[Any, Any]:
        counts = ops.sum(labels, axis=1)
        best = top_counts_mask(scores, counts, self.max_labels)
        return ops.sum(labels * best, axis=1), counts

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "max_labels": self.max_labels}
