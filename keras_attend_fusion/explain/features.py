"""The features a model takes, whole and with something taken away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from keras_attend_fusion.models.describe import describe, is_mask, mask_of
from keras_attend_fusion.models.video_model import check_dtypes

Features = dict[str, np.ndarray]


def modalities_of(model: Any) -> list[str]:
    """The modalities that a model takes: picture, sound, then the others.

    Raises:
        ValueError: if the model is none that can be explained.
    """
    name = f"explain got a {type(model).__name__} model, which"
    return in_order(describe(model, name).modalities)


def in_order(modalities: Iterable[str]) -> list[str]:
    """Picture first, then sound, then the others as they come.

    Example:

    >>> in_order(["text", "audio", "rgb"])
    ['rgb', 'audio', 'text']
    """
    first = {"rgb": 0, "audio": 1}
    return sorted(modalities, key=lambda name: first.get(name, len(first)))


def checked(model: Any, features: dict[str, Any]) -> Features:
    """The arrays of `features` that a model takes.

    Raises:
        ValueError: if one is missing or of another kind (values for bytes,
            bytes for values), their numbers of videos differ, or there is
            no video.
    """
    missing = [name for name in model.input if name not in features]
    if missing:
        raise ValueError(
            f"explain got the features {', '.join(features) or 'none'}; the "
            f"model takes {', '.join(missing)}, too."
        )
    arrays = {
        name: np.asarray(keras.ops.convert_to_numpy(features[name]))
        for name in model.input
    }
    for name in arrays:
        if is_mask(name):
            arrays[name] = arrays[name].astype("bool")
    check_dtypes(model, arrays)
    counts = {name: len(array) for name, array in arrays.items()}
    if len(set(counts.values())) > 1 or not all(counts.values()):
        raise ValueError(
            f"explain got features of so many videos: {counts}; it needs "
            "the same number of each, 1 or more."
        )
    return arrays


def without(features: Features, *modalities: str) -> Features:
    """The features of videos that lack these modalities.

    As the models want it: no frame is there, or the vector is zeros.
    """
    lacking = dict(features)
    for modality in modalities:
        mask = mask_of(modality)
        name = mask if mask in features else modality
        lacking[name] = np.zeros_like(features[name])
    return lacking
