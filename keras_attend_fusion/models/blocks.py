"""What the builders share, from the inputs of a video to its scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from keras_attend_fusion import layers
from keras_attend_fusion.layers.scoring import scoring_activation
from keras_attend_fusion.models.describe import mask_of
from keras_attend_fusion.models.inputs import (
    FeatureDtype,
    FeatureRange,
    check_level,
    dtypes_of,
    ranges_of,
)

CLASS_PRIOR = 0.001  # what an untrained classifier scores


@dataclass(frozen=True)
class Branch:
    """One modality on its way in."""

    modality: str
    raw: Any  # as it was fed
    mask: Any  # (batch, frames) at frame level, else None
    features: Any  # dequantised, padding set to zero


def open_branches(
    level: str,
    sizes: Mapping[str, int | None],
    feature_dtype: FeatureDtype = None,
    feature_range: FeatureRange = None,
) -> tuple[dict[str, Any], list[Branch]]:
    """The named inputs of a model, and a branch for each modality it has.

    Args:
        level: "video" or "frame".
        sizes: the size of each modality, by name, as `sizes_of` gives them;
            None leaves one out.
        feature_dtype: see `inputs.dtypes_of`.
        feature_range: see `inputs.ranges_of`.
    """
    check_level(level)
    sizes = {name: size for name, size in sizes.items() if size is not None}
    dtypes = dtypes_of(list(sizes), level, feature_dtype)
    ranges = ranges_of(list(sizes), feature_range)
    inputs: dict[str, Any] = {}
    branches = []
    for modality, size in sizes.items():
        shape = (size,) if level == "video" else (None, size)
        raw = keras.Input(shape, dtype=dtypes[modality], name=modality)
        inputs[modality] = raw
        mask = None
        if level == "frame":
            name = mask_of(modality)
            mask = keras.Input((None,), dtype="bool", name=name)
            inputs[name] = mask
        dequantise = layers.Dequantize(
            *ranges[modality], name=f"{modality}_dequantize"
        )
        features = dequantise(raw, mask=mask)
        branches.append(Branch(modality, raw, mask, features))
    return inputs, branches


def for_modality(modality: str, visual: Any, audio: Any) -> Any:
    """Which of two arguments a modality goes by: the sound by `audio`.

    Example:

    >>> [for_modality(name, 8, 4) for name in ("rgb", "audio", "text")]
    [8, 4, 8]
    """
    return audio if modality == "audio" else visual


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


def mean_vector(branch: Branch) -> Any:
    """One vector a video: at frame level the mean of its real frames."""
    if branch.mask is None:
        return branch.features
    mean = layers.MeanPooling(name=f"{branch.modality}_mean")
    return mean(branch.features, mask=branch.mask)


def frames_of(branch: Branch) -> tuple[Any, Any]:
    """Frames and their mask; at video level one frame, which may be missing.

    A video-level vector of zeros stands for a modality that is not there.
    """
    if branch.mask is not None:
        return branch.features, branch.mask
    presence = layers.Presence(name=f"{branch.modality}_presence")
    present = presence(branch.raw)
    return (
        keras.ops.expand_dims(branch.features, axis=1),
        keras.ops.expand_dims(present, axis=1),
    )


def dense_stack(
    inputs: Any, units: int, depth: int, dropout: float, name: str
) -> Any:
    """`depth` times dense, relu, dropout; nothing is normalised."""
    outputs = inputs
    for i in range(1, depth + 1):
        outputs = keras.layers.Dense(
            units, activation="relu", name=f"{name}_dense_{i}"
        )(outputs)
        outputs = keras.layers.Dropout(dropout, name=f"{name}_dropout_{i}")(
            outputs
        )
    return outputs


def residual_block(inputs: Any, dropout: float, name: str) -> Any:
    """`x + dropout(relu(norm(x W)))`, as wide as its input."""
    outputs = keras.layers.Dense(
        inputs.shape[-1], use_bias=False, name=f"{name}_dense"
    )(inputs)
    outputs = keras.layers.BatchNormalization(name=f"{name}_norm")(outputs)
    outputs = keras.layers.Activation("relu", name=f"{name}_relu")(outputs)
    outputs = keras.layers.Dropout(dropout, name=f"{name}_dropout")(outputs)
    return keras.layers.Add(name=f"{name}_add")([inputs, outputs])


def join(vectors: Sequence[Any]) -> Any:
    """The vectors of all modalities, end to end."""
    if len(vectors) == 1:
        return vectors[0]
    return keras.layers.Concatenate(name="join")(list(vectors))


def classify(inputs: Any, num_classes: int, activation: str = "sigmoid") -> Any:
    """Scores from 0 to 1 in float32, alike for all classes at the start.

    With a sigmoid `CLASS_PRIOR` each before any training, with a softmax
    `1 / num_classes`.
    """
    activation = scoring_activation(activation, num_classes)
    prior = (
        math.log(CLASS_PRIOR / (1.0 - CLASS_PRIOR))
        if activation == "sigmoid"
        else 0.0
    )
    logits = keras.layers.Dense(
        num_classes,
        bias_initializer=keras.initializers.Constant(prior),
        name="classifier",
    )(inputs)
    return keras.layers.Activation(activation, dtype="float32", name="scores")(
        logits
    )


def classify_by_experts(
    inputs: Any,
    num_classes: int,
    num_experts: int | None,
    activation: str = "sigmoid",
) -> Any:
    """As `classify`, by a mixture of experts; by one logistic with None."""
    if num_experts is None:
        return classify(inputs, num_classes, activation)
    return layers.MixtureOfExperts(
        num_classes,
        num_experts,
        class_prior=CLASS_PRIOR,
        activation=activation,
        name="experts",
    )(inputs)
