"""How close an exported model is to the one it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np

from keras_attend_fusion.export.float32 import as_float32
from keras_attend_fusion.export.runtime import ExportedModel
from keras_attend_fusion.models.describe import is_mask, mask_of

FRAME_COUNTS = (1, 7, 60, 300)


def parity(
    model: keras.Model,
    exported: ExportedModel,
    seed: int = 0,
    batches: Iterable[Mapping[str, Any]] | None = None,
) -> dict[str, float]:
    """Runs both on the same features and compares the scores.

    Video-level models get random features, the second of three videos
    without its last modality; frame-level models get 1, 7, 60 and 300 frames,
    each batch with padding and with a video that lacks a modality.

    Args:
        model: the Keras model, compared in float32.
        exported: the exported one.
        seed: seed of the features.
        batches: features to compare on in place of random ones; what a model
            in 8 bits says of others than real videos tells little.

    Returns:
        `max_difference` and `mean_difference` of the scores, and
        `videos`, how many were compared.
    """
    model = as_float32(model)
    differences = []
    if batches is None:
        batches = _samples(model, np.random.default_rng(seed))
    for batch in batches:
        features = {name: batch[name] for name in model.input}
        expected = keras.ops.convert_to_numpy(model(features, training=False))
        differences.append(np.abs(expected - exported(features)).max(axis=1))
    worst = np.concatenate(differences)
    return {
        "max_difference": float(worst.max()),
        "mean_difference": float(worst.mean()),
        "videos": len(worst),
    }


def one_video(model: keras.Model, frames: int = 300) -> dict[str, Any]:
    """Random features of one video, of 300 frames at frame level."""
    rng = np.random.default_rng(0)
    features = {}
    for name, tensor in model.input.items():
        shape = [1, *tensor.shape[1:]]
        shape = [frames if size is None else size for size in shape]
        features[name] = (
            np.ones(shape, bool)
            if is_mask(name)
            else _values(tuple(shape), tensor.dtype, rng)
        )
    return features


def _samples(model: keras.Model, rng: np.random.Generator) -> Any:
    inputs = model.input
    has_frames = any(is_mask(name) for name in inputs)
    modalities = [name for name in inputs if not is_mask(name)]
    for frames in FRAME_COUNTS if has_frames else (None,):
        features = {}
        for name in modalities:
            size = inputs[name].shape[-1]
            shape = (3, size) if frames is None else (3, frames, size)
            features[name] = _values(shape, inputs[name].dtype, rng)
            if frames is not None:
                mask = np.ones((3, frames), bool)
                mask[1, (frames + 1) // 2 :] = False
                features[mask_of(name)] = mask
        lacking = modalities[-1]
        if frames is None:
            features[lacking][1] = 0
        else:
            features[mask_of(lacking)][2] = False
        yield features


def _values(
    shape: tuple[int, ...], dtype: str, rng: np.random.Generator
) -> np.ndarray:
    if dtype == "uint8":
        return rng.integers(0, 256, shape).astype("uint8")
    return rng.normal(scale=0.5, size=shape).astype(dtype)
