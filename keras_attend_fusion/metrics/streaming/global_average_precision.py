"""GAP@k that streams through `fit` and `evaluate`."""

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
from keras_attend_fusion.metrics.streaming.score_histogram import (
    histogram,
    logit_bin,
    running_sum,
)


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class GlobalAveragePrecision(CountingMetric):
    """GAP@k over all videos seen since the last reset, in fixed memory.

    Each video's `top_k` best scores are pooled and ranked; the average
    precision of that list is taken over all positives, those outside the top
    included. Instead of the list, a histogram is kept of the pooled misses
    and hits. The batches may come in any order, and the result is that of
    the whole set, never a mean over batches.

    The bins are equally wide in logits from -17 to 17. Scores of one bin
    count as tied, and as in `evaluate` a hit among ties gets the precision
    at their end: the result is `evaluate`'s for scores rounded to 1/1928 of
    a logit, also where many scores tie, as those of a bfloat16 model do.

    Error: with the default bins at most 1e-4 away from `evaluate`'s
    `gap_at_20` in the tests, on simulated sigmoid outputs from timid to
    saturated (0.3 to 5 times the calibrated logits, 2,000 videos, 500
    classes). Publish `evaluate`'s numbers.

    State: two counts a bin, 524 kB by default (1 MB on TensorFlow).

    Among equal scores at the cut of a video's top, the backend's
    `ops.top_k` decides which stays. A score that is NaN or outside 0..1
    makes the result NaN.

    Args:
        top_k: how many of a video's best scores count; more than there are
            classes counts them all.
        num_bins: how many bins the histogram has.
        name: the metric's name; by default `gap_at_{top_k}`.
        dtype: as in `keras.metrics.Metric`; the counts are integers and the
            result float32 whatever it says.

    Call arguments:
        y_true: multi-hot labels, shape (videos, classes), any dtype; above
            0.5 is positive. Or class indices, shape (videos,).
        y_pred: probabilities from 0 to 1 of the same shape, any float dtype;
            not logits.
        sample_weight: ignored; every video counts once.

    Raises:
        ValueError: `top_k` or `num_bins` is not an integer of at least 1, or
            the two shapes do not fit.

    Example:

    >>> metric = GlobalAveragePrecision(top_k=2)
    >>> metric.update_state([[1, 0, 0]], [[0.9, 0.6, 0.1]])
    >>> metric.update_state([[0, 0, 1]], [[0.2, 0.8, 0.7]])
    >>> round(float(metric.result()), 4)
    0.8333

    Reference:

    - [YouTube-8M: A Large-Scale Video Classification
      Benchmark](https://arxiv.org/abs/1609.08675)
    """

    def __init__(
        self,
        top_k: int = 20,
        num_bins: int = 65536,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.top_k = check_count("top_k", top_k)
        self.num_bins = check_count("num_bins", num_bins)
        shapes = {"counts": (self.num_bins, 2), "positives": ()}
        super().__init__(name or f"gap_at_{self.top_k}", dtype, shapes)

    def summarise(self, labels: Any, scores: Any) -> Summary:
        best, hits = top_k_pairs(labels, scores, self.top_k)
        bins = logit_bin(best, self.num_bins)
        return {
            "counts": histogram(bins, hits, self.num_bins),
            "positives": ops.sum(labels),
        }

    def score(self, summary: Summary) -> Any:
        misses, hit_counts = summary["counts"][:, 0], summary["counts"][:, 1]
        hits = running_sum(hit_counts)
        entries = running_sum(misses + hit_counts)
        precisions = hits / ops.maximum(entries, 1.0)
        total = ops.sum(ops.cast(hit_counts, "float32") * precisions)
        positives = ops.cast(summary["positives"], "float32")
        return total / ops.maximum(positives, 1.0)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "top_k": self.top_k,
            "num_bins": self.num_bins,
        }
