"""mAP that streams through `fit` and `evaluate`."""

from __future__ import annotations

import re
from typing import Any

import keras
from keras import ops

from keras_attend_fusion.metrics.inputs import check_choice, check_count
from keras_attend_fusion.metrics.streaming.best_classes import top_k_mask
from keras_attend_fusion.metrics.streaming.binned_precision import (
    precision_sum,
    tied_precision_sum,
)
from keras_attend_fusion.metrics.streaming.counting_metric import (
    CountingMetric,
    Summary,
)
from keras_attend_fusion.metrics.streaming.score_histogram import (
    histogram,
    logit_bin,
)

_NO_SCORE = -1.0


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class MeanAveragePrecision(CountingMetric):
    """Mean over classes of the average precision, in fixed memory.

    A class ranks the scores that all videos gave it; its average precision
    is taken over all of its positives. Kept of each class are its `num_best`
    highest scores, which decide most of it and are ranked exactly, and a
    histogram of misses and hits for the rest. The batches may come in any
    order, and the result is that of the whole set, never a mean over
    batches.

    Error: with the defaults at most 5e-5 away from `evaluate`'s `map` and
    `map_top_20` in the tests, on simulated sigmoid outputs of 2,000 videos
    and 3,862 classes, most of them rare. Among the scores kept, ties are
    treated as in `evaluate`: each hit gets the precision at the tie's end.
    Beyond them, the scores of one bin, 0.13 logits wide, are taken to be in
    random order. So where many scores tie, as those of a bfloat16 model do,
    and classes have hundreds of positives, the result can be higher by up to
    1e-3 in the tests. Publish `evaluate`'s numbers.

    State: 8 · num_bins + 8 · num_best bytes a class on JAX and PyTorch,
    9.9 MB for 3,862 classes; 16 · num_bins + 12 · num_best on TensorFlow,
    18.8 MB.

    A score that is NaN or outside 0..1 makes the result NaN.

    Args:
        num_classes: how many scores each video has.
        ranking: `"all"` ranks every score. `"top_20"`, or any other number,
            ranks only the scores that made a video's top 20; a positive
            outside still counts as missed.
        empty_classes: `"drop"` takes the mean over the classes with a
            positive, `"zero"` over all, 0 for those without.
        num_bins: how many bins each class's histogram has.
        num_best: how many of each class's highest scores are kept.
        name: the metric's name; by default `map`, or `map_top_20` after the
            ranking.
        dtype: as in `keras.metrics.Metric`; the counts are integers and the
            result float32 whatever it says.

    Call arguments:
        y_true: multi-hot labels, shape (videos, num_classes), any dtype; above
            0.5 is positive. Or class indices, shape (videos,).
        y_pred: probabilities from 0 to 1 of the same shape, any float dtype;
            not logits.
        sample_weight: ignored; every video counts once.

    Raises:
        ValueError: a number that is not an integer of at least 1, an unknown
            `ranking` or `empty_classes`, or shapes that do not fit each
            other or `num_classes`.

    Example:

    The first class ranks hit, miss: 1. The second ranks miss, hit: 1/2.

    >>> metric = MeanAveragePrecision(num_classes=2)
    >>> metric.update_state([[1, 0]], [[0.9, 0.6]])
    >>> metric.update_state([[0, 1]], [[0.2, 0.3]])
    >>> float(metric.result())
    0.75
    """

    def __init__(
        self,
        num_classes: int,
        ranking: str = "all",
        empty_classes: str = "drop",
        num_bins: int = 256,
        num_best: int = 64,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.num_classes = check_count("num_classes", num_classes)
        self.ranking = ranking
        self.top_k = _top_k(ranking)
        self.empty_classes = check_choice(
            "empty_classes", empty_classes, "drop", "zero"
        )
        self.num_bins = check_count("num_bins", num_bins)
        self.num_best = check_count("num_best", num_best)
        if name is None:
            name = "map" if ranking == "all" else f"map_{ranking}"
        shapes = {
            "counts": (self.num_classes, self.num_bins, 2),
            "positives": (self.num_classes,),
            "best_hits": (self.num_classes, self.num_best),
        }
        super().__init__(name, dtype, shapes)
        self.state["best_scores"] = self.add_variable(
            (self.num_classes, self.num_best),
            keras.initializers.Constant(_NO_SCORE),
            dtype="float32",
            name="best_scores",
        )

    def summarise(self, labels: Any, scores: Any) -> Summary:
        if scores.shape[1] != self.num_classes:
            raise ValueError(
                f"y_pred has {scores.shape[1]} classes; expected "
                f"{self.num_classes}, the metric's num_classes"
            )
        ranked = top_k_mask(scores, self.top_k or self.num_classes)
        hits = ops.transpose(labels * ranked)
        ranked, scores = ops.transpose(ranked), ops.transpose(scores)
        first = ops.arange(self.num_classes, dtype="int32") * self.num_bins
        bins = ops.expand_dims(first, 1) + logit_bin(scores, self.num_bins)
        total = self.num_classes * self.num_bins
        counts = histogram(bins, hits, total, counted=ranked)
        return {
            "counts": ops.reshape(counts, self.state["counts"].shape),
            "positives": ops.sum(labels, axis=0),
            "best_hits": hits,
            "best_scores": ops.where(ranked > 0, scores, _NO_SCORE),
        }

    def combine(self, total: Summary, other: Summary) -> Summary:
        total, other = dict(total), dict(other)
        scores, hits = (
            ops.concatenate([kept, ops.cast(new, kept.dtype)], axis=1)
            for kept, new in (
                (summary.pop(name) for summary in (total, other))
                for name in ("best_scores", "best_hits")
            )
        )
        # Its values are left alone: XLA sorts all scores if they are sliced.
        _, places = ops.top_k(scores, self.num_best)
        return {
            **super().combine(total, other),
            "best_scores": ops.take_along_axis(scores, places, axis=1),
            "best_hits": ops.take_along_axis(hits, places, axis=1),
        }

    def score(self, summary: Summary) -> Any:
        best, hits = summary["best_scores"], summary["best_hits"]
        # Scores that tie with the lowest one kept are left to the histogram.
        cut = ops.min(best, axis=1, keepdims=True)
        alone = ops.cast(best > cut, "float32")
        hits = ops.cast(hits, "float32") * alone
        skip = (
            ops.sum(hits, axis=1, keepdims=True),
            ops.sum(alone, axis=1, keepdims=True),
        )
        total = tied_precision_sum(best, hits)
        total += precision_sum(summary["counts"], skip)
        positives = ops.cast(summary["positives"], "float32")
        values = total / ops.maximum(positives, 1.0)
        if self.empty_classes == "zero":
            return ops.mean(values)
        filled = ops.sum(ops.cast(positives > 0.0, "float32"))
        return ops.sum(values) / ops.maximum(filled, 1.0)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "ranking": self.ranking,
            "empty_classes": self.empty_classes,
            "num_bins": self.num_bins,
            "num_best": self.num_best,
        }


def _top_k(ranking: str) -> int | None:
    match = re.fullmatch(r"top_([1-9]\d*)", str(ranking))
    if match is None and ranking != "all":
        raise ValueError(
            f"ranking is {ranking!r}; expected 'all' or 'top_20' (any number)"
        )
    return int(match[1]) if match else None
