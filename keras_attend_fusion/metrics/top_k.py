"""The best-scored classes of each video."""

from __future__ import annotations

import numpy as np

from keras_attend_fusion.metrics.sort_keys import score_keys, scores_of

_LOW = np.uint64(0xFFFFFFFF)


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
    return split_at_top(scores, k)[0]


def split_at_top(scores: np.ndarray, k: int) -> tuple[np.ndarray, float]:
    """`top_k_classes`, and the highest score that did not make it.

    Example:

    >>> split_at_top(np.array([[0.2, 0.9, 0.2, 0.1]]), 1)
    (array([[1]]), 0.2)
    """
    videos, num_classes = scores.shape
    if k >= num_classes or not videos:
        every = np.arange(min(k, num_classes))
        return np.tile(every, (videos, 1)), -np.inf
    place = num_classes - k
    parted = np.partition(scores, place, axis=1)
    cut = parted[:, place, None]
    kept = scores >= cut
    crowded = np.flatnonzero(np.count_nonzero(kept, axis=1) > k)
    if crowded.size:
        above = scores[crowded] > cut[crowded]
        tied = scores[crowded] == cut[crowded]
        room = k - np.count_nonzero(above, axis=1)[:, None]
        kept[crowded] = above | (tied & (np.cumsum(tied, axis=1) <= room))
    classes = np.flatnonzero(kept).reshape(videos, k)
    classes -= np.arange(videos)[:, None] * num_classes
    return classes, float(parted[:, :place].max())


def best_first(
    classes: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Orders each video's entries by falling score, then by rising class.

    Args:
        classes: indices from 0 to 2^32 - 2, shape (videos, k); -1 for no
            entry, which comes last if its score is the lowest.
        scores: float32 of the same shape, without -0.0.

    Returns:
        The classes as int32 and their scores, both of that shape.

    Example:

    >>> best_first(np.array([[3, 5, 7]]), np.array([[0.5, 1, 1]], "float32"))
    (array([[5, 7, 3]], dtype=int32), array([[1. , 1. , 0.5]], dtype=float32))
    """
    # One integer an entry: the score above, the class, reversed, below.
    keys = score_keys(scores).astype("uint64") << np.uint64(32)
    keys |= _LOW - (classes.astype("int64") & 0xFFFFFFFF).astype("uint64")
    keys.sort(axis=1)
    keys = keys[:, ::-1]
    ordered = (_LOW - (keys & _LOW)).astype("uint32").view("int32")
    return ordered, scores_of((keys >> np.uint64(32)).astype("uint32"))
