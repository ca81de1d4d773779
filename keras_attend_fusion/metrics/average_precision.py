"""Average precision of one ranked list, and its mean over classes."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from keras_attend_fusion.metrics.counting import count_at_or_above


def average_precision(
    scores: np.ndarray, hit_scores: np.ndarray, positives: int
) -> float:
    """Average precision of one list ranked by score.

    Σ over hits of (hits scored as high or higher) / (entries scored as high
    or higher), over `positives`. Equal scores thus form one group, and each
    hit in it takes the precision at the group's end: no order among equal
    scores is ever chosen. scikit-learn's `average_precision_score` has the
    same rule. The sum is correctly rounded (`math.fsum`), so the order of
    the entries changes no bit of it.

    Args:
        scores: every score in the list, shape (entries,), in any order.
        hit_scores: those of them whose label is 1, shape (hits,).
        positives: what to divide by: every positive, those that did not make
            it into the list included.

    Returns:
        A number from 0 to 1; 0 when `positives` is 0.

    Example:

    Ranked: hit, miss, hit, so (1/1 + 2/3) / 2.

    >>> scores = np.array([0.9, 0.5, 0.7])
    >>> round(average_precision(scores, np.array([0.9, 0.5]), 2), 6)
    0.833333
    """
    if positives == 0:
        return 0.0
    hits = count_at_or_above(hit_scores, hit_scores)
    entries = count_at_or_above(scores, hit_scores)
    return math.fsum((hits / entries).tolist()) / positives


def mean_average_precision(
    ranked: Iterable[tuple[np.ndarray, np.ndarray, int]],
) -> float:
    """Mean of `average_precision` over the classes with a positive.

    Args:
        ranked: for each class its `scores`, `hit_scores` and `positives`.

    Returns:
        A number from 0 to 1; 0 when no class has a positive.

    Example:

    >>> one = np.array([0.9]), np.array([0.9]), 1
    >>> none = np.array([0.9]), np.array([]), 0
    >>> mean_average_precision([one, none])
    1.0
    """
    values = [
        average_precision(scores, hit_scores, positives)
        for scores, hit_scores, positives in ranked
        if positives > 0
    ]
    return math.fsum(values) / len(values) if values else 0.0
