"""A small problem that every backend trains on in no time."""

from __future__ import annotations

import keras
import numpy as np

from keras_attend_fusion import training


def batches(seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Three batches of 4, 4 and 2 videos: 5 features, 3 classes."""
    rng = np.random.default_rng(seed)
    return [
        (
            rng.normal(size=(size, 5)).astype("float32"),
            rng.integers(0, 2, (size, 3)).astype("uint8"),
        )
        for size in (4, 4, 2)
    ]


def compiled() -> keras.Model:
    """A model of 3 classes, compiled with the recipe."""
    model = keras.Sequential(
        [keras.Input((5,)), keras.layers.Dense(3, activation="sigmoid")]
    )
    return training.compile_model(model, total_steps=30)
