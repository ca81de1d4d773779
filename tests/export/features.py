"""Features to run models on, and which operations a file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

FRAME_COUNTS = (1, 7, 60, 300)
# Its interpreter knows no weights of 4 bits with a scale for each output.
TOO_OLD_FOR_4_BITS = tf.__version__.startswith("2.16.")


def video_level(batch: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Mean vectors; the last of several videos lacks its sound."""
    rng = np.random.default_rng(seed)
    features = {
        "rgb": rng.normal(size=(batch, 1024)).astype("float32"),
        "audio": rng.normal(size=(batch, 128)).astype("float32"),
    }
    if batch > 1:
        features["audio"][-1] = 0.0
    return features


def frame_level(
    batch: int, rgb: int, audio: int | None = None, seed: int = 0
) -> dict[str, np.ndarray]:
    """Bytes a second; of several videos the last lacks its sound and the
    first ends half-way."""
    rng = np.random.default_rng(seed)
    audio = rgb if audio is None else audio
    features = {
        "rgb": rng.integers(0, 256, (batch, rgb, 1024)).astype("uint8"),
        "audio": rng.integers(0, 256, (batch, audio, 128)).astype("uint8"),
        "rgb_mask": np.ones((batch, rgb), bool),
        "audio_mask": np.ones((batch, audio), bool),
    }
    if batch > 1:
        features["rgb_mask"][0, (rgb + 1) // 2 :] = False
        features["audio_mask"][0, (audio + 1) // 2 :] = False
        features["audio_mask"][-1] = False
    return features


def every_shape(level: str) -> list[dict[str, np.ndarray]]:
    """One video and several, at frame level of every length."""
    if level == "video":
        return [video_level(batch) for batch in (1, 3)]
    many = [frame_level(3, frames) for frames in FRAME_COUNTS]
    one = [frame_level(1, frames) for frames in FRAME_COUNTS]
    return [*many, *one, frame_level(2, 60, audio=7)]


def foreign_operations(path: Path) -> list[str]:
    """Operations of a TFLite file that are not LiteRT's own."""
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.Model.GetRootAs(path.read_bytes(), 0)
    codes: list[Any] = [
        model.OperatorCodes(i) for i in range(model.OperatorCodesLength())
    ]
    assert codes
    return [
        code.CustomCode().decode()
        for code in codes
        if code.BuiltinCode() == schema.BuiltinOperator.CUSTOM
        or code.CustomCode()
    ]
