"""Stacked LSTMs, which alone of all models see the order of frames."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from keras_attend_fusion import layers
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


def LSTMModel(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    modalities: Mapping[str, int] | None = None,
    feature_dtype: FeatureDtype = None,
    feature_range: FeatureRange = None,
    visual_units: int = 1024,
    audio_units: int = 128,
    depth: int = 2,
    num_experts: int | None = 2,
    activation: str = "sigmoid",
    name: str = "lstm",
) -> keras.Model:
    """Builds stacked LSTMs, of whose last state a mixture of experts judges.

    ```
    rgb ──▶ dequantise ─▶ LSTM × depth ─▶ last state ─┐
                                                      ├─▶ mixture of experts
    audio ▶ dequantise ─▶ LSTM × depth ─▶ last state ─┘
    ```

    **From the starter code**: two layers of 1024 cells, the last state
    alone, two experts a class. **Not from it**: each modality has a stack
    of its own, because their frame counts may differ (the starter code joins
    the two in each frame); the sound's has 128 cells. 39,301,420 parameters
    at 3862 classes.

    Args:
        num_classes: int, number of classes.
        level: "video" (one step) or "frame".
        rgb_size, audio_size: sizes of picture and sound; None leaves one
            out.
        modalities, feature_dtype, feature_range, activation: as for
            `AttendFusion`.
        visual_units: int, cells of each of the picture's LSTMs.
        audio_units: int, cells of each of the sound's.
        depth: int, LSTMs on top of each other.
        num_experts: optional int, experts a class; None for one logistic.
        name: name of the model.

    Inputs and output:
        As for `AttendFusion`. A modality that a video lacks is zeros.

    Raises:
        ValueError: as `AttendFusion`.

    Example:

    >>> model = LSTMModel(10, "frame", visual_units=8, audio_units=4)
    >>> model.output.shape
    (None, 10)

    Reference:
        - The [starter code](https://github.com/google/youtube-8m) of
          [YouTube-8M](https://arxiv.org/abs/1609.08675).
    """
    sizes = sizes_of(rgb_size, audio_size, modalities)
    inputs, branches = open_branches(level, sizes, feature_dtype, feature_range)
    states = []
    for branch in branches:
        modality = branch.modality
        frames, mask = frames_of(branch)
        units = for_modality(modality, visual_units, audio_units)
        stack = layers.StackedLSTM(units, depth, name=f"{modality}_lstm")
        states.append(stack(frames, mask=mask))
    scores = classify_by_experts(
        join(states), num_classes, num_experts, activation
    )
    return VideoModel(inputs, scores, name=name)
