"""Attention over seconds: heads averaged, attended seconds credited."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion import layers
from keras_attend_fusion.explain.attention import over_seconds, rolled_out
from tests.models import tiny
from tests.models.peers import peer


def test_a_roll_out_by_hand():
    # Pooling looks at second 0 with one head, at 1 with the other; second 0
    # attends to 2, second 1 to itself, in the one head there is.
    pooling = np.float32([[[1, 0, 0], [0, 1, 0]]])
    frames = np.float32([[[[0, 0, 1], [0, 1, 0], [1, 0, 0]]]])
    found = keras.ops.convert_to_numpy(rolled_out(pooling, frames))
    # Half of 0.5 stays with 0 and half goes to 2; all of 0.5 is second 1's.
    assert found.tolist() == [[0.25, 0.5, 0.25]]


def test_attention_sums_to_one_where_there_are_frames():
    features = tiny.videos("frame")
    features["audio_mask"][1] = False  # a video without sound
    found = over_seconds(tiny.attend_fusion("frame"), features, 3)
    assert {name: x.shape for name, x in found.items()} == {
        "rgb": (4, tiny.FRAMES),
        "audio": (4, 4),
    }
    for name, weights in found.items():
        mask = features[f"{name}_mask"]
        assert weights.dtype == np.float32
        assert (weights[~mask] == 0).all()
        assert (weights[mask] > 0).all()
        expected = mask.any(axis=1).astype("float32")
        assert weights.sum(axis=1) == pytest.approx(expected, abs=1e-6)


def test_half_precision_sums_to_one_too():
    keras.config.set_dtype_policy("mixed_bfloat16")
    found = over_seconds(tiny.attend_fusion("frame"), tiny.videos("frame"), 4)
    assert found["audio"].sum(axis=1) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    "model",
    [
        lambda: tiny.attend_fusion("video"),  # between modalities alone
        lambda: peer("logistic", "frame"),
        lambda: peer("netvlad", "frame"),
    ],
    ids=["video", "logistic", "netvlad"],
)
def test_models_without_attention_over_seconds(model):
    level = "frame" if "rgb_mask" in model().input else "video"
    assert over_seconds(model(), tiny.videos(level), 4) == {}


def test_weights_that_the_model_does_not_keep():
    """A layer that was called for its vector alone has none to show."""
    frames = keras.Input((None, tiny.AUDIO), name="audio")
    mask = keras.Input((None,), dtype="bool", name="audio_mask")
    attend = layers.AudioAttention(2, 4, 2, name="audio_attention")
    scores = keras.layers.Dense(2)(attend(frames, mask=mask))
    model = keras.Model({"audio": frames, "audio_mask": mask}, scores)
    assert over_seconds(model, tiny.videos("frame"), 4) == {}
