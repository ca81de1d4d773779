"""The curve of precision against recall of one ranked list."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from keras_attend_fusion.metrics.exact.average_precision import at_or_above


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
    ranked: np.ndarray, hits: np.ndarray, positives: int, points: int
) -> PrecisionRecall:
    """Precision and recall of a ranked list, at the scores of its hits.

    Args:
        ranked: every score in the list, rising, shape (entries,).
        hits: those of them whose label is 1, rising, shape (hits,).
        positives: what recall divides by.
        points: at most so many are given, evenly spread over the hits, with
            the first and the last.

    Returns:
        Arrays of at most `points` entries; empty where there is not a hit.

    Example:

    >>> curve = precision_recall(
    ...     np.array([0.6, 0.7, 0.9]), np.array([0.6, 0.9]), 2, points=10
    ... )
    >>> curve.recall, curve.precision
    (array([0.5, 1. ]), array([1.        , 0.66666667]))
    """
    thresholds = np.unique(hits)[::-1]
    if thresholds.size > points:
        spread = np.linspace(0, thresholds.size - 1, points)
        thresholds = thresholds[np.rint(spread).astype("int64")]
    true_positives, predicted = (
        at_or_above(of, thresholds) for of in (hits, ranked)
    )
    return PrecisionRecall(
        true_positives / predicted, true_positives / positives, thresholds
    )
