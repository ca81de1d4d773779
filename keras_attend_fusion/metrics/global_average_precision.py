"""GAP@k that streams through `fit` and `evaluate`."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from keras_attend_fusion.metrics.counting_metric import (
    CountingMetric,
    as_batch,
)
from keras_attend_fusion.metrics.inputs import check_count

_MAX_LOGIT = 16.0
_MAX_PROBABILITY = 1.0 / (1.0 + math.exp(-_MAX_LOGIT))


def logit_bin(probabilities: Any, num_bins: int) -> Any:
    """The histogram bin of each probability; bin 0 holds the highest.

    The bins are equally wide in logits from +16 to -16; probabilities beyond
    share the outermost bins.

    Args:
        probabilities: float32 tensor of any shape.
        num_bins: how many bins there are.

    Returns:
        int32 tensor of the same shape, from 0 to `num_bins` - 1.
    """
    p = ops.clip(probabilities, 1.0 - _MAX_PROBABILITY, _MAX_PROBABILITY)
    logit = ops.log(p) - ops.log1p(-p)
    place = (_MAX_LOGIT - logit) * (num_bins / (2.0 * _MAX_LOGIT))
    return ops.clip(ops.cast(ops.floor(place), "int32"), 0, num_bins - 1)


def binned_average_precision(hits: Any, entries: Any, positives: Any) -> Any:
    """Average precision from histograms of scores, best bin first.

    Inside a bin the hits are taken to be spread evenly, so that on average
    they have the precision of the bin's middle: with H hits and N entries in
    better bins, each of h hits among n entries gets
    (H + (h + 1) / 2) / (N + (n + 1) / 2). A bin of one entry is exact.

    Args:
        hits: integers, shape (bins,): entries whose label is 1.
        entries: integers, shape (bins,): all entries.
        positives: integer scalar to divide by.

    Returns:
        float32 scalar; 0 when `positives` is 0.
    """
    better_hits = ops.cumsum(hits) - hits
    better_entries = ops.cumsum(entries) - entries
    h, n = ops.cast(hits, "float32"), ops.cast(entries, "float32")
    middle_hits = ops.cast(better_hits, "float32") + (h + 1.0) / 2.0
    middle_entries = ops.cast(better_entries, "float32") + (n + 1.0) / 2.0
    total = ops.sum(h * middle_hits / middle_entries)
    return total / ops.cast(ops.maximum(positives, 1), "float32")


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class GlobalAveragePrecision(CountingMetric):
    """GAP@k over all videos seen since the last reset, in fixed memory.

    Each video's `top_k` best scores are pooled and ranked; the average
    precision of that list is taken over all positives, those outside the top
    included. Instead of the list, two histograms are kept: of the pooled
    scores and of the hits among them. The batches may come in any order, and
    the result is that of the whole set, never a mean over batches.

    Error: with the default bins at most 1e-4 away from `evaluate`'s
    `gap_at_20` in the tests, on simulated sigmoid outputs from timid to
    saturated (0.3 to 5 times the calibrated logits, 2,000 videos, 500
    classes). The bins are equally wide in logits from -16 to 16; what lies
    beyond (within 1.2e-7 of 0 or 1) counts as tied. A set of few distinct
    scores can differ more, as ties inside a bin are averaged. Publish
    `evaluate`'s numbers.

    Among equal scores at the cut of a video's top, the backend's
    `ops.top_k` decides which stays.

    Args:
        top_k: how many of a video's best scores count; more than there are
            classes counts them all.
        num_bins: how many bins each histogram has.
        name: the metric's name.
        dtype: as in `keras.metrics.Metric`; the counts are integers and the
            result float32 whatever it says.

    Call arguments:
        y_true: multi-hot labels, shape (videos, classes), any dtype; above
            0.5 is positive.
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
        num_bins: int = 8192,
        name: str = "gap_at_20",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.top_k = check_count("top_k", top_k)
        self.num_bins = check_count("num_bins", num_bins)
        self.hits = self.add_count("hits", (self.num_bins,))
        self.entries = self.add_count("entries", (self.num_bins,))
        self.positives = self.add_count("positives")

    def update_state(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        y_true, y_pred = as_batch(y_true, y_pred)
        scores, classes = ops.top_k(y_pred, min(self.top_k, y_pred.shape[1]))
        found = ops.take_along_axis(y_true, classes, axis=1)
        bins = ops.reshape(logit_bin(scores, self.num_bins), (-1,))
        for count, data in (
            (self.hits, ops.reshape(found, (-1,))),
            (self.entries, ops.ones_like(bins)),
        ):
            summed = ops.segment_sum(data, bins, num_segments=self.num_bins)
            self.increase(count, summed)
        self.increase(self.positives, ops.sum(y_true))

    def result(self) -> Any:
        return binned_average_precision(self.hits, self.entries, self.positives)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "top_k": self.top_k,
            "num_bins": self.num_bins,
        }
