"""The float32 twin of a model in mixed precision."""

from __future__ import annotations

import numpy as np

from keras_attend_fusion.export.float32 import as_float32
from tests.export.features import video_level


def test_a_float32_model_is_its_own_twin(video):
    assert as_float32(video.model) is video.model


def test_a_twin_has_the_weights_and_computes_in_float32(mixed):
    before = {layer.dtype_policy.compute_dtype for layer in mixed.layers}
    assert "bfloat16" in before
    twin = as_float32(mixed)
    assert {layer.dtype_policy.compute_dtype for layer in twin.layers} == {
        "float32"
    }
    assert list(twin.input) == list(mixed.input)
    for one, other in zip(twin.get_weights(), mixed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    features = video_level(2)
    difference = np.abs(
        np.asarray(twin(features)) - np.asarray(mixed(features))
    )
    assert 0.0 < difference.max() < 0.02
