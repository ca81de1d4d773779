"""Masks, what they select, and what does not fit, by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion import layers
from keras_attend_fusion.layers.attention import dot_product_attention
from keras_attend_fusion.layers.attention_pooling import attention_pool
from keras_attend_fusion.layers.deep_bag_of_frames import masked_max
from keras_attend_fusion.layers.masking import as_mask, select
from keras_attend_fusion.layers.mean_pooling import masked_mean
from tests.layer_case import as_numpy, dtype_of

FRAMES = np.float32([[[1.0, 2.0], [5.0, 6.0], [np.nan, np.inf]]])
MASK = np.array([[7, 7, 0]], "int32")
MISFIT = r"a mask of shape \(3,\) for inputs of shape \(4, 3\)"


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32"])
def test_true_is_what_is_not_zero(dtype: str) -> None:
    mask = as_mask(np.array([0, 1, 255]).astype(dtype))
    assert dtype_of(mask) == "bool"
    assert keras.ops.convert_to_numpy(mask).tolist() == [False, True, True]


def test_fractions_and_negative_numbers_are_true() -> None:
    mask = as_mask(np.float32([0.0, 0.5, -2.0]))
    assert keras.ops.convert_to_numpy(mask).tolist() == [False, True, True]


def test_what_is_not_selected_is_zero() -> None:
    selected = as_numpy(select(FRAMES, MASK))
    assert selected.tolist() == [[[1, 2], [5, 6], [0, 0]]]
    assert select(FRAMES) is FRAMES


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_selecting_keeps_the_dtype(dtype: str) -> None:
    frames = keras.ops.cast(FRAMES, dtype)
    assert dtype_of(select(frames, MASK)) == dtype


def test_the_functions_alone_leave_padding_out() -> None:
    assert as_numpy(masked_mean(FRAMES, MASK)).tolist() == [[3, 4]]
    assert as_numpy(masked_max(FRAMES, MASK)).tolist() == [[5, 6]]
    scores = np.float32([[[0.0], [0.0], [np.nan]]])
    pooled, weights = attention_pool(FRAMES, scores, MASK)
    np.testing.assert_allclose(as_numpy(pooled), [[3, 4]], 1e-6)
    np.testing.assert_allclose(as_numpy(weights), [[[0.5, 0.5, 0]]], 1e-6)
    heads = FRAMES[:, None]
    query = np.zeros((1, 1, 3, 2), "float32")
    attended, _ = dot_product_attention(query, heads, heads, MASK)
    np.testing.assert_allclose(as_numpy(attended), [[[[3, 4]] * 3]], 1e-6)


def test_messages_name_both_shapes_or_the_dtype() -> None:
    pool = layers.MeanPooling()
    with pytest.raises(
        ValueError,
        match=r"^MeanPooling got a mask of shape \(1, 2\) for inputs of shape "
        r"\(1, 3, 2\); the mask needs the shape \(1, 3\)\.$",
    ):
        pool(FRAMES, mask=MASK[:, :2])
    with pytest.raises(ValueError, match=r"\(None, 2\) .* \(None, 3\)\.$"):
        pool(keras.Input((3, 4)), mask=keras.Input((2,)))
    with pytest.raises(
        ValueError, match=r"^MeanPooling got inputs of dtype uint8; .*Dequant"
    ):
        pool(np.zeros((1, 3, 2), "uint8"))
    with pytest.raises(
        ValueError, match=r"got inputs of shape \(0, 3, 2\); .*at least 1"
    ):
        pool(np.zeros((0, 3, 2), "float32"))


def test_vectors_and_their_masks() -> None:
    vectors = [np.ones((4, 3), "float32")] * 2
    for layer in (layers.JoinPresent(), layers.FusionHead(2)):
        with pytest.raises(ValueError, match=MISFIT):
            layer(vectors, mask=[np.ones(4), np.ones(3)])
        with pytest.raises(ValueError, match="inputs of dtype int32"):
            layer([x.astype("int32") for x in vectors], mask=[np.ones(4)] * 2)
    presence = layers.Presence()
    present = presence(vectors[0], mask=np.array([9, 0, 0, 9]))
    assert as_numpy(present).tolist() == [1, 0, 0, 1]
    with pytest.raises(ValueError, match=MISFIT):
        presence(vectors[0], mask=np.ones(3))


@pytest.mark.parametrize("dtype", ["bool", "int8"])
def test_what_holds_no_bytes_is_not_dequantised(dtype: str) -> None:
    for inputs in (np.ones((1, 2), dtype), keras.Input((2,), dtype=dtype)):
        with pytest.raises(ValueError, match=f"inputs of dtype {dtype}; it"):
            layers.Dequantize()(inputs)


def test_bytes_are_not_gated_and_not_classified() -> None:
    for layer in (layers.ContextGating(), layers.MixtureOfExperts(2)):
        with pytest.raises(ValueError, match="inputs of dtype uint8"):
            layer(np.ones((1, 2), "uint8"))
