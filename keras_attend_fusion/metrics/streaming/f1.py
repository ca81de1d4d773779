"""F1 that streams through `fit` and `evaluate`."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.metrics.inputs import check_count, check_threshold
from keras_attend_fusion.metrics.streaming.counting_metric import (
    CountingMetric,
    Summary,
)
from keras_attend_fusion.metrics.streaming.fraction_metric import (
    mean_fraction,
    tally,
    tally_shapes,
)
from keras_attend_fusion.metrics.streaming.score_histogram import (
    histogram,
    logit_bin,
    running_sum,
)

_AXES = {"micro": None, "macro": 0, "samples": 1}


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class F1(CountingMetric):
    """F1 = 2 hits / (predictions + positives), over all videos seen.

    A class is predicted for a video where score >= threshold. Everything is
    taken over the videos since the last reset, never as a mean over batches;
    0 where nothing is positive.

    - `average="micro"`: over all (video, class) pairs.
    - `average="macro"`: F1 of each class; the mean over the classes with at
      least one positive.
    - `average="samples"`: F1 of each video; the mean over all videos. One
      with no label and no prediction counts 0.

    With a number as threshold the result is exact. `threshold=None` takes
    the one with the best micro F1, found in a histogram of `num_bins` bins
    that are equally wide in logits from -17 to 17. As only bin edges are
    tried, the result is never above `evaluate`'s `f1_micro`; it is below by
    m / (predictions + positives) at most, with m the misses in the bin where
    the best threshold lies, and by at most 2e-4 in the tests (2,000 videos).
    It is optimistic on the very videos it was picked on.

    A NaN score makes the result NaN, and so does one outside 0..1 with
    `threshold=None`. Counts are int32 on JAX and PyTorch: with
    `threshold=None` a bin there holds 2^31 - 1 pairs, those of 556,000
    videos of 3,862 classes if all fell into one.

    Args:
        threshold: a number, or None for the best one (micro only).
        average: `"micro"`, `"macro"` or `"samples"`.
        num_classes: how many scores each video has; needed for macro and
            samples.
        num_bins: how many bins the histogram has, with `threshold=None`.
        name: the metric's name; by default `f1_` and the average.
        dtype: as in `keras.metrics.Metric`; the counts are integers and the
            result float32 whatever it says.

    Call arguments:
        y_true: multi-hot labels, shape (videos, classes), any dtype; above
            0.5 is positive. Or class indices, shape (videos,).
        y_pred: scores of the same shape; with `threshold=None` probabilities
            from 0 to 1, not logits.
        sample_weight: ignored; every video counts once.

    Raises:
        ValueError: an unknown `average`, a `threshold` that is not a finite
            number, None for another average than micro, a missing
            `num_classes`, a number that is not an integer of at least 1, or
            shapes that do not fit each other or `num_classes`.

    Example:

    Predicted are 0.9, 0.8 and 0.7, of which two are hits: 2 · 2 / (3 + 2).

    >>> metric = F1(threshold=0.5)
    >>> metric.update_state([[1, 0], [0, 1]], [[0.9, 0.8], [0.1, 0.7]])
    >>> round(float(metric.result()), 6)
    0.8
    """

    def __init__(
        self,
        threshold: float | None = None,
        average: str = "micro",
        num_classes: int | None = None,
        num_bins: int = 65536,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        if average not in _AXES:
            raise ValueError(
                f"average is {average!r}; expected 'micro', 'macro' or "
                "'samples'"
            )
        if threshold is not None:
            threshold = check_threshold(threshold)
        elif average != "micro":
            raise ValueError(
                f"threshold is None with average={average!r}; expected a "
                "number: only the best micro F1 can be searched for"
            )
        if average != "micro":
            num_classes = check_count("num_classes", num_classes)
        self.threshold = threshold
        self.average = average
        self.num_classes = num_classes
        self.num_bins = check_count("num_bins", num_bins)
        self.needs_probabilities = threshold is None
        super().__init__(name or f"f1_{average}", dtype, self._shapes())

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        if self.threshold is None:
            return {"counts": (self.num_bins, 2)}
        if self.average == "samples":
            return tally_shapes(2 * (self.num_classes or 0))
        shape = (self.num_classes or 0,) if self.average == "macro" else ()
        return {"hits": shape, "sizes": shape, "positives": shape}

    def summarise(self, labels: Any, scores: Any) -> Summary:
        if self.num_classes not in (None, scores.shape[1]):
            raise ValueError(
                f"y_pred has {scores.shape[1]} classes; expected "
                f"{self.num_classes}, the metric's num_classes"
            )
        if self.threshold is None:
            bins = logit_bin(scores, self.num_bins)
            return {"counts": histogram(bins, labels, self.num_bins)}
        predicted = ops.cast(scores >= self.threshold, "int32")
        axis = _AXES[self.average]
        hits = ops.sum(labels * predicted, axis=axis)
        sizes = ops.sum(labels + predicted, axis=axis)
        if self.average == "samples":
            return tally(2 * hits, sizes, 2 * scores.shape[1])
        positives = ops.sum(labels, axis=axis)
        return {"hits": hits, "sizes": sizes, "positives": positives}

    def score(self, summary: Summary) -> Any:
        if self.threshold is None:
            return best_f1(summary["counts"])
        if self.average == "samples":
            return mean_fraction(summary)
        values = f1(summary["hits"], summary["sizes"])
        filled = ops.sum(ops.cast(summary["positives"] > 0, "float32"))
        return ops.sum(values) / ops.maximum(filled, 1.0)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "threshold": self.threshold,
            "average": self.average,
            "num_classes": self.num_classes,
            "num_bins": self.num_bins,
        }


def f1(hits: Any, sizes: Any) -> Any:
    """2 hits / sizes, float32; sizes are predictions + positives; 0 for 0/0."""
    sizes = ops.maximum(ops.cast(sizes, "float32"), 1.0)
    return 2.0 * ops.cast(hits, "float32") / sizes


def best_f1(counts: Any) -> Any:
    """The best F1 of all thresholds at a bin's lower edge.

    Args:
        counts: integers, shape (bins, 2): misses and hits, best bin first.

    Returns:
        float32 scalar.
    """
    hits = running_sum(counts[:, 1])
    predicted = running_sum(counts[:, 0]) + hits
    return ops.max(f1(hits, predicted + hits[-1]))
