"""The threshold that makes the micro-averaged F1 best."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from keras_attend_fusion.metrics.exact.average_precision import at_or_above
from keras_attend_fusion.metrics.exact.f1 import f1_scores
from keras_attend_fusion.metrics.exact.score_counts import ScoreCounts

Scores = Callable[[], Iterable[np.ndarray]]


def best_threshold(
    hits: np.ndarray, known: np.ndarray, left_out: float, every_score: Scores
) -> float:
    """The threshold at which the micro-averaged F1 is highest.

    Exact over every distinct score. Only the scores of positives are tried:
    between two of them a lower threshold adds predictions but no hits, and
    F1 can only fall. The known best scores decide, unless a threshold below
    those left out might do better: all scores are then counted, in passes
    over them and in bounded memory.

    Args:
        hits: the scores of all positives, rising, float32, shape
            (positives,).
        known: each video's best scores in one list, rising, float32.
        left_out: the highest score that is not `known`, -inf if all are.
        every_score: gives every score, in any number of float32 arrays
            without -0.0.

    Returns:
        The threshold t such that `score >= t` is predicted: halfway between
        the lowest score predicted and the next lower one, so that rounding
        elsewhere flips neither. The highest one where several are best; 0.5
        when there is no positive, as every threshold then scores 0.

    Example:

    From 0.6 up, two of three predictions are hits: F1 = 4/5, the best.

    >>> known = np.array([0.2, 0.6, 0.7, 0.9], dtype="float32")
    >>> hits = np.array([0.6, 0.9], dtype="float32")
    >>> round(best_threshold(hits, known, -np.inf, lambda: []), 6)
    0.4
    """
    if hits.size == 0:
        return 0.5
    tried = np.unique(hits)
    hits_above = at_or_above(hits, tried)
    # As no more than these are known to be predicted, F1 is at most this.
    bound = f1_scores(hits_above, at_or_above(known, tried), hits.size)
    sure = tried > left_out
    if bound[sure].max(initial=-1.0) > bound[~sure].max(initial=-1.0):
        best = np.flatnonzero(bound == bound.max())[-1]
        lowest = float(tried[best])
        lower = known[: np.searchsorted(known, tried[best], "left")]
        below = max(float(lower[-1]) if lower.size else -np.inf, left_out)
    else:
        counts = ScoreCounts(every_score, hits)
        lowest = counts.best_threshold()
        below = counts.next_lower(lowest)
    return _between(below, lowest)


def _between(below: float, lowest: float) -> float:
    """A float32 above `below` and not above `lowest`, the middle if it is."""
    if below == -np.inf:
        return lowest
    middle = float(np.float32((lowest + below) / 2))
    return middle if middle > below else lowest
