"""How far scores are from the shares of hits they promise."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

# Scores are added up as whole multiples of 2^-32: up to 2^20 at a time, which
# float64 does exactly, and in all up to 2^31, which int64 has room for.
_UNIT = 2.0**32
_AT_A_TIME = 2**20


class Calibration(NamedTuple):
    """Predictions divided by score into bins of one width from 0 to 1.

    Attributes:
        confidence: mean score of each bin, NaN where it is empty.
        accuracy: share of hits in each bin, NaN where it is empty.
        predictions: how many there are in each bin.
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    predictions: np.ndarray

    @property
    def error(self) -> float:
        """Expected calibration error, Σ n · |accuracy - confidence| / Σ n.

        0 for no predictions. From 0, perfectly calibrated, to 1.
        """
        filled = self.predictions > 0
        gaps = np.abs(self.accuracy - self.confidence)[filled]
        total = int(self.predictions.sum())
        weighted = (gaps * self.predictions[filled]).tolist()
        return math.fsum(weighted) / total if total else 0.0


def calibration(scores: np.ndarray, hits: np.ndarray, bins: int) -> Calibration:
    """Compares scores with the share of hits among them.

    A score s falls into bin floor(s · bins), 1 into the last. Scores are
    rounded to multiples of 2^-32 first: their sums are then exact, and the
    same in any order.

    Args:
        scores: float32 from 0 to 1, shape (predictions,).
        hits: booleans of that shape.
        bins: how many bins there are.

    Returns:
        A `Calibration` with arrays of shape (bins,).

    Example:

    Both scores of the upper bin are hits, with mean 0.75; the lower has none
    at 0.25: (2 · |1 - 0.75| + 1 · |0 - 0.25|) / 3.

    >>> scores = np.array([0.75, 0.75, 0.25], dtype="float32")
    >>> result = calibration(scores, np.array([True, True, False]), bins=2)
    >>> result.predictions, result.error
    (array([1, 2]), 0.25)
    """
    sums, hit_counts, count = np.zeros((3, bins), "int64")
    for start in range(0, scores.size, _AT_A_TIME):
        piece = scores[start : start + _AT_A_TIME].astype("float64")
        place = np.minimum((piece * bins).astype("int64"), bins - 1)
        units = np.bincount(place, np.rint(piece * _UNIT), bins)
        hits_here = np.bincount(place, hits[start : start + _AT_A_TIME], bins)
        sums += units.astype("int64")
        hit_counts += hits_here.astype("int64")
        count += np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        return Calibration(sums / _UNIT / count, hit_counts / count, count)
