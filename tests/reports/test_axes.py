"""Round ticks, worked out by hand."""

from __future__ import annotations

import math

import pytest

from keras_attend_fusion.reports.axes import axis_of, round_ticks


@pytest.mark.parametrize(
    ("values", "settings", "labels"),
    [
        ([0.0, 1.0], {}, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ([0.71, 0.7234], {}, ["0.710", "0.715", "0.720"]),
        ([1, 2, 3], {"whole": True}, ["1", "2", "3"]),
        ([1, 300], {"whole": True}, ["100", "200", "300"]),
        ([7], {"whole": True}, ["7"]),
        ([-4.0, 4.0], {"count": 5}, ["−4", "−2", "0", "2", "4"]),
        (
            [1.0, 1.0],
            {"most": 1.0},
            ["0.90", "0.92", "0.94", "0.96", "0.98", "1.00"],
        ),
        (
            [0.0, 0.0],
            {"least": 0.0},
            ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"],
        ),
        ([0.0, 12_000.0], {"unit": " s"}, ["0 s", "5,000 s", "10,000 s"]),
        ([math.nan, math.inf, 2.0, 4.0], {"count": 4}, ["2", "3", "4"]),
        ([], {"count": 3}, ["0.0", "0.5", "1.0"]),
    ],
)
def test_labels(values, settings, labels):
    axis = axis_of(values, **settings)
    assert [axis.label(tick) for tick in axis.ticks] == labels


@pytest.mark.parametrize("low", [-3.7, 0.0, 1e-6, 12345.678])
@pytest.mark.parametrize("span", [1e-4, 0.3, 1.0, 7.77, 5e9])
def test_ticks_are_few_round_and_inside(low, span):
    ticks, step = round_ticks(low, low + span, 6)
    assert 2 <= len(ticks) <= 6
    digit = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert round(digit, 6) in (1, 2, 5)
    for tick in ticks:
        assert low - step * 1e-6 <= tick <= low + span + step * 1e-6
        assert tick / step == pytest.approx(round(tick / step), abs=1e-6)


def test_every_value_lies_inside_with_room():
    values = [3.0, 9.0, math.nan]
    axis = axis_of(values, least=5.0, most=6.0)  # which are not true
    assert axis.part(3.0) == pytest.approx(0.05 / 1.1)
    assert axis.part(9.0) == pytest.approx(1.05 / 1.1)
    assert all(3.0 <= tick <= 9.0 for tick in axis.ticks)
