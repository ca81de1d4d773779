from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.data.quantisation import dequantised, quantised


def test_values_worked_out_by_hand():
    """A range of 0 to 510: steps of 2, and the byte 0 is 510 / 512."""
    values = dequantised(np.uint8([0, 1, 255]), (0, 510))
    np.testing.assert_allclose(values, [510 / 512, 2 + 510 / 512, 510.99609375])
    stored, clipped = quantised(np.float32([1, 2.9, 3.1, 511, 0]), (0, 510))
    assert stored.tolist() == [0, 1, 1, 255, 0]
    assert clipped == 0
    stored, clipped = quantised(np.float32([-0.1, 512.1, 9e9, -9e9]), (0, 510))
    assert stored.tolist() == [0, 255, 255, 0]
    assert clipped == 4


@pytest.mark.parametrize("span", [(-2, 2), (-0.03, 0.04), (5, 5000)])
def test_every_byte_comes_back(span):
    every = np.arange(256).astype(np.uint8)
    stored, clipped = quantised(dequantised(every, span), span)
    np.testing.assert_array_equal(stored, every)
    assert clipped == 0


def test_a_round_trip_is_within_half_a_step():
    span = (-0.2, 0.3)
    least, greatest = dequantised(np.uint8([0, 255]), span)
    values = np.random.default_rng(0).uniform(least, greatest, 10000)
    stored, clipped = quantised(values, span)
    error = np.abs(dequantised(stored, span) - values).max()
    assert error <= 0.5 * 0.5 / 255 * 1.001
    assert clipped == 0
