"""The gate by hand."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from keras_attend_fusion.layers import ContextGating
from tests.layer_test_case import as_numpy

LOG3 = math.log(3.0)  # sigmoid(log 3) = 3/4, sigmoid(-log 3) = 1/4


def test_a_full_gate() -> None:
    # x = (1, 2): x W = (log 3, -log 3) with W = (log 3, log 3; 0, -log 3),
    # so the gates are 3/4 and 1/4.
    layer = ContextGating()
    layer.build((None, 2))
    layer.gate.set_weights(
        [np.float32([[LOG3, LOG3], [0.0, -LOG3]]), np.zeros(2)]
    )
    outputs = layer(np.float32([[1.0, 2.0]]))
    np.testing.assert_allclose(as_numpy(outputs), [[0.75, 0.5]], 1e-5)


def test_the_bias_opens_the_gate() -> None:
    layer = ContextGating()
    layer.build((None, 2))
    layer.gate.set_weights([np.zeros((2, 2)), np.float32([LOG3, -LOG3])])
    outputs = layer(np.float32([[8.0, 8.0], [-4.0, 4.0]]))
    np.testing.assert_allclose(as_numpy(outputs), [[6, 2], [-3, 1]], 1e-5)


def test_a_factored_gate() -> None:
    # x = (1, 2) squeezed to 3, then to (log 3, 0): gates 3/4 and 1/2.
    layer = ContextGating(rank=1)
    layer.build((None, 2))
    layer.squeeze.set_weights([np.float32([[1.0], [1.0]])])
    layer.gate.set_weights([np.float32([[LOG3 / 3, 0.0]]), np.zeros(2)])
    outputs = layer(np.float32([[1.0, 2.0]]))
    np.testing.assert_allclose(as_numpy(outputs), [[0.75, 1.0]], 1e-5)


def test_a_rank_keeps_the_gate_small() -> None:
    full, factored = ContextGating(), ContextGating(rank=2)
    full.build((None, 8))
    factored.build((None, 8))
    assert full.count_params() == 8 * 8 + 8
    assert factored.count_params() == 8 * 2 + 2 * 8 + 8


def test_a_mask_is_passed_on() -> None:
    masked = keras.layers.Masking()(np.float32([[[1, 1], [0, 0]]]))
    outputs = ContextGating()(masked)
    mask = keras.ops.convert_to_numpy(outputs._keras_mask)
    np.testing.assert_array_equal(mask, [[True, False]])


@pytest.mark.parametrize("rank", [0, -1])
def test_a_rank_below_one(rank: int) -> None:
    with pytest.raises(ValueError, match=f"rank={rank}; pass at least 1"):
        ContextGating(rank=rank)
