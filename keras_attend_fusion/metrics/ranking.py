"""Scores that each video earns by itself: hit at one and PERR."""

from __future__ import annotations

import numpy as np

from keras_attend_fusion.metrics.top_k import top_k_classes


def hits_at_one(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Whether each video's best class is one of its labels.

    Among equal best scores the lowest class index is taken. A video with no
    label is no hit.

    Args:
        scores: shape (videos, classes), finite.
        labels: booleans of the same shape.

    Returns:
        Booleans, shape (videos,).

    Example:

    >>> hits_at_one(np.array([[0.1, 0.9]]), np.array([[False, True]]))
    array([ True])
    """
    best = np.argmax(scores, axis=1)[:, None]
    return np.take_along_axis(labels, best, axis=1)[:, 0]


def precisions_at_equal_recall(
    scores: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """Precision of each video's k best classes, k being its label count.

    Ties at the cut go to the lower class index. A video with no label
    gets 0, as in the YouTube-8M starter code.

    Args:
        scores: shape (videos, classes), finite.
        labels: booleans of the same shape.

    Returns:
        float64, shape (videos,).

    Example:

    Two labels, one of them among the two best.

    >>> scores = np.array([[0.9, 0.8, 0.1]])
    >>> precisions_at_equal_recall(scores, np.array([[True, False, True]]))
    array([0.5])
    """
    counts = np.count_nonzero(labels, axis=1)
    precisions = np.zeros(len(scores))
    for k in np.unique(counts[counts > 0]):
        rows = np.flatnonzero(counts == k)
        best = top_k_classes(scores[rows], int(k))
        hits = np.take_along_axis(labels[rows], best, axis=1)
        precisions[rows] = np.count_nonzero(hits, axis=1) / k
    return precisions
