"""Sums of precisions of lists of which a histogram and the best are known."""

from __future__ import annotations

from typing import Any

from keras import ops

from keras_attend_fusion.metrics.streaming.score_histogram import running_sum


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


def tied_precision_sum(scores: Any, hits: Any) -> Any:
    """The precision at each hit of a whole ranked list, summed; exact.

    Each hit gets (hits scored as high or higher) / (entries scored as high
    or higher), as in the exact metrics.

    Args:
        scores: float32, shape (lists, entries), best first.
        hits: float32 0 and 1 of the same shape.

    Returns:
        float32, shape (lists,).
    """
    length = scores.shape[1]
    rank = ops.arange(1, length + 1, dtype="float32")
    precision = ops.cumsum(hits, axis=1) / rank
    # Each entry takes the precision at its tie's end, or 1, 3, 7, … entries
    # further down if that comes first.
    step = 1
    while step < length:
        tied = ops.equal(scores[:, :-step], scores[:, step:])
        ahead = ops.where(tied, precision[:, step:], precision[:, :-step])
        precision = ops.concatenate([ahead, precision[:, -step:]], axis=1)
        step *= 2
    return ops.sum(hits * precision, axis=1)


def _after(counts: Any, skip: Any) -> tuple[Any, Any]:
    """Counts without the first `skip`, and what lies above each of them."""
    bin_counts = ops.cast(counts, "float32")
    above = running_sum(counts) - bin_counts
    skipped = ops.minimum(ops.maximum(skip - above, 0.0), bin_counts)
    return bin_counts - skipped, above + skipped
