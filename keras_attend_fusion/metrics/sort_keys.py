"""Integers that sort as scores do: by score alone, or by class first."""

from __future__ import annotations

import numpy as np

_SIGN = np.uint32(0x80000000)


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
    bits = scores.view("uint32")
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


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
        classes: indices of at least 0.
        scores: float32 of the same shape, without -0.0.

    Returns:
        uint64 of the same shape; those of class c lie from c · 2^32 up to
        (c + 1) · 2^32.

    Example:

    >>> keys = class_keys(np.array([1, 0]), np.array([0.1, 0.9], "float32"))
    >>> np.argsort(keys)
    array([1, 0])
    """
    return (classes.astype("uint64") << np.uint64(32)) | score_keys(scores)
