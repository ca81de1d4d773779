"""Exact means over videos of a fraction that each video earns by itself."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from keras import ops

from keras_attend_fusion.metrics.streaming.counting_metric import (
    CountingMetric,
    Summary,
)


class FractionMetric(CountingMetric):
    """The mean over videos of a fraction of two whole numbers.

    The numerators are summed apart for each denominator, as integers, so the
    mean is exact (in float32's seven digits) whatever the number of videos.
    A video whose denominator is 0 counts as 0.

    Args:
        name: the metric's name.
        dtype: as in `keras.metrics.Metric`.
        largest: the largest denominator there is room for. A video with a
            larger one turns the result into NaN until the next reset.
    """

    needs_probabilities = False
    skips_empty = False  # leave a video whose denominator is 0 out of the mean

    def __init__(self, name: str, dtype: Any, largest: int) -> None:
        self.largest = largest
        super().__init__(name, dtype, tally_shapes(largest))

    @abstractmethod
    def fractions(self, labels: Any, scores: Any) -> tuple[Any, Any]:
        """Each video's numerator and denominator: int32, shape (videos,)."""

    def summarise(self, labels: Any, scores: Any) -> Summary:
        numerators, denominators = self.fractions(labels, scores)
        return tally(numerators, denominators, self.largest)

    def score(self, summary: Summary) -> Any:
        return mean_fraction(summary, self.skips_empty)


def tally_shapes(largest: int) -> dict[str, tuple[int, ...]]:
    """The shapes of what `tally` returns: a last place for the too large."""
    return {"numerators": (largest + 2,), "videos": (largest + 2,)}


def tally(numerators: Any, denominators: Any, largest: int) -> Summary:
    """Sums the numerators, and counts the videos, of each denominator.

    Args:
        numerators: integers, shape (videos,).
        denominators: integers of at least 0, shape (videos,).
        largest: those above it share the last place.

    Returns:
        `numerators` and `videos`: int32, shape (largest + 2,).
    """
    place = ops.minimum(denominators, largest + 1)
    data = {"numerators": numerators, "videos": ops.ones_like(place)}
    return {
        name: ops.segment_sum(values, place, num_segments=largest + 2)
        for name, values in data.items()
    }


def mean_fraction(summary: Summary, skips_empty: bool = False) -> Any:
    """The mean fraction, a float32 scalar, from what `tally` returns.

    0 when there are no videos; NaN when a denominator was too large.
    """
    numerators = ops.cast(summary["numerators"], "float32")
    videos = ops.cast(summary["videos"], "float32")
    places = ops.cast(ops.arange(numerators.shape[0]), "float32")
    total = ops.sum(numerators[1:-1] / places[1:-1])
    counted = videos[1:-1] if skips_empty else videos[:-1]
    mean = total / ops.maximum(ops.sum(counted), 1.0)
    return ops.where(videos[-1] > 0, float("nan"), mean)
