"""A tiny Attend-Fusion and videos to feed it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_attend_fusion import models

RGB, AUDIO, CLASSES, FRAMES = 16, 8, 3, 5
SIZES: dict[str, Any] = {
    "rgb_size": RGB,
    "audio_size": AUDIO,
    "visual_heads": 2,
    "visual_key_dim": 4,
    "audio_heads": 2,
    "audio_key_dim": 4,
    "trunk_units": 8,
    "num_heads": 2,
    "key_dim": 4,
    "hidden_units": 12,
    "members": 2,
    "gating_rank": 4,
}


def attend_fusion(level: str, **changes: Any) -> keras.Model:
    """A model whose weights are all random, as after training."""
    model = models.AttendFusion(CLASSES, level, **{**SIZES, **changes})
    randomise(model)
    return model


def randomise(model: keras.Model, only: str = "") -> None:
    """New values for the weights whose path holds `only`."""
    random = np.random.default_rng(2)
    for weight in model.weights:
        value = random.normal(0.0, 0.7, weight.shape)
        if "variance" in weight.path:
            value = np.abs(value) + 0.5
        if only in weight.path:
            weight.assign(value)


def videos(level: str, count: int = 4, seed: int = 0) -> dict[str, Any]:
    """Bytes at frame level, values at video level; rgb and audio differ in
    their number of frames, and the first video has padding in both."""
    random = np.random.default_rng(seed)
    if level == "video":
        return {
            "rgb": random.normal(size=(count, RGB)).astype("float32"),
            "audio": random.normal(size=(count, AUDIO)).astype("float32"),
        }
    features: dict[str, Any] = {}
    for name, size, frames in (("rgb", RGB, FRAMES), ("audio", AUDIO, 4)):
        shape = (count, frames, size)
        features[name] = random.integers(0, 256, shape).astype("uint8")
        features[f"{name}_mask"] = np.ones((count, frames), "bool")
        features[f"{name}_mask"][0, 3:] = False
    return features


def scores(model: keras.Model, features: dict[str, Any]) -> Any:
    """What the model says, as an array, or as a dict of them."""
    if keras.backend.backend() == "jax":  # compiled: single operations are slow
        return model.predict_on_batch(features)
    outputs = model(features, training=False)
    return keras.tree.map_structure(keras.ops.convert_to_numpy, outputs)


def dequantised(quantised: np.ndarray) -> np.ndarray:
    """The values that bytes stand for, by YouTube-8M's formula."""
    return (quantised * (4 / 255) + (4 / 512 - 2)).astype("float32")
