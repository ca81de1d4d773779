"""The best-scored classes of each video."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from keras_attend_fusion.metrics.exact.sort_keys import (
    classes_of,
    entry_keys,
    entry_scores,
)

_WIDTH = 8  # scores of a video that are looked at as one, to find a bound


class TopK(NamedTuple):
    """Each video's k best, the best first; ties go to the lower class.

    Attributes:
        classes: int32, shape (videos, k).
        scores: float32, of the same shape.
        left_out: the highest score of any video that is not among them, -inf
            if all are.
    """

    classes: np.ndarray
    scores: np.ndarray
    left_out: float


def top_k_classes(scores: np.ndarray, k: int) -> np.ndarray:
    """The classes of each video's `k` best scores.

    Among equal scores at the cut, the lower class index stays in. Scores are
    compared as float32.

    Args:
        scores: shape (videos, classes), finite.
        k: how many to keep; more than there are classes keeps them all.

    Returns:
        Class indices in ascending order, not by score: int32, shape
        (videos, min(k, classes)).

    Example:

    >>> top_k_classes(np.array([[0.2, 0.9, 0.2, 0.1]]), 2)
    array([[0, 1]], dtype=int32)
    """
    zero = np.float32(0.0)  # turns -0.0 into 0.0
    rounded = np.asarray(scores, "float32") + zero
    return np.sort(best_first(rounded, k).classes, axis=1)


def best_first(scores: np.ndarray, k: int) -> TopK:
    """Each video's `k` best classes in order.

    Args:
        scores: float32, shape (videos, classes), finite, without -0.0.
        k: how many to keep; more than there are classes keeps them all.

    Example:

    >>> best_first(np.array([[0.5, 1, 1]], dtype="float32"), 2).classes
    array([[1, 2]], dtype=int32)
    """
    keys = _candidates(scores, k)
    keys.sort(axis=1)
    place = max(keys.shape[1] - k, 0)
    best = keys[:, place:][:, ::-1]
    left_out = -np.inf
    if place and len(keys):
        left_out = float(entry_scores(keys[:, place - 1].max()[None])[0])
    return TopK(classes_of(best), entry_scores(best), left_out)


def _candidates(scores: np.ndarray, k: int) -> np.ndarray:
    """Entry keys of at least the k + 1 best of each video, 0 for none.

    The maxima of groups of classes are found quickly. The k + 1 highest of
    them are k + 1 scores of the video, so its k + 1 best are no lower than
    the lowest of those, and few others reach it: only they are sorted.
    """
    videos, num_classes = scores.shape
    groups = num_classes // _WIDTH
    if groups < 2 * (k + 1) or not videos:
        classes = np.broadcast_to(np.arange(num_classes), scores.shape)
        return entry_keys(classes, scores)
    grouped = scores[:, : groups * _WIDTH].reshape(videos, _WIDTH, groups)
    highest = grouped.max(axis=1)
    highest.partition(groups - k - 1, axis=1)
    bound = highest[:, groups - k - 1, None]
    chosen = np.flatnonzero(scores >= bound)
    rows, classes = np.divmod(chosen, num_classes)
    counts = np.bincount(rows, minlength=videos)
    places = np.arange(chosen.size) - (np.cumsum(counts) - counts)[rows]
    keys = np.zeros((videos, counts.max()), "uint64")
    keys[rows, places] = entry_keys(classes, scores.ravel()[chosen])
    return keys


def in_order(classes: np.ndarray, scores: np.ndarray, k: int) -> TopK:
    """The `k` best of entries given in any order.

    Args:
        classes: indices, shape (videos, entries); -1 for no entry.
        scores: float32 of the same shape, -inf where there is no entry.
        k: how many to keep; where there are fewer, class -1 and score -inf
            fill up.

    Example:

    >>> in_order(np.array([[3, 5]]), np.array([[1, 2]], "float32"), 3).classes
    array([[ 5,  3, -1]], dtype=int32)
    """
    missing = ((0, 0), (0, max(k - classes.shape[1], 0)))
    keys = entry_keys(
        np.pad(classes, missing, constant_values=-1),
        np.pad(scores, missing, constant_values=-np.inf),
    )
    keys.sort(axis=1)
    best = keys[:, keys.shape[1] - k :][:, ::-1]
    return TopK(classes_of(best), entry_scores(best), -np.inf)
