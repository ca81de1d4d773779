"""The features a model takes, whole and with something taken away."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_attend_fusion.models.describe import MODALITIES, describe
from keras_attend_fusion.models.video_model import check_dtypes

Features = dict[str, np.ndarray]


def modalities_of(model: Any) -> list[str]:
    """The modalities that a model takes.

    Raises:
        ValueError: if the model is none that can be explained.
    """
    name = f"explain got a {type(model).__name__} model, which"
    taken = describe(model, name).modalities
    return [modality for modality in MODALITIES if modality in taken]


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
        if name.endswith("_mask"):
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
        mask = f"{modality}_mask"
        name = mask if mask in features else modality
        lacking[name] = np.zeros_like(features[name])
    return lacking
