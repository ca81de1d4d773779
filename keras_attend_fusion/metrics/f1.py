"""F1 from counts, and the threshold that makes the micro average best."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from keras_attend_fusion.metrics.counting import count_at_or_above


def f1_scores(
    hits: np.ndarray, predicted: np.ndarray, positives: np.ndarray
) -> np.ndarray:
    """F1 = 2 · hits / (predicted + positives), element by element.

    Nothing predicted and nothing to find gives 0 (what scikit-learn calls
    `zero_division=0`).

    Args:
        hits: how many predicted entries are positive.
        predicted: how many entries are predicted.
        positives: how many entries are positive.

    Returns:
        float64 of the common shape.

    Example:

    >>> f1_scores(np.array([1, 0]), np.array([1, 0]), np.array([2, 0]))
    array([0.66666667, 0.        ])
    """
    return 2.0 * hits / np.maximum(predicted + positives, 1)


def best_threshold(
    hit_scores: np.ndarray, blocks: Iterable[np.ndarray]
) -> float:
    """The threshold at which the micro-averaged F1 is highest.

    Exact over every distinct score, although only the scores of positives
    are tried: between two of them a lower threshold adds predictions but no
    hits, and F1 can only fall. Equal scores are predicted together.

    Args:
        hit_scores: the scores of all positives, shape (positives,).
        blocks: every score, positives included, in any number of arrays of
            any shape.

    Returns:
        The threshold t such that `score >= t` is predicted; the highest one
        where several are best; 0.5 when there is no positive, as every
        threshold then scores 0.

    Example:

    At 0.6 two of three predictions are hits: F1 = 4/5, the best.

    >>> best_threshold(np.array([0.9, 0.6]), [np.array([0.9, 0.7, 0.6, 0.1])])
    0.6
    """
    if hit_scores.size == 0:
        return 0.5
    thresholds = np.unique(hit_scores)
    predicted = np.zeros(thresholds.size, dtype="int64")
    for block in blocks:
        relevant = block[block >= thresholds[0]]
        predicted += count_at_or_above(relevant, thresholds)
    hits = count_at_or_above(hit_scores, thresholds)
    f1 = f1_scores(hits, predicted, np.array(hit_scores.size))
    best = np.flatnonzero(f1 == f1.max())[-1]
    return float(thresholds[best]) + 0.0  # -0.0 and 0.0 are one score
