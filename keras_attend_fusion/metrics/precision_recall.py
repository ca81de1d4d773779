"""The curve of precision against recall of one ranked list."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class PrecisionRecall(NamedTuple):
    """Points of the curve, by falling threshold.

    Attributes:
        precision: share of hits among the entries at or above `threshold`.
        recall: those hits over all positives.
        threshold: scores of hits, falling.
    """

    precision: np.ndarray
    recall: np.ndarray
    threshold: np.ndarray


def precision_recall(
    scores: np.ndarray, hit_scores: np.ndarray, positives: int, points: int
) -> PrecisionRecall:
    """Precision and recall of a ranked list, at the scores of its hits.

    Args:
        scores: every score in the list, shape (entries,), in any order.
        hit_scores: those of them whose label is 1, shape (hits,).
        positives: what recall divides by.
        points: at most so many are given, evenly spread over the hits, with
            the first and the last.

    Returns:
        Arrays of at most `points` entries; empty where there is no hit.

    Example:

    >>> curve = precision_recall(
    ...     np.array([0.9, 0.7, 0.6]), np.array([0.9, 0.6]), 2, points=10
    ... )
    >>> curve.recall, curve.precision
    (array([0.5, 1. ]), array([1.        , 0.66666667]))
    """
    thresholds = np.unique(hit_scores)[::-1]
    if thresholds.size > points:
        spread = np.linspace(0, thresholds.size - 1, points)
        thresholds = thresholds[np.rint(spread).astype("int64")]
    entries, found = np.sort(scores), np.sort(hit_scores)
    predicted = entries.size - np.searchsorted(entries, thresholds, "left")
    hits = found.size - np.searchsorted(found, thresholds, "left")
    return PrecisionRecall(hits / predicted, hits / positives, thresholds)
