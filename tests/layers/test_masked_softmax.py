"""The softmax over real positions, by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from keras_attend_fusion.layers.masked_softmax import masked_softmax
from tests.layer_test_case import as_numpy, dtype_of

LOG3 = math.log(3.0)


def weights(logits: Any, mask: Any = None) -> np.ndarray:
    mask = None if mask is None else np.array(mask)
    return as_numpy(masked_softmax(np.float32(logits), mask))


def test_without_a_mask_it_is_the_softmax() -> None:
    # exp(0) = 1 and exp(log 3) = 3, of 4 in all.
    np.testing.assert_allclose(weights([[0.0, LOG3]]), [[0.25, 0.75]], 1e-5)


def test_masked_positions_share_nothing() -> None:
    got = weights([[0.0, LOG3, 5.0]], [[True, True, False]])
    np.testing.assert_allclose(got, [[0.25, 0.75, 0.0]], 1e-5)


@pytest.mark.parametrize("huge", [100.0, 1e9, 1e30, -1e9, -1e30])
def test_a_huge_masked_logit_changes_nothing(huge: float) -> None:
    got = weights([[0.0, huge, LOG3]], [[True, False, True]])
    np.testing.assert_allclose(got, [[0.25, 0.0, 0.75]], 1e-5)


def test_a_masked_logit_cannot_push_real_ones_below_zero() -> None:
    # Far below the masked 0, and yet real: exp(0) and exp(log 3) apart.
    got = weights([[-900.0, -900.0 + LOG3, 0.0]], [[True, True, False]])
    np.testing.assert_allclose(got, [[0.25, 0.75, 0.0]], 1e-3)


def test_real_logits_far_apart() -> None:
    got = weights([[-1000.0, 0.0, 7.0]], [[True, True, False]])
    np.testing.assert_allclose(got, [[0.0, 1.0, 0.0]], atol=1e-6)


def test_all_masked_gives_zeros() -> None:
    got = weights([[1.0, 2.0], [0.0, LOG3]], [[False, False], [True, True]])
    np.testing.assert_allclose(got, [[0.0, 0.0], [0.25, 0.75]], 1e-5)


def test_one_real_position_among_very_many() -> None:
    mask = np.arange(50_000) == 123
    got = weights(np.zeros((1, 50_000)), mask[None])
    np.testing.assert_allclose(got, np.float32(mask)[None], atol=1e-5)


def test_the_mask_broadcasts() -> None:
    got = weights(np.zeros((1, 2, 2, 3)), [[[[True, True, False]]]])
    assert got.shape == (1, 2, 2, 3)
    np.testing.assert_allclose(got, np.full((1, 2, 2, 3), 0.5) * [1, 1, 0])


def test_a_mask_of_numbers_is_a_mask() -> None:
    got = weights([[0.0, LOG3, 5.0]], [[1, 1, 0]])
    np.testing.assert_allclose(got, [[0.25, 0.75, 0.0]], 1e-5)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32"])
def test_a_mask_is_true_wherever_it_is_not_zero(dtype: str) -> None:
    mask = np.array([[255, 1, 0]]).astype(dtype)
    got = weights([[0.0, LOG3, 5.0]], mask)
    np.testing.assert_allclose(got, [[0.25, 0.75, 0.0]], 1e-5)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_masked_logit_that_is_not_a_number(value: float) -> None:
    got = weights(
        [[0.0, value, LOG3], [value, value, value]],
        [[True, False, True], [False, False, False]],
    )
    np.testing.assert_allclose(got, [[0.25, 0.0, 0.75], [0, 0, 0]], 1e-5)


def test_half_precision_comes_back_as_it_came() -> None:
    # 60000 is near the end of float16: in that type 3 times it overflows.
    logits = np.float16([[60000.0, 60000.0, -60000.0]])
    got = masked_softmax(logits, np.array([[True, True, True]]))
    assert dtype_of(got) == "float16"
    np.testing.assert_allclose(as_numpy(got), [[0.5, 0.5, 0.0]])


def test_half_precision_is_worked_out_in_float32() -> None:
    # 80,000 terms of 1 pass the end of float16, 65504; each weight is
    # 1.25e-5, which float16 still tells from its neighbours to 0.3 %.
    got = masked_softmax(np.zeros((1, 80_000), "float16"))
    np.testing.assert_allclose(
        as_numpy(got), np.full((1, 80_000), 1.25e-5), rtol=5e-3
    )
