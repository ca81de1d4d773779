"""The scores of one class."""

from __future__ import annotations

from typing import NamedTuple


class ClassScores(NamedTuple):
    """How well one class is found.

    Attributes:
        index: the class.
        name: its name, where names were given.
        positives: videos that carry it.
        predicted: videos for which it is predicted at the threshold.
        average_precision: over every video's score; None without positives,
            or where only the top scores are kept.
        average_precision_top: over the scores that made a video's top k, and
            all positives; None without positives.
        precision: share of the predictions that are right; 0 if none.
        recall: share of the positives that are predicted; 0 if none.
        f1: their harmonic mean, 2 · hits / (predicted + positives).
    """

    index: int  # type: ignore[assignment]  # hides a method of tuples
    name: str | None
    positives: int
    predicted: int
    average_precision: float | None
    average_precision_top: float | None
    precision: float
    recall: float
    f1: float
