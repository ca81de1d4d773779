"""Integers that sort as scores do, together with their class."""

from __future__ import annotations

import numpy as np

_SIGN = np.uint32(0x80000000)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_AT_A_TIME = 2**16


def score_keys(scores: np.ndarray) -> np.ndarray:
    """uint32 keys in the order of finite float32 scores.

    IEEE 754 numbers of one sign are ordered as their bits are, so positive
    ones get the top bit set and negative ones all bits turned. Sorting
    integers that also hold the class, or the reverse, then takes one sort
    of plain numbers.

    Args:
        scores: float32 of any shape; -0.0 has to be 0.0 already.

    Returns:
        uint32 of the same shape.

    Example:

    >>> a, b, c = score_keys(np.array([-2, 0, 3], dtype="float32"))
    >>> bool(a < b < c)
    True
    """
    negative = scores.view("int32") >> 31  # -1 or 0
    return scores.view("uint32") ^ (negative.view("uint32") | _SIGN)


def scores_of(keys: np.ndarray) -> np.ndarray:
    """The float32 scores of their keys.

    Example:

    >>> scores_of(score_keys(np.array([-0.5, 2.0], dtype="float32")))
    array([-0.5,  2. ], dtype=float32)
    """
    bits = np.where(keys & _SIGN, keys ^ _SIGN, ~keys)
    return bits.astype("uint32").view("float32")


def class_keys(classes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """uint64 keys that sort by class, and by score within a class.

    Args:
        classes: indices of at least 0, shape (entries,).
        scores: float32 of the same shape, without -0.0.

    Returns:
        uint64 of the same shape; those of class c lie from c · 2^32 up to
        (c + 1) · 2^32.

    Example:

    >>> keys = class_keys(np.array([1, 0]), np.array([0.1, 0.9], "float32"))
    >>> np.argsort(keys)
    array([1, 0])
    """
    keys = np.empty(classes.shape, "uint64")
    for start in range(0, keys.size, _AT_A_TIME):  # what a cache has room for
        span = slice(start, start + _AT_A_TIME)
        keys[span] = classes[span]
        keys[span] <<= _HALF
        keys[span] |= score_keys(scores[span])
    return keys


def entry_keys(classes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """uint64 keys that sort by score, ties by falling class.

    Args:
        classes: indices of at least 0, or -1, which comes before any other
            class of the same score.
        scores: float32 of the same shape, without -0.0.

    Example:

    Best is the highest score, and of equal ones the lowest class.

    >>> keys = entry_keys(np.array([3, 5, 7]), np.array([9, 9, 1], "float32"))
    >>> classes_of(np.sort(keys)[::-1])
    array([3, 5, 7], dtype=int32)
    """
    turned = _LOW - (classes.astype("int64").view("uint64") & _LOW)
    return (score_keys(scores).astype("uint64") << _HALF) | turned


def classes_of(keys: np.ndarray) -> np.ndarray:
    """The int32 classes of `entry_keys`."""
    return (_LOW - (keys & _LOW)).astype("uint32").view("int32")


def entry_scores(keys: np.ndarray) -> np.ndarray:
    """The float32 scores of `entry_keys`."""
    return scores_of((keys >> _HALF).astype("uint32"))
