"""Bytes to values, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.layers import Dequantize
from keras_attend_fusion.layers.dequantize import dequantize
from tests.layer_test_case import as_numpy

# x = q * 4/255 + 4/512 - 2:
#   q = 0    0        + 0.0078125 - 2 = -1.9921875
#   q = 128  2.007843 + 0.0078125 - 2 =  0.0156556
#   q = 255  4        + 0.0078125 - 2 =  2.0078125
BYTES = [0, 128, 255]
VALUES = [-1.9921875, 0.0156556, 2.0078125]


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
def test_bytes_become_values(dtype: str) -> None:
    outputs = as_numpy(Dequantize()(np.array([BYTES], dtype)))
    np.testing.assert_allclose(outputs, [VALUES], atol=1e-6)


def test_the_function_alone() -> None:
    outputs = as_numpy(dequantize(np.array(BYTES, "uint8")))
    np.testing.assert_allclose(outputs, VALUES, atol=1e-6)


def test_another_range() -> None:
    # On [0, 1] the step is 1/255 and the offset 1/512 = 0.001953125.
    outputs = Dequantize(0.0, 1.0)(np.array([[0, 51, 255]], "uint8"))
    np.testing.assert_allclose(
        as_numpy(outputs), [[0.001953125, 0.201953125, 1.001953125]], 1e-6
    )


def test_padding_is_zero_after_dequantisation() -> None:
    frames = np.array([[BYTES, BYTES, BYTES]], "uint8")
    outputs = as_numpy(
        Dequantize()(frames, mask=np.array([[True, False, True]]))
    )
    np.testing.assert_allclose(
        outputs, [[VALUES, [0.0, 0.0, 0.0], VALUES]], atol=1e-6
    )


def test_a_mask_over_vectors() -> None:
    vectors = np.array([BYTES, BYTES], "uint8")
    outputs = as_numpy(Dequantize()(vectors, mask=np.array([False, True])))
    np.testing.assert_allclose(outputs, [[0.0, 0.0, 0.0], VALUES], atol=1e-6)


def test_floats_pass_unless_masked() -> None:
    frames = np.float32([[[0.0, 255.0], [-3.5, 128.0]]])
    np.testing.assert_array_equal(as_numpy(Dequantize()(frames)), frames)
    outputs = Dequantize()(frames, mask=np.array([[False, True]]))
    np.testing.assert_array_equal(
        as_numpy(outputs), [[[0.0, 0.0], [-3.5, 128.0]]]
    )


@pytest.mark.parametrize(("low", "high"), [(2.0, -2.0), (1.0, 1.0)])
def test_a_range_the_wrong_way_round(low: float, high: float) -> None:
    with pytest.raises(
        ValueError, match=f"max_value={high} and min_value={low}.*larger"
    ):
        Dequantize(low, high)
