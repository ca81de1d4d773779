"""The mean over frames, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.layers import MeanPooling
from keras_attend_fusion.layers.mean_pooling import masked_mean
from tests.layer_test_case import as_numpy

FRAMES = np.float32([[[2.0, 0.0], [4.0, 3.0], [9.0, 9.0]]])


def test_without_a_mask() -> None:
    np.testing.assert_allclose(as_numpy(MeanPooling()(FRAMES)), [[5, 4]], 1e-6)


def test_over_real_frames_only() -> None:
    mask = np.array([[True, True, False]])
    outputs = as_numpy(MeanPooling()(FRAMES, mask=mask))
    np.testing.assert_allclose(outputs, [[3.0, 1.5]], 1e-6)
    np.testing.assert_allclose(as_numpy(masked_mean(FRAMES, mask)), outputs)


def test_no_real_frame_gives_zeros() -> None:
    outputs = MeanPooling()(FRAMES, mask=np.array([[False] * 3]))
    np.testing.assert_array_equal(as_numpy(outputs), [[0.0, 0.0]])


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_many_frames_in_half_precision(policy: str) -> None:
    # In bfloat16 256 + 1 is 256, so a running count or sum of 300 ones could
    # stop there.
    frames = np.ones((1, 300, 2), "float32")
    mask = np.ones((1, 300), "bool")
    for given in (mask, None):
        outputs = MeanPooling(dtype=policy)(frames, mask=given)
        np.testing.assert_allclose(as_numpy(outputs), [[1.0, 1.0]], atol=0.01)
