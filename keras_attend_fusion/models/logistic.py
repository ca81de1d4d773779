"""Logistic regression, the least that a model can do."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from keras_attend_fusion.models.blocks import (
    classify,
    join,
    mean_vector,
    open_branches,
)
from keras_attend_fusion.models.inputs import (
    FeatureDtype,
    FeatureRange,
    sizes_of,
)
from keras_attend_fusion.models.video_model import VideoModel


def Logistic(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    modalities: Mapping[str, int] | None = None,
    feature_dtype: FeatureDtype = None,
    feature_range: FeatureRange = None,
    activation: str = "sigmoid",
    name: str = "logistic",
) -> keras.Model:
    """Builds one logistic regression a class, on both modalities joined.

    ```
    rgb ──▶ dequantise ─▶ mean over frames ─┐
                                            ├─▶ classify
    audio ▶ dequantise ─▶ mean over frames ─┘
    ```

    4,452,886 parameters at 3862 classes: (1152 + 1) * 3862. The starter
    code's "LogisticModel" (video level) and "FrameLevelLogisticModel".

    Args:
        num_classes: int, number of classes.
        level: "video" or "frame"; at frame level the real frames are
            averaged.
        rgb_size, audio_size: sizes of picture and sound; None leaves one
            out.
        modalities, feature_dtype, feature_range, activation: as for
            `AttendFusion`.
        name: name of the model.

    Inputs and output:
        As for `AttendFusion`. A modality that a video lacks is zeros.

    Raises:
        ValueError: as `AttendFusion`.

    Example:

    >>> Logistic(num_classes=10).count_params() == (1152 + 1) * 10
    True

    Reference:
        - [YouTube-8M](https://arxiv.org/abs/1609.08675) and its [starter
          code](https://github.com/google/youtube-8m).
    """
    sizes = sizes_of(rgb_size, audio_size, modalities)
    inputs, branches = open_branches(level, sizes, feature_dtype, feature_range)
    joined = join([mean_vector(branch) for branch in branches])
    return VideoModel(
        inputs, classify(joined, num_classes, activation), name=name
    )
