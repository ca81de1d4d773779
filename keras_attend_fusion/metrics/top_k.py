"""The best-scored classes of each video."""

from __future__ import annotations

import numpy as np


def top_k_classes(scores: np.ndarray, k: int) -> np.ndarray:
    """The classes of each video's `k` best scores.

    Among equal scores at the cut, the lower class index stays in.

    Args:
        scores: shape (videos, classes), finite.
        k: how many to keep; more than there are classes keeps them all.

    Returns:
        Class indices in ascending order, not by score: int64, shape
        (videos, min(k, classes)).

    Example:

    >>> top_k_classes(np.array([[0.2, 0.9, 0.2, 0.1]]), 2)
    array([[0, 1]])
    """
    num_classes = scores.shape[1]
    k = min(k, num_classes)
    place = num_classes - k
    cut = np.partition(scores, place, axis=1)[:, place, None]
    kept = scores >= cut
    crowded = np.flatnonzero(np.count_nonzero(kept, axis=1) > k)
    if crowded.size:
        above = scores[crowded] > cut[crowded]
        tied = scores[crowded] == cut[crowded]
        room = k - np.count_nonzero(above, axis=1)[:, None]
        kept[crowded] = above | (tied & (np.cumsum(tied, axis=1) <= room))
    return np.nonzero(kept)[1].reshape(len(scores), k)
