"""NeXtVLAD, the best single model of the second YouTube-8M challenge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from keras_attend_fusion import layers
from keras_attend_fusion.layers.divisors import largest_divisor
from keras_attend_fusion.models.blocks import (
    classify_by_experts,
    for_modality,
    frames_of,
    join,
    open_branches,
)
from keras_attend_fusion.models.inputs import (
    FeatureDtype,
    FeatureRange,
    sizes_of,
)
from keras_attend_fusion.models.video_model import VideoModel


def NeXtVLADModel(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    modalities: Mapping[str, int] | None = None,
    feature_dtype: FeatureDtype = None,
    feature_range: FeatureRange = None,
    visual_clusters: int = 128,
    audio_clusters: int = 64,
    visual_groups: int | None = None,
    audio_groups: int | None = None,
    most_groups: int = 8,
    expansion: int = 2,
    hidden_units: int = 2048,
    gating_reduction: int = 8,
    dropout: float = 0.5,
    num_experts: int | None = None,
    activation: str = "sigmoid",
    name: str = "nextvlad",
) -> keras.Model:
    """Builds NeXtVLAD.

    ```
    rgb ──▶ dequantise ─▶ NeXtVLAD ─▶ normalise ─┐
                                                 ├▶ dense ─▶ gate ─▶ classify
    audio ▶ dequantise ─▶ NeXtVLAD ─▶ normalise ─┘
    ```

    The defaults are those of the authors' training script (8 groups, 128
    clusters, a frame made twice as wide, 2048 hidden units, a gate squeezed
    8 times, one logistic a class; half the groups and clusters for the
    sound) and have 88,970,274 parameters at 3862 classes: the "89M" that is
    printed for it. The preset `entry` has the 112 clusters and the gate
    squeezed 16 times of their challenge script: 78,714,274, each of the
    mixture's three models, of which the paper says "less than 80M" and its
    slides "79M".

    Args:
        num_classes: int, number of classes.
        level: "video" (one frame) or "frame".
        rgb_size, audio_size: sizes of picture and sound; None leaves one
            out.
        modalities, feature_dtype, feature_range, activation: as for
            `AttendFusion`.
        visual_clusters: int, clusters of the picture.
        audio_clusters: int, clusters of the sound.
        visual_groups: optional int, groups of the picture, and of each
            modality but the sound; it must divide `expansion` times their
            size. None takes the largest number that does and is at most
            `most_groups`, for each of them.
        audio_groups: optional int, groups of the sound; likewise, with half
            of `most_groups`.
        most_groups: int, the most groups of a modality whose number is left
            open. The layers' `groups` tell what was chosen.
        expansion: int, how many times wider a frame is made.
        hidden_units: int, width of the joint layer.
        gating_reduction: int, how many times narrower the gate is inside.
        dropout: float, dropout of the joined vectors.
        num_experts: optional int, experts a class; None for one logistic.
        name: name of the model.

    Inputs and output:
        As for `AttendFusion`. A modality that a video lacks is zeros before
        it is normalised.

    Raises:
        ValueError: as `AttendFusion`, or if groups that were given do not
            divide the widened features.

    Example:

    >>> model = NeXtVLADModel(
    ...     10, "frame", visual_clusters=4, audio_clusters=2, hidden_units=8
    ... )
    >>> model.output.shape
    (None, 10)

    References:
        - [NeXtVLAD](https://arxiv.org/abs/1811.05014) and its [code](
          https://github.com/linrongc/youtube-8m).
    """
    sizes = sizes_of(rgb_size, audio_size, modalities)
    inputs, branches = open_branches(level, sizes, feature_dtype, feature_range)
    vectors = []
    for branch in branches:
        modality = branch.modality
        frames, mask = frames_of(branch)
        count = for_modality(modality, visual_groups, audio_groups)
        if count is None:
            most = for_modality(modality, most_groups, max(1, most_groups // 2))
            count = largest_divisor(expansion * frames.shape[-1], most)
        pool = layers.NeXtVLAD(
            for_modality(modality, visual_clusters, audio_clusters),
            count,
            expansion,
            name=f"{modality}_nextvlad",
        )
        norm = keras.layers.BatchNormalization(name=f"{modality}_norm")
        vectors.append(norm(pool(frames, mask=mask)))
    joined = keras.layers.Dropout(dropout, name="dropout")(join(vectors))
    hidden = keras.layers.Dense(hidden_units, use_bias=False, name="hidden")(
        joined
    )
    hidden = keras.layers.BatchNormalization(name="hidden_norm")(hidden)
    hidden = _gate(hidden, gating_reduction)
    scores = classify_by_experts(hidden, num_classes, num_experts, activation)
    return VideoModel(inputs, scores, name=name)


def _gate(inputs: Any, reduction: int) -> Any:
    """Gates each feature by all the others, through a narrow layer."""
    units = inputs.shape[-1]
    gate = keras.layers.Dense(
        max(1, units // reduction), use_bias=False, name="gate_squeeze"
    )(inputs)
    gate = keras.layers.BatchNormalization(name="gate_norm")(gate)
    gate = keras.layers.Activation("relu", name="gate_relu")(gate)
    gate = keras.layers.Dense(
        units, activation="sigmoid", use_bias=False, name="gate"
    )(gate)
    return keras.layers.Multiply(name="gated")([inputs, gate])
