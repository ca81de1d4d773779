"""Every model, tiny, in builtin operations that say what Keras says."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from keras_attend_fusion import export, models
from keras_attend_fusion.export.float32 import as_float32
from tests.export.features import foreign_operations
from tests.export.test_run_time_shapes import shapes_made_at_run_time
from tests.models import peers, tiny

DENSE: dict[str, Any] = {
    "rgb_size": tiny.RGB,
    "audio_size": tiny.AUDIO,
    "units": 6,
    "depth": 2,
}


def tiny_model(name: str, level: str):
    if name in peers.SIZES:
        return peers.peer(name, level)
    sizes = tiny.SIZES if name == "attend_fusion" else DENSE
    model = models.build(name, "base", level, tiny.CLASSES, **sizes)
    tiny.randomise(model)
    return model


@pytest.mark.parametrize("level", ["video", "frame"])
@pytest.mark.parametrize("name", models.names())
def test_it_says_what_the_model_says(name, level, tmp_path):
    model = tiny_model(name, level)
    path = export.litert(model, tmp_path / "model.tflite")
    assert foreign_operations(path) == []
    assert shapes_made_at_run_time(path) == []
    loaded = export.load(path)
    for count in (4, 1):
        features = tiny.videos(level, count)
        features["audio"][-1] = 0
        if level == "frame":
            features["audio_mask"][-1] = False
        expected = np.asarray(model(features, training=False))
        np.testing.assert_allclose(loaded(features), expected, atol=1e-5)
    assert np.ptp(expected) > 1e-3


@pytest.mark.parametrize("level", ["video", "frame"])
@pytest.mark.parametrize("name", models.names())
def test_it_has_a_twin_in_float32(name, level):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = tiny_model(name, level)
    finally:
        keras.config.set_dtype_policy(before)
    twin = as_float32(mixed)
    found = {layer.dtype_policy.compute_dtype for layer in twin.layers}
    assert found == {"float32"}
