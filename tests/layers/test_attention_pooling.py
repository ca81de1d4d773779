"""Attention pooling by hand."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from keras_attend_fusion.layers import AttentionPooling
from keras_attend_fusion.layers.attention_pooling import attention_pool
from tests.layer_test_case import as_numpy

LOG3 = math.log(3.0)
FRAMES = np.float32([[[0.0, 4.0, 8.0, 12.0], [LOG3, 8.0, 16.0, 20.0]]])


def pooling(queries: list[list[float]], **kwargs: int) -> AttentionPooling:
    layer = AttentionPooling(**kwargs)
    layer.build((None, None, len(queries)))
    layer.set_weights([np.float32(queries)])
    return layer


def test_weights_and_pooled_by_hand() -> None:
    # q = (1, 0, 0, 0): scores (0, log 3), weights (1/4, 3/4);
    # pooled = 3/4 log 3, 1 + 6, 2 + 12, 3 + 15.
    layer = pooling([[1.0], [0.0], [0.0], [0.0]])
    pooled, weights = layer(FRAMES, return_attention_scores=True)
    np.testing.assert_allclose(as_numpy(weights), [[[0.25, 0.75]]], 1e-5)
    np.testing.assert_allclose(
        as_numpy(pooled), [[0.75 * LOG3, 7.0, 14.0, 18.0]], 1e-5
    )


def test_each_head_weighs_its_own_part() -> None:
    # Head 0 as above, over features 0 and 1. Head 1 has a query of zeros:
    # the mean of features 2 and 3.
    layer = pooling(
        [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]], num_heads=2
    )
    pooled, weights = layer(FRAMES, return_attention_scores=True)
    np.testing.assert_allclose(
        as_numpy(weights), [[[0.25, 0.75], [0.5, 0.5]]], 1e-5
    )
    np.testing.assert_allclose(
        as_numpy(pooled), [[0.75 * LOG3, 7.0, 12.0, 16.0]], 1e-5
    )


def test_a_masked_frame_has_no_weight() -> None:
    frames = np.concatenate([FRAMES, np.full((1, 1, 4), 1e4)], 1)
    layer = pooling([[1.0], [0.0], [0.0], [0.0]])
    pooled, weights = layer(
        np.float32(frames),
        mask=np.array([[True, True, False]]),
        return_attention_scores=True,
    )
    np.testing.assert_allclose(as_numpy(weights), [[[0.25, 0.75, 0.0]]], 1e-5)
    np.testing.assert_allclose(
        as_numpy(pooled), [[0.75 * LOG3, 7.0, 14.0, 18.0]], 1e-5
    )


def test_an_all_masked_row_is_a_vector_of_zeros() -> None:
    layer = pooling([[1.0], [0.0], [0.0], [0.0]])
    pooled = layer(FRAMES, mask=np.array([[False, False]]))
    np.testing.assert_array_equal(as_numpy(pooled), np.zeros((1, 4)))


def test_untrained_it_is_the_mean() -> None:
    pooled = AttentionPooling()(FRAMES)
    np.testing.assert_allclose(
        as_numpy(pooled), [[LOG3 / 2, 6.0, 12.0, 16.0]], 1e-5
    )


def test_the_function_alone() -> None:
    scores = np.float32([[[0.0], [LOG3]]])
    pooled, weights = attention_pool(FRAMES, scores)
    np.testing.assert_allclose(as_numpy(weights), [[[0.25, 0.75]]], 1e-5)
    np.testing.assert_allclose(
        as_numpy(pooled), [[0.75 * LOG3, 7.0, 14.0, 18.0]], 1e-5
    )


def test_symbolic_weights_have_their_shape() -> None:
    frames = keras.Input((None, 4))
    pooled, weights = AttentionPooling(num_heads=2)(
        frames, return_attention_scores=True
    )
    assert pooled.shape == (None, 4)
    assert weights.shape == (None, 2, None)


def test_the_queries_can_be_regularised() -> None:
    # L2 of 0.1 on a query (2, 0, 0, 0): 0.1 * 4.
    layer = AttentionPooling(kernel_regularizer=keras.regularizers.L2(0.1))
    layer.build((None, None, 4))
    layer.set_weights([np.float32([[2.0], [0.0], [0.0], [0.0]])])
    assert float(as_numpy(layer.losses[0])) == pytest.approx(0.4)
    again = AttentionPooling.from_config(layer.get_config())
    assert isinstance(again.kernel_regularizer, keras.regularizers.L2)


def test_errors() -> None:
    with pytest.raises(ValueError, match="num_heads=0; it must be at least 1"):
        AttentionPooling(num_heads=0)
    with pytest.raises(ValueError, match="num_heads=3 for 4 features"):
        AttentionPooling(num_heads=3)(FRAMES)
    with pytest.raises(ValueError, match=r"it needs \(batch, frames, features"):
        AttentionPooling()(FRAMES[:, 0])
    with pytest.raises(ValueError, match="with the features known"):
        AttentionPooling()(keras.Input((None, None)))
