from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion.layers import JoinPresent

PICTURE = np.array([[1.0, 2.0], [3.0, 4.0]], "float32")
SOUND = np.array([[5.0], [6.0]], "float32")


def test_what_is_missing_is_zeros() -> None:
    there, missing = np.array([True, True]), np.array([True, False])
    joined = JoinPresent()([PICTURE, SOUND], mask=[there, missing])
    expected = [[1, 2, 5], [3, 4, 0]]
    assert keras.ops.convert_to_numpy(joined).tolist() == expected


@pytest.mark.parametrize("mask", [None, [np.array([True, True])]])
def test_every_vector_needs_a_mask(mask: list | None) -> None:
    given = 0 if mask is None else 1
    with pytest.raises(ValueError, match=f"2 vectors and {given} masks"):
        JoinPresent()([PICTURE, SOUND], mask=mask)
