"""Average precision of ranked lists, and its mean over classes."""

from __future__ import annotations

import math

import numpy as np

from keras_attend_fusion.metrics.exact.sort_keys import class_keys, scores_of


def average_precision(
    ranked: np.ndarray, hits: np.ndarray, positives: int
) -> float:
    """Average precision of one list ranked by score.

    Σ over hits of (hits scored as high or higher) / (entries scored as high
    or higher), over `positives`. Equal scores thus form one group, and each
    hit in it takes the precision at the group's end: no order among equal
    scores is ever chosen. scikit-learn's `average_precision_score` has the
    same rule. The sum is correctly rounded (`math.fsum`), so the order of
    the entries changes no bit of it.

    Args:
        ranked: every score in the list, rising, shape (entries,).
        hits: those of them whose label is 1, rising, shape (hits,).
        positives: what to divide by: every positive, those that did not make
            it into the list included.

    Returns:
        A number from 0 to 1; 0 when `positives` is 0.

    Example:

    Ranked: hit, miss, hit, so (1/1 + 2/3) / 2.

    >>> ranked = np.array([0.5, 0.7, 0.9])
    >>> round(average_precision(ranked, np.array([0.5, 0.9]), 2), 6)
    0.833333
    """
    if positives == 0:
        return 0.0
    precisions = at_or_above(hits, hits) / at_or_above(ranked, hits)
    return math.fsum(precisions.tolist()) / positives


def at_or_above(ranked: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """How many scores are at or above each threshold.

    Args:
        ranked: scores, rising, shape (scores,).
        thresholds: shape (thresholds,); looked up quickest when rising.

    Returns:
        Counts, shape (thresholds,).

    Example:

    >>> at_or_above(np.array([0.1, 0.3, 0.3]), np.array([0.2, 0.3, 0.4]))
    array([2, 2, 0])
    """
    return ranked.size - np.searchsorted(ranked, thresholds, "left")


class ClassRanking:
    """The hits of every class in order, to be ranked among its entries.

    Args:
        classes: the class of each hit, shape (hits,).
        scores: the score of each hit, float32 without -0.0, same shape.
        positives: what to divide each class by, shape (classes,).

    Example:

    Class 0 ranks hit, miss; class 1 miss, hit; class 2 has no positive.

    >>> ranking = ClassRanking(
    ...     np.array([0, 1]), np.array([0.9, 0.2], "float32"), [1, 1, 0]
    ... )
    >>> ranking.average_precisions(
    ...     ranking.entries_among(
    ...         np.array([0, 0, 1, 1]),
    ...         np.array([0.9, 0.8, 0.7, 0.2], "float32"),
    ...     )
    ... )
    array([1. , 0.5, nan])
    """

    def __init__(
        self, classes: np.ndarray, scores: np.ndarray, positives: np.ndarray
    ) -> None:
        self.positives = np.asarray(positives)
        self.keys = np.sort(class_keys(classes, scores))
        self.scores = scores_of(self.keys.astype("uint32"))
        self.ends = self._ends(self.keys)

    def _ends(self, keys: np.ndarray) -> np.ndarray:
        """Where each class ends in sorted keys, after a 0 to start from."""
        bounds = np.arange(self.positives.size + 1).astype("uint64")
        return np.searchsorted(keys, bounds << np.uint64(32), "left")

    def _at_or_above(self, keys: np.ndarray) -> np.ndarray:
        """For each hit, the keys of its class as high as it or higher."""
        ends = np.repeat(self._ends(keys)[1:], np.diff(self.ends))
        return ends - np.searchsorted(keys, self.keys, "left")

    def of_class(self, index: int) -> slice:
        """Where the hits of one class lie in `scores`, by rising score."""
        return slice(self.ends[index], self.ends[index + 1])

    def entries_among(
        self, classes: np.ndarray, scores: np.ndarray
    ) -> np.ndarray:
        """For each hit, the entries of its class scored as high or higher.

        Args:
            classes: the class of each entry, hits included.
            scores: the score of each, float32 without -0.0.
        """
        keys = class_keys(classes, scores)
        keys.sort()
        return self._at_or_above(keys)

    def average_precisions(self, entries: np.ndarray) -> np.ndarray:
        """Each class's average precision; NaN for one without positives.

        Args:
            entries: for each hit, how many entries of its class are scored
                as high or higher.
        """
        precisions = (self._at_or_above(self.keys) / entries).tolist()
        values = np.full(self.positives.size, np.nan)
        for index in np.flatnonzero(self.positives).tolist():
            sum_ = math.fsum(precisions[self.of_class(index)])
            values[index] = sum_ / self.positives[index]
        return values


def mean_over_classes(values: np.ndarray, empty_classes: str) -> float:
    """The mean of one number a class, where NaN marks a class left empty.

    Args:
        values: shape (classes,), NaN for a class without positives.
        empty_classes: `"drop"` leaves those out, `"zero"` counts them as 0.

    Returns:
        The mean; 0 when no class has a positive.

    Example:

    >>> values = np.array([1.0, 0.5, np.nan])
    >>> mean_over_classes(values, "drop"), mean_over_classes(values, "zero")
    (0.75, 0.5)
    """
    known = values[~np.isnan(values)].tolist()
    count = values.size if empty_classes == "zero" else len(known)
    return math.fsum(known) / count if known else 0.0
