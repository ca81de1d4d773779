"""Run by test_across_backends under another backend, in a process of its own.

Reads the models and inputs of a folder, writes what they predict, and leaves
models of its own with what those predict.
"""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np

import keras_attend_fusion  # noqa: F401  (registers the layers)
from tests.models import tiny

LEVELS = ("video", "frame")


def save_and_predict(folder: Path, name: str) -> None:
    """Writes a model of each level, and its scores."""
    for level in LEVELS:
        model = tiny.attend_fusion(level)
        model.save(folder / f"{name}-{level}.keras")
        outputs = tiny.scores(model, tiny.videos(level))
        np.save(folder / f"{name}-{level}.npy", outputs)


def predict(folder: Path, name: str, level: str) -> np.ndarray:
    """The scores of a model that another backend wrote."""
    model = keras.saving.load_model(folder / f"{name}-{level}.keras")
    return tiny.scores(model, tiny.videos(level))


def main(folder: Path) -> None:
    here = keras.backend.backend()
    for level in LEVELS:
        outputs = predict(folder, "tensorflow", level)
        np.save(folder / f"tensorflow-{level}-under-{here}.npy", outputs)
    save_and_predict(folder, here)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
