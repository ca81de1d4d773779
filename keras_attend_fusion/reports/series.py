"""The lines and bars that the pages and the plots both draw, as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from keras_attend_fusion.metrics import Calibration
from keras_attend_fusion.reports.metric_names import NAMES

MOST_DOTS = 60  # points, of which more would hide their line under dots
MOST_APART = 60  # bars, of which more have no room between them
SCORES = ("gap_at_20", "f1_micro", "hit_at_1")  # drawn by epoch


@dataclass(frozen=True)
class Line:
    """A curve.

    Attributes:
        name: What it is called, plain text.
        x: Rising.
        y: As many; what is not finite is left out.
        kind: Its colour and dashes, from 0 on.
        dots: Whether each point has a dot.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    kind: int = 0
    dots: bool = True

    @property
    def has_dots(self) -> bool:
        """Whether dots are asked for and leave the line in sight."""
        return self.dots and len(self.x) <= MOST_DOTS


@dataclass(frozen=True)
class Bars:
    """A bar at each place 0, 1, …; from 0, up or down.

    Attributes:
        heights: The value at each place.
        kind: Their colour, from 0 on.
        hidden: Whether they wait to be chosen.
    """

    heights: Sequence[float]
    kind: int = 0
    hidden: bool = False

    @property
    def width(self) -> float:
        """Of a bar, where places are 1 apart."""
        return 1.0 if len(self.heights) > MOST_APART else 0.9


def loss_line(history: Sequence[Mapping[str, float]]) -> Line:
    """The loss on the training videos, by epoch."""
    return _line(history, "loss", "loss", 0)


def score_lines(history: Sequence[Mapping[str, float]]) -> list[Line]:
    """The scores on the validation videos that the history has, by epoch."""
    return [
        _line(history, f"val_{key}", NAMES[key], kind)
        for kind, key in enumerate(SCORES)
        if f"val_{key}" in history[0]
    ]


def calibration_lines(curve: Calibration) -> tuple[Line, Line]:
    """Perfect calibration, and the share of hits in each bin that has any."""
    filled = curve.predictions > 0
    return (
        Line("perfectly calibrated", (0, 1), (0, 1), kind=2, dots=False),
        Line(
            "the model",
            np.asarray(curve.confidence)[filled].tolist(),
            np.asarray(curve.accuracy)[filled].tolist(),
        ),
    )


def _line(
    history: Sequence[Mapping[str, float]], key: str, name: str, kind: int
) -> Line:
    return Line(
        name,
        [row["epoch"] for row in history],
        [row[key] for row in history],
        kind,
    )
