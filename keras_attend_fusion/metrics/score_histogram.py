"""Histograms of scores, and what they tell."""

from __future__ import annotations

import math
from typing import Any

from keras import ops

_MAX_LOGIT = 16.0
_MAX_PROBABILITY = 1.0 / (1.0 + math.exp(-_MAX_LOGIT))


def top_k_pairs(labels: Any, scores: Any, k: int) -> tuple[Any, Any]:
    """The scores of each video's `k` best classes, and which are labels.

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
    cut = ops.top_k(scores, k)[0][:, -1:]
    above = ops.cast(scores > cut, "int32")
    tied = ops.cast(ops.equal(scores, cut), "int32")
    room = k - ops.sum(above, axis=1, keepdims=True)
    fits = ops.cast(ops.cumsum(tied, axis=1) <= room, "int32")
    return above + tied * fits


def logit_bin(probabilities: Any, num_bins: int) -> Any:
    """The histogram bin of each probability; bin 0 holds the highest.

    The bins are equally wide in logits from +16 to -16; probabilities beyond
    share the outermost bins.

    Args:
        probabilities: float32 tensor of any shape.
        num_bins: how many bins there are.

    Returns:
        int32 tensor of the same shape, from 0 to `num_bins` - 1.
    """
    p = ops.clip(probabilities, 1.0 - _MAX_PROBABILITY, _MAX_PROBABILITY)
    logit = ops.log(p) - ops.log1p(-p)
    place = (_MAX_LOGIT - logit) * (num_bins / (2.0 * _MAX_LOGIT))
    return ops.clip(ops.cast(ops.floor(place), "int32"), 0, num_bins - 1)


def histogram(bins: Any, hits: Any, num_bins: int, counted: Any = None) -> Any:
    """Counts the misses and the hits in each bin.

    Args:
        bins: int32 from 0 to `num_bins` - 1, any shape.
        hits: int32 0 and 1 of the same shape.
        num_bins: how many bins there are.
        counted: int32 0 and 1 of the same shape, which entries count; all by
            default.

    Returns:
        int32, shape (num_bins, 2): misses, hits.
    """
    places = ops.reshape(bins * 2 + hits, (-1,))
    ones = ops.ones_like(places)
    data = ones if counted is None else ops.reshape(counted, (-1,))
    counts = ops.segment_sum(data, places, num_segments=num_bins * 2)
    return ops.reshape(counts, (num_bins, 2))


def running_sum(counts: Any) -> Any:
    """Cumulative sums along the last axis, as float32.

    Summed as integers in two halves of 16 bits, so that they are exact, even
    beyond 2^31, until they are rounded to float32 at the end.
    """
    high = ops.cast(ops.cumsum(counts // 65536, axis=-1), "float32")
    low = ops.cast(ops.cumsum(counts % 65536, axis=-1), "float32")
    return high * 65536.0 + low


def precision_sum(counts: Any, skip: tuple[Any, Any] = (0.0, 0.0)) -> Any:
    """The precision at each hit of a ranked list, summed, from a histogram.

    Inside a bin every order of its entries is taken to be equally likely,
    and the expected sum is returned. With H hits and N entries in better
    bins, h hits among n entries, and a = (h - 1) / (n - 1), a bin gives

        h (a + (H + 1 - a (N + 1)) D / n),  D = 1/(N + 1) + … + 1/(N + n),

    where D - 1/(N + 1) + 1/(N + n + 1) is taken for its integral. A bin of
    one entry is exact.

    Args:
        counts: integers, shape (..., bins, 2): misses and hits, best bin
            first.
        skip: how many of the best hits and entries are left out of the sum
            though they count in the precision of the others; float32, shape
            (..., 1) each.

    Returns:
        float32, shape (...).
    """
    hits, entries = counts[..., 1], counts[..., 0] + counts[..., 1]
    h, better_hits = _after(hits, skip[0])
    n, better = _after(entries, skip[1])
    a = (h - 1.0) / ops.maximum(n - 1.0, 1.0)
    integral = ops.log1p(n / (better + 1.5))
    inverses = integral + 1.0 / (better + 1.0) - 1.0 / (better + n + 1.0)
    inverse = inverses / ops.maximum(n, 1.0)
    inverse = ops.where(n <= 1.0, 1.0 / (better + 1.0), inverse)
    slope = better_hits + 1.0 - a * (better + 1.0)
    return ops.sum(h * (a + slope * inverse), axis=-1)


def tied_precision_sum(scores: Any, hits: Any, counted: Any) -> Any:
    """The precision at each hit of a short ranked list, summed; exact.

    Each hit gets (hits scored as high or higher) / (entries scored as high
    or higher), as in the exact metrics.

    Args:
        scores: float32, shape (..., entries), in any order.
        hits: float32 0 and 1 of the same shape, among those counted.
        counted: float32 0 and 1 of the same shape: what is in the list.

    Returns:
        float32, shape (...).
    """
    as_high = ops.expand_dims(scores, -2) >= ops.expand_dims(scores, -1)
    hits_above, above = (
        ops.sum(ops.where(as_high, ops.expand_dims(count, -2), 0.0), axis=-1)
        for count in (hits, counted)
    )
    return ops.sum(hits * hits_above / ops.maximum(above, 1.0), axis=-1)


def _after(counts: Any, skip: Any) -> tuple[Any, Any]:
    """Counts without the first `skip`, and what lies above each of them."""
    here = ops.cast(counts, "float32")
    above = running_sum(counts) - here
    skipped = ops.minimum(ops.maximum(skip - above, 0.0), here)
    return here - skipped, above + skipped
