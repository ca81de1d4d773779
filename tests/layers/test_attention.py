"""Self-attention by hand."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from keras_attend_fusion.layers import SelfAttention
from keras_attend_fusion.layers.attention import (
    dot_product_attention,
    split_heads,
)
from tests.layer_test_case import as_numpy

# Two positions of three features, (s, 0, 0) and (0, s, 0), under identity
# projections: the logits q k^T / sqrt(3) are s^2 / sqrt(3) for a position
# with itself and 0 with the other. With s^2 = sqrt(3) log 3 the weights are
# 3/4 and 1/4.
S = math.sqrt(math.sqrt(3.0) * math.log(3.0))
POSITIONS = np.float32([[[S, 0.0, 0.0], [0.0, S, 0.0]]])
WEIGHTS = [[[[0.75, 0.25], [0.25, 0.75]]]]

# Position 0 attends to (3/4, 1/4, 0) s; with the residual it is
# (7/4, 1/4, 0) s. Less the mean 2/3 that is (13/12, -5/12, -2/3) s, of
# variance (169 + 25 + 64) / 144 / 3 = 0.5972222, so of deviation 0.772802:
# the norm gives (1.401825, -0.539164, -0.862662) whatever s is.
NORMED = [1.401825, -0.539164, -0.862662]


def identity_layer() -> SelfAttention:
    layer = SelfAttention(num_heads=1, key_dim=3)
    layer.build((None, None, 3))
    eye = np.eye(3, dtype="float32")
    layer.qkv.set_weights([np.concatenate([eye, eye, eye], 1), np.zeros(9)])
    layer.projection.set_weights([eye, np.zeros(3)])
    return layer


def test_one_head_with_identity_weights() -> None:
    outputs, weights = identity_layer()(POSITIONS, return_attention_scores=True)
    np.testing.assert_allclose(as_numpy(weights), WEIGHTS, rtol=1e-5)
    swapped = [NORMED[1], NORMED[0], NORMED[2]]
    np.testing.assert_allclose(
        as_numpy(outputs), [[NORMED, swapped]], atol=1e-4
    )


def test_the_norm_scales_and_shifts() -> None:
    layer = identity_layer()
    layer.norm.set_weights([np.float32([1, 2, 3]), np.float32([10, 20, 30])])
    first = as_numpy(layer(POSITIONS))[0, 0]
    expected = [
        10 + 1 * NORMED[0],
        20 + 2 * NORMED[1],
        30 + 3 * NORMED[2],
    ]
    np.testing.assert_allclose(first, expected, atol=1e-3)


def test_a_masked_position_is_not_attended() -> None:
    padded = np.concatenate([POSITIONS, np.full((1, 1, 3), 50.0)], 1)
    outputs, weights = identity_layer()(
        np.float32(padded),
        mask=np.array([[True, True, False]]),
        return_attention_scores=True,
    )
    weights = as_numpy(weights)
    np.testing.assert_allclose(weights[..., :2, :2], WEIGHTS, rtol=1e-5)
    np.testing.assert_array_equal(weights[..., 2], np.zeros((1, 1, 3)))
    np.testing.assert_allclose(as_numpy(outputs)[0, 0], NORMED, atol=1e-4)


def test_masked_positions_count_as_zeros() -> None:
    # Position 0 attends to itself alone: norm(2 s, 0, 0), less the mean
    # (2/3, -1/3, -1/3) 2 s, of deviation sqrt(2)/3 2 s. Position 1 is zeros
    # and attends to position 0: norm(s, 0, 0), the same.
    outputs = as_numpy(
        identity_layer()(POSITIONS, mask=np.array([[True, False]]))
    )
    root = math.sqrt(2.0)
    row = [root, -1 / root, -1 / root]
    np.testing.assert_allclose(outputs, [[row, row]], atol=1e-4)
    # Where all are masked, nothing is attended and nothing is left.
    outputs = as_numpy(
        identity_layer()(POSITIONS, mask=np.array([[False, False]]))
    )
    np.testing.assert_array_equal(outputs, np.zeros((1, 2, 3)))


def test_heads_are_cut_from_the_features() -> None:
    # Two positions of two heads of two: (1 2 | 3 4), (5 6 | 7 8).
    inputs = np.float32([[[1, 2, 3, 4], [5, 6, 7, 8]]])
    np.testing.assert_array_equal(
        as_numpy(split_heads(inputs, 2)),
        [[[[1, 2], [5, 6]], [[3, 4], [7, 8]]]],
    )


def test_heads_attend_apart() -> None:
    # Size 1, so no scaling. Head 0: q k = 0 throughout, the mean of 2 and 6.
    # Head 1: logits (0, log 3), so 1/4 * 4 + 3/4 * 8.
    query = np.float32([[[[0.0], [0.0]], [[1.0], [1.0]]]])
    key = np.float32([[[[1.0], [1.0]], [[0.0], [math.log(3.0)]]]])
    value = np.float32([[[[2.0], [6.0]], [[4.0], [8.0]]]])
    attended, weights = dot_product_attention(query, key, value)
    np.testing.assert_allclose(
        as_numpy(attended), [[[[4.0], [4.0]], [[7.0], [7.0]]]], 1e-5
    )
    np.testing.assert_allclose(as_numpy(weights)[0, 1, 0], [0.25, 0.75], 1e-5)


def test_a_keras_mask_is_passed_on() -> None:
    masked = keras.layers.Masking()(np.float32([[[1, 1, 1], [0, 0, 0]]]))
    _, weights = identity_layer()(masked, return_attention_scores=True)
    np.testing.assert_allclose(
        as_numpy(weights), [[[[1.0, 0.0], [1.0, 0.0]]]], atol=1e-6
    )


def test_dropout_only_when_training() -> None:
    layer = SelfAttention(num_heads=1, key_dim=3, dropout=0.9)
    still = as_numpy(layer(POSITIONS, training=False))
    np.testing.assert_array_equal(
        as_numpy(layer(POSITIONS, training=False)), still
    )
    runs = [as_numpy(layer(POSITIONS, training=True)) for _ in range(5)]
    assert any(not np.allclose(run, still) for run in runs)


@pytest.mark.parametrize(("heads", "size"), [(0, 4), (2, 0)])
def test_counts_below_one(heads: int, size: int) -> None:
    with pytest.raises(
        ValueError, match=f"num_heads={heads} and key_dim={size}; both must"
    ):
        SelfAttention(heads, size)


def test_an_input_without_positions() -> None:
    with pytest.raises(ValueError, match=r"needs \(batch, positions, features"):
        SelfAttention()(POSITIONS[0])
