"""Histograms of scores, and their running sums."""

from __future__ import annotations

from typing import Any

from keras import ops

# The largest float32 below 1 has a logit of 16.6.
_MAX_LOGIT = 17.0


def logit_bin(probabilities: Any, num_bins: int) -> Any:
    """The histogram bin of each probability; bin 0 holds the highest.

    The bins are equally wide in logits from +17 to -17; probabilities beyond
    share the outermost bins.

    Args:
        probabilities: float32 tensor of any shape; those beyond 0..1 are
            taken for 0 or 1.
        num_bins: how many bins there are.

    Returns:
        int32 tensor of the same shape, from 0 to `num_bins` - 1.
    """
    p = ops.clip(probabilities, 0.0, 1.0)
    logit = ops.log(p) - ops.log1p(-p)
    place = (_MAX_LOGIT - logit) * (num_bins / (2.0 * _MAX_LOGIT))
    return ops.cast(ops.clip(place, 0.0, num_bins - 1.0), "int32")


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
