"""Mean average precision of rated segments, collected batch by batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_attend_fusion.metrics.exact.average_precision import (
    ClassRanking,
    mean_over_classes,
)
from keras_attend_fusion.metrics.inputs import (
    as_labels,
    as_scores,
    check_choice,
    check_count,
    check_mergeable,
    check_pair,
)


class SegmentEvaluator:
    """Segment mAP@K: how well each class's best segments are ranked.

    All segments of all videos are ranked by class, and each class keeps its
    `top_k` best. Few of them were rated by people: the others are dropped
    then, after the cut, and

        AP = Σ over rated hits of (rated hits as high or higher)
             / (rated segments as high or higher) / all rated positives,

    where positives beyond the cut count in the divisor. The result is the
    mean over classes. Segments may come in any order and batches; the result
    is the same to the last bit. Ties: equal scores form a group, whose hits
    take the precision at its end; segments that tie with the last of the
    `top_k` stay in.

    Memory: for each class up to 2 · `top_k` scores (800 MB for 1000 classes
    and the default), and 9 bytes for each rated pair.

    Args:
        num_classes: how many scores each segment has.
        top_k: how many segments a class keeps.

    Raises:
        ValueError: `num_classes` or `top_k` is not an integer of at least 1.

    Example:

    The best segment is unrated; of the rated ones the first is a miss, the
    second a hit: 1/2. With one place only, none is left.

    >>> scores, labels = [[0.9], [0.8], [0.7]], [[0], [0], [1]]
    >>> rated = [[0], [1], [1]]
    >>> for top_k in (3, 1):
    ...     evaluator = SegmentEvaluator(num_classes=1, top_k=top_k)
    ...     evaluator.update(scores, labels, rated)
    ...     print(evaluator.result()[f"segment_map_at_{top_k}"])
    0.5
    0.0

    Reference:

    - [The 3rd YouTube-8M Video Understanding
      Challenge](https://www.kaggle.com/c/youtube8m-2019/overview/evaluation)
    """

    def __init__(self, num_classes: int, top_k: int = 100_000) -> None:
        self.num_classes = check_count("num_classes", num_classes)
        self.top_k = check_count("top_k", top_k)
        self._segments = 0
        self._best: list[np.ndarray] = []  # (classes, some) float32
        self._classes: list[np.ndarray] = []  # of each rated pair
        self._scores: list[np.ndarray] = []
        self._hits: list[np.ndarray] = []

    def update(self, predictions: Any, labels: Any, rated: Any) -> None:
        """Adds a batch of segments.

        Args:
            predictions: scores, shape (segments, classes), higher is
                likelier.
            labels: 0 and 1 of the same shape; looked at only where rated.
            rated: booleans, or 0 and 1, of the same shape.

        Raises:
            ValueError: shapes that do not fit each other or `num_classes`, a
                NaN or infinite score, a label of a rated pair or a `rated`
                other than 0 and 1.
        """
        predictions, labels = check_pair(predictions, labels, self.num_classes)
        rated = np.asarray(rated)
        if rated.shape != labels.shape:
            raise ValueError(
                f"rated has shape {rated.shape}; expected {labels.shape}, "
                "the shape of predictions"
            )
        try:
            rated = as_labels(rated)
        except ValueError as error:
            raise ValueError(
                "rated holds values other than 0 and 1; expected 1 where a "
                "segment was rated for a class"
            ) from error
        scores = as_scores(predictions)
        hits = as_labels(labels[rated])
        self._hits.append(hits)
        self._classes.append(np.nonzero(rated)[1].astype("int32"))
        self._scores.append(scores[rated])
        self._segments += len(scores)
        self._keep(np.ascontiguousarray(scores.T))

    def merge(self, other: SegmentEvaluator) -> None:
        """Adds what another evaluator has collected; `other` is unchanged.

        Raises:
            ValueError: `other` is not a `SegmentEvaluator`, has another
                `num_classes` or `top_k`, or is this evaluator itself.
        """
        check_mergeable(self, other, "num_classes", "top_k")
        self._segments += other._segments
        self._classes += other._classes
        self._scores += other._scores
        self._hits += other._hits
        for best in other._best:
            self._keep(best)

    def result(self, empty_classes: str = "drop") -> dict[str, float | int]:
        """Computes the metric over everything collected so far.

        Args:
            empty_classes: `"drop"` takes the mean over classes with a rated
                positive, `"zero"` over all.

        Returns:
            `segment_map_at_100000` (or whatever `top_k` is), and how many
            `segments`, `rated` pairs and `classes_with_positives` there are.

        Raises:
            ValueError: no segment was collected, or `empty_classes` is
                something else.
        """
        check_choice("empty_classes", empty_classes, "drop", "zero")
        if not self._segments:
            raise ValueError(
                "there are no segments to score; expected at least one: "
                "check that the data is not empty"
            )
        classes = np.concatenate(self._classes)
        scores = np.concatenate(self._scores)
        hits = np.concatenate(self._hits)
        positives = np.bincount(classes[hits], minlength=self.num_classes)
        kept = scores >= self._cuts()[classes]
        kept_hits = kept & hits
        ranking = ClassRanking(classes[kept_hits], scores[kept_hits], positives)
        values = ranking.average_precisions(
            ranking.entries_among(classes[kept], scores[kept])
        )
        return {
            f"segment_map_at_{self.top_k}": mean_over_classes(
                values, empty_classes
            ),
            "segments": self._segments,
            "rated": classes.size,
            "classes_with_positives": int(np.count_nonzero(positives)),
        }

    def _keep(self, best: np.ndarray) -> None:
        """Adds scores, and drops what can no longer be among the best."""
        self._best.append(best)
        if sum(part.shape[1] for part in self._best) >= 2 * self.top_k:
            together = np.concatenate(self._best, axis=1)
            place = together.shape[1] - self.top_k
            together.partition(place, axis=1)
            self._best = [together[:, place:].copy()]

    def _cuts(self) -> np.ndarray:
        """The lowest score of each class that is among its best."""
        together = np.concatenate(self._best, axis=1)
        place = together.shape[1] - self.top_k
        if place < 0:
            return np.full(self.num_classes, -np.inf, "float32")
        return np.partition(together, place, axis=1)[:, place]
