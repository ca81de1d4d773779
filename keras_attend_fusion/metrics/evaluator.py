"""The exact metrics, collected batch by batch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from keras_attend_fusion.metrics.average_precision import (
    average_precision,
    mean_average_precision,
)
from keras_attend_fusion.metrics.counting import split_by_class
from keras_attend_fusion.metrics.f1 import best_threshold, f1_scores
from keras_attend_fusion.metrics.inputs import (
    as_labels,
    as_scores,
    check_count,
    check_threshold,
)
from keras_attend_fusion.metrics.ranking import (
    hits_at_one,
    precisions_at_equal_recall,
)
from keras_attend_fusion.metrics.top_k import top_k_classes

_CLASSES_AT_A_TIME = 64


class _Batch(NamedTuple):
    """What is kept of one batch; P positives, k entries a video's top."""

    scores: np.ndarray  # (videos, classes) float32
    positive_rows: np.ndarray  # (P,) int32
    positive_classes: np.ndarray  # (P,) int32
    positive_scores: np.ndarray  # (P,) float32
    top_classes: np.ndarray  # (videos · k,) int32
    top_scores: np.ndarray  # (videos · k,) float32
    top_hits: np.ndarray  # (videos · k,) bool
    hits_at_one: np.ndarray  # (videos,) bool
    precisions: np.ndarray  # (videos,) float64, at equal recall


class Evaluator:
    """Collects scores and labels; computes every metric over the whole set.

    `evaluate` says what each metric means. The videos may come in batches of
    any size and in any order, or be spread over several evaluators that are
    then merged: the result is the same to the last bit, because counts are
    integers and every sum of fractions is correctly rounded.

    Memory: the full ranking and the best threshold need every score, so they
    are kept whole as float32: videos × classes × 4 bytes (89 MB for 5,758
    videos of 3,862 classes). Labels are kept as index pairs. `update` and
    `result` need room for a few copies of one batch on top.

    Args:
        num_classes: how many scores each video has.
        top_k: how many of a video's best scores count for the metrics named
            after it; more than `num_classes` counts them all.

    Raises:
        ValueError: `num_classes` or `top_k` is not an integer of at least 1.

    Example:

    >>> evaluator = Evaluator(num_classes=3)
    >>> evaluator.update([[0.9, 0.2, 0.1]], [[1, 0, 0]])
    >>> evaluator.update([[0.3, 0.8, 0.4]], [[0, 1, 0]])
    >>> evaluator.result()["gap_at_20"]
    1.0
    """

    def __init__(self, num_classes: int, top_k: int = 20) -> None:
        self.num_classes = check_count("num_classes", num_classes)
        self.top_k = check_count("top_k", top_k)
        self._batches: list[_Batch] = []

    def update(self, predictions: Any, labels: Any) -> None:
        """Adds a batch; the arrays are copied and may be reused.

        Args:
            predictions: scores, shape (videos, classes), higher is likelier.
                Any finite numbers, rounded to float32.
            labels: multi-hot 0 and 1 of the same shape, any dtype.

        Raises:
            ValueError: shapes that do not fit each other or `num_classes`,
                a NaN or infinite score, a label other than 0 and 1.
        """
        scores = as_scores(predictions)
        if scores.shape[1] != self.num_classes:
            raise ValueError(
                f"predictions have {scores.shape[1]} classes; expected "
                f"{self.num_classes}, the evaluator's num_classes"
            )
        labels = as_labels(labels, scores.shape)
        rows, classes = np.nonzero(labels)
        top = top_k_classes(scores, self.top_k)
        self._batches.append(
            _Batch(
                scores=scores,
                positive_rows=rows.astype("int32"),
                positive_classes=classes.astype("int32"),
                positive_scores=scores[rows, classes],
                top_classes=top.ravel().astype("int32"),
                top_scores=np.take_along_axis(scores, top, axis=1).ravel(),
                top_hits=np.take_along_axis(labels, top, axis=1).ravel(),
                hits_at_one=hits_at_one(scores, labels),
                precisions=precisions_at_equal_recall(scores, labels),
            )
        )

    def merge(self, other: Evaluator) -> None:
        """Adds what another evaluator has collected; `other` is unchanged.

        Raises:
            ValueError: `other` has another `num_classes` or `top_k`.
        """
        for name in ("num_classes", "top_k"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                raise ValueError(
                    f"the other evaluator has {name}={theirs}; expected "
                    f"{mine}: merge evaluators made with the same arguments"
                )
        self._batches.extend(other._batches)

    def result(self, threshold: float | None = None) -> dict[str, float | int]:
        """Computes the metrics over everything collected so far.

        Args:
            threshold: applied as it is to the F1 scores; None picks the one
                with the best micro-averaged F1 on these very videos.

        Returns:
            The dictionary that `evaluate` describes.

        Raises:
            ValueError: no video was collected, or `threshold` is no finite
                number.
        """
        if threshold is not None:
            threshold = check_threshold(threshold)
        videos = sum(len(batch.scores) for batch in self._batches)
        if videos == 0:
            raise ValueError(
                "there are no videos to score; expected at least one: check "
                "that the data is not empty"
            )
        hits = self._joined("hits_at_one")
        positives = np.bincount(
            self._joined("positive_classes"), minlength=self.num_classes
        )
        if threshold is None:
            threshold = best_threshold(
                self._joined("positive_scores"),
                (batch.scores for batch in self._batches),
            )
        return {
            f"gap_at_{self.top_k}": self._global_average_precision(),
            "map": self._mean_average_precision(positives),
            f"map_top_{self.top_k}": self._mean_top_precision(positives),
            "hit_at_1": int(np.count_nonzero(hits)) / videos,
            "perr": math.fsum(self._joined("precisions").tolist()) / videos,
            **self._f1(threshold, positives),
            "threshold": threshold,
            "videos": videos,
            "classes_with_positives": int(np.count_nonzero(positives)),
        }

    def _joined(self, field: str) -> np.ndarray:
        return np.concatenate([getattr(b, field) for b in self._batches])

    def _global_average_precision(self) -> float:
        scores, hits = self._joined("top_scores"), self._joined("top_hits")
        positives = self._joined("positive_classes").size
        return average_precision(scores, scores[hits], positives)

    def _mean_average_precision(self, positives: np.ndarray) -> float:
        hit_scores = split_by_class(
            self._joined("positive_scores"),
            self._joined("positive_classes"),
            self.num_classes,
        )
        return mean_average_precision(
            (column, hit_scores[c], int(positives[c]))
            for c, column in self._columns(np.flatnonzero(positives))
        )

    def _columns(self, classes: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """Each class with all its scores, copied a few classes at a time."""
        for start in range(0, classes.size, _CLASSES_AT_A_TIME):
            some = classes[start : start + _CLASSES_AT_A_TIME]
            parts = [batch.scores[:, some] for batch in self._batches]
            yield from zip(
                some.tolist(),
                np.ascontiguousarray(np.concatenate(parts).T),
                strict=True,
            )

    def _mean_top_precision(self, positives: np.ndarray) -> float:
        scores, hits = self._joined("top_scores"), self._joined("top_hits")
        classes = self._joined("top_classes")
        return mean_average_precision(
            zip(
                split_by_class(scores, classes, self.num_classes),
                split_by_class(scores[hits], classes[hits], self.num_classes),
                positives.tolist(),
                strict=True,
            )
        )

    def _f1(self, threshold: float, positives: np.ndarray) -> dict[str, float]:
        cut = np.float32(threshold)
        hits = np.zeros(self.num_classes, dtype="int64")
        predicted = np.zeros(self.num_classes, dtype="int64")
        of_videos: list[float] = []
        for batch in self._batches:
            chosen = batch.scores >= cut
            found = batch.positive_scores >= cut
            videos = len(chosen)
            predicted += np.count_nonzero(chosen, axis=0)
            hits += np.bincount(
                batch.positive_classes[found], minlength=self.num_classes
            )
            of_videos += f1_scores(
                np.bincount(batch.positive_rows[found], minlength=videos),
                np.count_nonzero(chosen, axis=1),
                np.bincount(batch.positive_rows, minlength=videos),
            ).tolist()
        seen = positives > 0
        of_classes = f1_scores(hits, predicted, positives)[seen].tolist()
        micro = f1_scores(hits.sum(), predicted.sum(), positives.sum())
        return {
            "f1_micro": float(micro),
            "f1_macro": math.fsum(of_classes) / max(len(of_classes), 1),
            "f1_samples": math.fsum(of_videos) / len(of_videos),
        }
