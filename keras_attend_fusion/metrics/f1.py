"""F1 from counts, and the threshold that makes the micro average best."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from keras_attend_fusion.metrics.average_precision import at_or_above


def f1_scores(
    hits: np.ndarray, predicted: np.ndarray, positives: np.ndarray | int
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
    hits: np.ndarray,
    known: np.ndarray,
    left_out: float,
    every_score: Callable[[], Iterable[np.ndarray]],
) -> float:
    """The threshold at which the micro-averaged F1 is highest.

    Exact over every distinct score. Only the scores of positives are tried:
    between two of them a lower threshold adds predictions but no hits, and
    F1 can only fall. What the known best scores leave open is settled by
    passes over all scores, and only as far down as F1 could still be
    better: predictions beyond the known ones can only lower it.

    Args:
        hits: the scores of all positives, rising, shape (positives,).
        known: each video's best scores in one list, rising.
        left_out: the highest score that is not `known`, -inf if all are.
        every_score: gives every score, in any number of arrays.

    Returns:
        The threshold t such that `score >= t` is predicted: halfway between
        the lowest score predicted and the next lower one, so that rounding
        elsewhere flips neither. The highest one where several are best; 0.5
        when there is no positive, as every threshold then scores 0.

    Example:

    From 0.6 up, two of three predictions are hits: F1 = 4/5, the best.

    >>> known = np.array([0.2, 0.6, 0.7, 0.9])
    >>> best_threshold(np.array([0.6, 0.9]), known, -np.inf, lambda: [])
    0.4
    """
    if hits.size == 0:
        return 0.5
    tried = np.unique(hits)
    found = at_or_above(hits, tried)
    # As no more than these are known to be predicted, F1 is at most this.
    bound = f1_scores(found, at_or_above(known, tried), hits.size)
    sure = tried > left_out
    best = bound[sure].max(initial=-1.0)
    if best > bound[~sure].max(initial=-1.0):
        relevant = known
    else:
        likely = int(bound.argmax())
        predicted = sum(
            int(np.count_nonzero(scores >= tried[likely]))
            for scores in every_score()
        )
        likely_f1 = 2.0 * found[likely] / (predicted + hits.size)
        first = int(np.flatnonzero(bound >= max(best, likely_f1))[0])
        lowest = tried[first - 1] if first else -np.inf
        relevant = np.concatenate(
            [scores[scores >= lowest] for scores in every_score()]
        )
        relevant.sort()
        found, tried = found[first:], tried[first:]
        bound = f1_scores(found, at_or_above(relevant, tried), hits.size)
        left_out = -np.inf  # the next lower score is among the relevant ones
    threshold = tried[np.flatnonzero(bound == bound.max())[-1]]
    lower = relevant[: np.searchsorted(relevant, threshold, "left")]
    below = max(lower[-1] if lower.size else -np.inf, left_out)
    if below == -np.inf:
        return float(threshold)
    # In float64, then as float32, so that it is applied as it is reported.
    middle = np.asarray((float(threshold) + float(below)) / 2, threshold.dtype)
    return float(middle if middle > below else threshold)
