"""What pages and plots both draw, as numbers."""

from __future__ import annotations

import numpy as np

from keras_attend_fusion.metrics import Calibration
from keras_attend_fusion.reports.series import (
    Bars,
    Line,
    calibration_lines,
    loss_line,
    score_lines,
)
from tests.reports import made

HISTORY = [made.epoch(1, 4.0, 0.25), made.epoch(2, 2.0, 0.75)]


def test_a_history_by_epoch():
    assert loss_line(HISTORY) == Line("loss", [1, 2], [4.0, 2.0])
    assert score_lines(HISTORY) == [
        Line("GAP@20", [1, 2], [0.25, 0.75], kind=0),
        Line("Hit@1", [1, 2], [0.125, 0.375], kind=2),
    ]
    assert score_lines([{"epoch": 1.0, "loss": 2.0}]) == []


def test_empty_bins_are_left_out_of_the_calibration():
    curve = Calibration(
        np.array([0.1, np.nan, 0.9]),
        np.array([0.2, np.nan, 0.7]),
        np.array([50, 0, 10]),
    )
    perfect, model = calibration_lines(curve)
    assert (perfect.x, perfect.y) == ((0, 1), (0, 1))
    assert not perfect.has_dots
    assert (model.x, model.y) == ([0.1, 0.9], [0.2, 0.7])


def test_many_dots_and_bars_make_room():
    assert Line("a", range(60), range(60)).has_dots
    assert not Line("a", range(61), range(61)).has_dots
    assert Bars([0.0] * 60).width == 0.9
    assert Bars([0.0] * 61).width == 1.0
