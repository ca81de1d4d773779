"""Each video's best-scored classes, as tensors."""

from __future__ import annotations

from typing import Any

from keras import ops


def top_k_pairs(labels: Any, scores: Any, k: int) -> tuple[Any, Any]:
    """The scores of each video's `k` best classes, and which are labels.

    Among equal scores at the cut, the backend decides what stays in: the
    lower class index on TensorFlow and JAX.

    Args:
        labels: int32 0 and 1, shape (videos, classes).
        scores: float32 of the same shape.
        k: how many to keep; more than there are classes keeps them all.

    Returns:
        float32 scores, best first, and int32 hits: shape
        (videos, min(k, classes)).
    """
    best, classes = ops.top_k(scores, min(k, scores.shape[1]))
    return best, ops.take_along_axis(labels, classes, axis=1)


def top_k_mask(scores: Any, k: int) -> Any:
    """Which scores are among the `k` best of their video.

    Among equal scores at the cut, the lower class index stays in.

    Args:
        scores: float32, shape (videos, classes).
        k: how many to keep; more than there are classes keeps them all.

    Returns:
        int32 0 and 1 of the same shape.
    """
    if k >= scores.shape[1]:
        return ops.ones_like(scores, dtype="int32")
    # Not a slice: XLA sorts all scores to cut a slice from the best ones.
    cut = ops.min(ops.top_k(scores, k)[0], axis=1, keepdims=True)
    return _first_at(scores, cut, k)


def top_counts_mask(scores: Any, counts: Any, largest: int) -> Any:
    """As `top_k_mask`, with a number of its own for each video.

    Args:
        scores: float32, shape (videos, classes).
        counts: int32 from 0 to `largest`, shape (videos,).
        largest: the largest count there is room for.

    Returns:
        int32 0 and 1, the shape of `scores`.
    """
    counts = ops.expand_dims(counts, 1)
    best, _ = ops.top_k(scores, min(largest, scores.shape[1]))
    place = ops.clip(counts - 1, 0, best.shape[1] - 1)
    cut = ops.take_along_axis(best, place, axis=1)
    return _first_at(scores, cut, counts)


def _first_at(scores: Any, cut: Any, k: Any) -> Any:
    """Marks what is above the cut, and the first ones at it, k in all."""
    above = ops.cast(scores > cut, "int32")
    tied = ops.cast(ops.equal(scores, cut), "int32")
    room = k - ops.sum(above, axis=1, keepdims=True)
    fits = ops.cast(ops.cumsum(tied, axis=1) <= room, "int32")
    return above + tied * fits
