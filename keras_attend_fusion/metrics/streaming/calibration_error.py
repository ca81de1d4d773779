"""Expected calibration error that streams through `fit` and `evaluate`."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.metrics.inputs import check_count
from keras_attend_fusion.metrics.streaming.best_classes import top_k_pairs
from keras_attend_fusion.metrics.streaming.counting_metric import (
    CountingMetric,
    Summary,
)
from keras_attend_fusion.metrics.streaming.score_histogram import histogram

_FINE = 1024  # parts of a bin


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class CalibrationError(CountingMetric):
    """How far probabilities are from the share of hits they promise.

    Each video's `top_k` best scores are pooled and put into `bins` equally
    wide bins from 0 to 1. In each bin the mean score is compared with the
    share of hits; the differences, weighted by the entries in the bin, are
    added up (expected calibration error). 0 before the first video.

    Error: at most 1 / (2048 · bins), 3.3e-5 by default: the mean score of a
    bin is taken from counts in 1024 parts of it. State: 2048 · bins counts,
    123 kB by default (246 kB on TensorFlow).

    A score that is NaN or outside 0..1 makes the result NaN.

    Args:
        bins: how many bins there are.
        top_k: how many of a video's best scores count; more than there are
            classes counts them all.
        name: the metric's name.
        dtype: as in `keras.metrics.Metric`; the counts are integers and the
            result float32 whatever it says.

    Call arguments:
        y_true: multi-hot labels, shape (videos, classes), any dtype; above
            0.5 is positive. Or class indices, shape (videos,).
        y_pred: probabilities from 0 to 1 of the same shape, any float dtype;
            not logits.
        sample_weight: ignored; every video counts once.

    Raises:
        ValueError: `bins` or `top_k` is not an integer of at least 1, or the
            two shapes do not fit.

    Example:

    Two scores of 0.9, of which one is a hit: |0.9 - 1/2|.

    >>> metric = CalibrationError(top_k=1)
    >>> metric.update_state([[1, 0], [1, 0]], [[0.9, 0.1], [0.1, 0.9]])
    >>> round(float(metric.result()), 3)
    0.4

    Reference:

    - [On Calibration of Modern Neural
      Networks](https://arxiv.org/abs/1706.04599)
    """

    def __init__(
        self,
        bins: int = 15,
        top_k: int = 20,
        name: str = "calibration_error",
        dtype: Any = None,
    ) -> None:
        self.bins = check_count("bins", bins)
        self.top_k = check_count("top_k", top_k)
        super().__init__(name, dtype, {"counts": (self.bins * _FINE, 2)})

    def summarise(self, labels: Any, scores: Any) -> Summary:
        best, hits = top_k_pairs(labels, scores, self.top_k)
        parts = self.bins * _FINE
        part = ops.cast(ops.floor(best * parts), "int32")
        part = ops.clip(part, 0, parts - 1)
        return {"counts": histogram(part, hits, parts)}

    def score(self, summary: Summary) -> Any:
        counts = ops.cast(summary["counts"], "float32")
        entries, hits = ops.sum(counts, axis=-1), counts[..., 1]
        parts = self.bins * _FINE
        middle = (ops.cast(ops.arange(parts), "float32") + 0.5) / parts
        surplus = ops.reshape(hits - entries * middle, (self.bins, _FINE))
        gaps = ops.sum(ops.abs(ops.sum(surplus, axis=1)))
        return gaps / ops.maximum(ops.sum(entries), 1.0)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "bins": self.bins,
            "top_k": self.top_k,
        }
