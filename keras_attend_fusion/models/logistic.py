"""Logistic regression, the least that a model can do."""

from __future__ import annotations

import keras

from keras_attend_fusion.models.blocks import (
    classify,
    join,
    mean_vector,
    open_branches,
)
from keras_attend_fusion.models.video_model import VideoModel


def Logistic(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    feature_dtype: str | None = None,
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
        rgb_size: size of the visual features; None leaves the picture out.
        audio_size: size of the audio features; None leaves the sound out.
        feature_dtype: as for `AttendFusion`.
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
    sizes = {"rgb": rgb_size, "audio": audio_size}
    inputs, branches = open_branches(level, sizes, feature_dtype)
    joined = join([mean_vector(branch) for branch in branches])
    return VideoModel(inputs, classify(joined, num_classes), name=name)
