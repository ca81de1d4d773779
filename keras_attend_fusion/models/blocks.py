"""What the builders share: the inputs of a video, and a trunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras

from keras_attend_fusion import layers

LEVELS = ("video", "frame")
FEATURE_DTYPES = ("uint8", "float32")


@dataclass(frozen=True)
class Branch:
    """One modality on its way in."""

    modality: str
    raw: Any  # as it was fed
    mask: Any  # (batch, frames) at frame level, else None
    features: Any  # dequantised, padding set to zero


def open_branches(
    level: str, sizes: dict[str, int | None], feature_dtype: str | None
) -> tuple[dict[str, Any], list[Branch]]:
    """The named inputs of a model, and a branch for each modality it has."""
    feature_dtype = _check(level, sizes, feature_dtype)
    inputs: dict[str, Any] = {}
    branches = []
    for modality, size in sizes.items():
        if size is None:
            continue
        shape = (size,) if level == "video" else (None, size)
        raw = keras.Input(shape, dtype=feature_dtype, name=modality)
        inputs[modality] = raw
        mask = None
        if level == "frame":
            mask = keras.Input((None,), dtype="bool", name=f"{modality}_mask")
            inputs[f"{modality}_mask"] = mask
        dequantise = layers.Dequantize(name=f"{modality}_dequantize")
        features = dequantise(raw, mask=mask)
        branches.append(Branch(modality, raw, mask, features))
    return inputs, branches


def _check(
    level: str, sizes: dict[str, int | None], feature_dtype: str | None
) -> str:
    if level not in LEVELS:
        raise ValueError(f"level is {level!r}; pass one of {LEVELS}.")
    if all(size is None for size in sizes.values()):
        raise ValueError(
            "Every modality is left out; give at least one of "
            f"{tuple(f'{name}_size' for name in sizes)}."
        )
    if feature_dtype is None:
        return "uint8" if level == "frame" else "float32"
    if feature_dtype not in FEATURE_DTYPES:
        raise ValueError(
            f"feature_dtype is {feature_dtype!r}; pass one of "
            f"{FEATURE_DTYPES}, or None for what the level's shards hold."
        )
    return feature_dtype


def trunk(
    inputs: Any, units: int, depth: int, dropout: float, name: str
) -> Any:
    """Normalise, then `depth` times dense, normalise, relu, dropout."""
    outputs = keras.layers.BatchNormalization(name=f"{name}_norm")(inputs)
    for i in range(1, depth + 1):
        outputs = keras.layers.Dense(
            units, use_bias=False, name=f"{name}_trunk_{i}"
        )(outputs)
        outputs = keras.layers.BatchNormalization(name=f"{name}_norm_{i}")(
            outputs
        )
        outputs = keras.layers.Activation("relu", name=f"{name}_relu_{i}")(
            outputs
        )
        outputs = keras.layers.Dropout(dropout, name=f"{name}_dropout_{i}")(
            outputs
        )
    return outputs
