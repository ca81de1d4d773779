"""What the audio and the visual branch share."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from keras_attend_fusion.layers import AudioAttention, VisualAttention
from tests.layer_test_case import as_numpy
from tests.layers.cases import FRAMES, MASK

BRANCHES = [AudioAttention, VisualAttention]
SIZES = {"num_heads": 2, "key_dim": 4, "pooling_heads": 2}


def branch(branch_class: Any, **kwargs: Any) -> Any:
    """A branch whose pooling queries are no longer zeros."""
    keras.utils.set_random_seed(4)
    layer = branch_class(**{**SIZES, **kwargs})
    layer.build((None, None, 8))
    queries = np.random.default_rng(6).normal(size=(8, 2))
    layer.pooling.set_weights([queries.astype("float32")])
    return layer


@pytest.mark.parametrize("branch_class", BRANCHES)
def test_attention_scores(branch_class: Any) -> None:
    pooled, frames, pooling = branch(branch_class)(
        FRAMES, mask=MASK, return_attention_scores=True
    )
    assert tuple(pooled.shape) == (3, 8)
    assert tuple(frames.shape) == (3, 2, 5, 5)
    assert tuple(pooling.shape) == (3, 2, 5)
    # Over the real frames they sum to 1; a video of none has no weights.
    np.testing.assert_allclose(
        as_numpy(frames).sum(-1),
        np.ones((3, 2, 5)) * [[[1]], [[1]], [[0]]],
        1e-5,
    )
    np.testing.assert_allclose(
        as_numpy(pooling).sum(-1), np.ones((3, 2)) * [[1], [1], [0]], 1e-5
    )
    assert not as_numpy(frames)[0, :, :, 3:].any()
    assert not as_numpy(pooling)[0, :, 3:].any()
    assert (as_numpy(pooling)[0, :, :3] > 0).all()


@pytest.mark.parametrize("branch_class", BRANCHES)
def test_symbolic_scores_have_their_shapes(branch_class: Any) -> None:
    pooled, frames, pooling = branch(branch_class)(
        keras.Input((None, 8)), return_attention_scores=True
    )
    assert pooled.shape == (None, 8)
    assert frames.shape == (None, 2, None, None)
    assert pooling.shape == (None, 2, None)


@pytest.mark.parametrize("branch_class", BRANCHES)
def test_it_is_attention_then_pooling(branch_class: Any) -> None:
    layer = branch(branch_class)
    by_hand = layer.pooling(layer.attention(FRAMES, mask=MASK), mask=MASK)
    np.testing.assert_allclose(
        as_numpy(layer(FRAMES, mask=MASK)), as_numpy(by_hand), atol=1e-6
    )


@pytest.mark.parametrize("branch_class", BRANCHES)
def test_padding_is_the_same_as_no_frame(branch_class: Any) -> None:
    layer = branch(branch_class)
    padded = FRAMES.copy()
    padded[0, 3:] = 100.0
    np.testing.assert_allclose(
        as_numpy(layer(padded, mask=MASK))[0],
        as_numpy(layer(FRAMES[:1, :3]))[0],
        atol=1e-5,
    )


@pytest.mark.parametrize("branch_class", BRANCHES)
def test_a_video_of_no_frames_is_zeros(branch_class: Any) -> None:
    outputs = as_numpy(branch(branch_class)(FRAMES, mask=MASK))
    np.testing.assert_array_equal(outputs[2], np.zeros(8))
    assert outputs[0].any()


@pytest.mark.parametrize("branch_class", BRANCHES)
def test_the_order_of_frames_does_not_matter(branch_class: Any) -> None:
    layer = branch(branch_class)
    np.testing.assert_allclose(
        as_numpy(layer(FRAMES[:, ::-1].copy())),
        as_numpy(layer(FRAMES)),
        atol=1e-5,
    )


@pytest.mark.parametrize("branch_class", BRANCHES)
def test_errors(branch_class: Any) -> None:
    with pytest.raises(ValueError, match="num_heads=0 and key_dim=4"):
        branch_class(**{**SIZES, "num_heads": 0})
    with pytest.raises(ValueError, match="num_heads=0; it must be at least 1"):
        branch_class(**{**SIZES, "pooling_heads": 0})
    with pytest.raises(ValueError, match="num_heads=3 for 8 features"):
        branch_class(**{**SIZES, "pooling_heads": 3})(FRAMES)
    with pytest.raises(ValueError, match=r"needs \(batch, positions, features"):
        branch_class(**SIZES)(FRAMES[:, 0])
