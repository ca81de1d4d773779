"""A deep bag of frames by hand."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.layers import DeepBagOfFrames
from keras_attend_fusion.layers.deep_bag_of_frames import masked_max
from tests.layer_test_case import as_numpy

FRAMES = np.float32([[[1, -2], [3, 8], [5, 5]]])
MASK = np.array([[True, True, False]])


def bag(pooling: str) -> DeepBagOfFrames:
    """A layer that projects features to themselves and does not normalise."""
    layer = DeepBagOfFrames(num_clusters=2, pooling=pooling)
    layer.build((None, None, 2))
    layer.project.set_weights([np.eye(2, dtype="float32")])
    variance = np.full(2, 1.0 - layer.norm.epsilon, "float32")
    layer.norm.set_weights([np.ones(2), np.zeros(2), np.zeros(2), variance])
    return layer


def test_the_maximum_by_hand() -> None:
    # relu6 of the two real frames: (1, 0) and (3, 6).
    pooled = as_numpy(bag("max")(FRAMES, mask=MASK))
    np.testing.assert_allclose(pooled, [[3, 6]], 1e-5)
    pooled = as_numpy(bag("max")(FRAMES))
    np.testing.assert_allclose(pooled, [[5, 6]], 1e-5)


def test_the_mean_by_hand() -> None:
    pooled = as_numpy(bag("mean")(FRAMES, mask=MASK))
    np.testing.assert_allclose(pooled, [[2, 3]], 1e-5)


def test_the_norm_by_hand() -> None:
    # gamma 2, beta 1, mean 1, variance 4: 2 * (x - 1) / 2 + 1 = x.
    layer = bag("max")
    layer.norm.set_weights(
        [
            np.full(2, 2.0),
            np.ones(2),
            np.ones(2),
            np.full(2, 4.0 - layer.norm.epsilon),
        ]
    )
    pooled = as_numpy(layer(FRAMES, mask=MASK))
    np.testing.assert_allclose(pooled, [[3, 6]], 1e-5)


@pytest.mark.parametrize("pooling", ["max", "mean"])
def test_an_all_masked_row_is_a_vector_of_zeros(pooling: str) -> None:
    pooled = bag(pooling)(FRAMES, mask=np.zeros((1, 3), bool))
    np.testing.assert_array_equal(as_numpy(pooled), np.zeros((1, 2)))


def test_the_function_alone() -> None:
    frames = np.abs(FRAMES)
    np.testing.assert_array_equal(as_numpy(masked_max(frames)), [[5, 8]])
    np.testing.assert_array_equal(as_numpy(masked_max(frames, MASK)), [[3, 8]])


def test_errors() -> None:
    with pytest.raises(ValueError, match="num_clusters=0; it must be at"):
        DeepBagOfFrames(0)
    with pytest.raises(ValueError, match=r"'sum'; pass one of \('max', 'mean"):
        DeepBagOfFrames(4, "sum")
    with pytest.raises(ValueError, match=r"needs \(batch, frames, features"):
        DeepBagOfFrames(4)(FRAMES[:, 0])
