"""Which modalities are there, by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion.layers import Presence
from tests.layer_test_case import dtype_of


def found(inputs: np.ndarray, mask: np.ndarray | None = None) -> list[bool]:
    outputs = Presence()(inputs, mask=mask)
    assert dtype_of(outputs) == "bool"
    return keras.ops.convert_to_numpy(outputs).tolist()


@pytest.mark.parametrize("dtype", ["float32", "uint8", "int32"])
def test_a_row_of_zeros_is_missing(dtype: str) -> None:
    vectors = np.array([[0, 3, 0], [0, 0, 0], [1, 1, 1]], dtype)
    assert found(vectors) == [True, False, True]


def test_negative_and_small_values_are_there() -> None:
    assert found(np.float32([[-2.0, 2.0], [1e-6, 0.0]])) == [True, True]


def test_a_mask_decides_over_frames() -> None:
    frames = np.ones((3, 2, 4), "uint8")
    mask = np.array([[True, False], [False, False], [True, True]])
    assert found(frames, mask) == [True, False, True]
    assert found(np.zeros_like(frames), mask) == [True, False, True]


def test_frames_without_a_mask() -> None:
    with pytest.raises(ValueError, match=r"\(3, 2, 4\) and no mask; pass one"):
        Presence()(np.ones((3, 2, 4), "uint8"))


def test_symbolic_frames_without_a_mask() -> None:
    with pytest.raises(ValueError, match="and no mask; pass one vector"):
        Presence()(keras.Input((None, 4)))
