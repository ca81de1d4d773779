"""Counts of scores, and scores sorted by class."""

from __future__ import annotations

import numpy as np


def count_at_or_above(scores: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """How many `scores` are at or above each threshold.

    Args:
        scores: shape (entries,), in any order.
        thresholds: shape (thresholds,), in any order.

    Returns:
        int64 counts, shape (thresholds,).

    Example:

    >>> count_at_or_above(np.array([0.1, 0.3, 0.3]), np.array([0.3, 0.2, 0.4]))
    array([2, 2, 0])
    """
    return scores.size - np.searchsorted(np.sort(scores), thresholds, "left")


def split_by_class(
    values: np.ndarray, classes: np.ndarray, num_classes: int
) -> list[np.ndarray]:
    """One array a class, of the values whose entry in `classes` names it.

    Example:

    >>> split_by_class(np.array([5, 6, 7]), np.array([2, 0, 2]), 3)
    [array([6]), array([], dtype=int64), array([5, 7])]
    """
    order = np.argsort(classes, kind="stable")
    ends = np.cumsum(np.bincount(classes, minlength=num_classes))
    return np.split(values[order], ends[:-1])
