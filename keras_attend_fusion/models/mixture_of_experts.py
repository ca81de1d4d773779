"""A mixture of logistic experts on the mean of a video."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from keras_attend_fusion.models.blocks import (
    classify_by_experts,
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


def MixtureOfExpertsModel(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    modalities: Mapping[str, int] | None = None,
    feature_dtype: FeatureDtype = None,
    feature_range: FeatureRange = None,
    num_experts: int = 2,
    activation: str = "sigmoid",
    name: str = "mixture_of_experts",
) -> keras.Model:
    """Builds a mixture of experts a class, on both modalities joined.

    ```
    rgb ──▶ dequantise ─▶ mean over frames ─┐
                                            ├─▶ mixture of experts
    audio ▶ dequantise ─▶ mean over frames ─┘
    ```

    22,252,844 parameters at 3862 classes: gates of 1152 * 3 * 3862 and
    experts of (1152 + 1) * 2 * 3862. The starter code's "MoeModel", but for
    the first value of the experts' biases, which makes an untrained class
    score 0.001 as in the other models here.

    Args:
        num_classes: int, number of classes.
        level: "video" or "frame"; at frame level the real frames are
            averaged.
        rgb_size, audio_size: sizes of picture and sound; None leaves one
            out.
        modalities, feature_dtype, feature_range, activation: as for
            `AttendFusion`.
        num_experts: int, experts a class.
        name: name of the model.

    Inputs and output:
        As for `AttendFusion`. A modality that a video lacks is zeros.

    Raises:
        ValueError: as `AttendFusion`.

    Example:

    >>> model = MixtureOfExpertsModel(num_classes=10, num_experts=2)
    >>> model.count_params() == 1152 * 3 * 10 + (1152 + 1) * 2 * 10
    True

    Reference:
        - [YouTube-8M](https://arxiv.org/abs/1609.08675) and its [starter
          code](https://github.com/google/youtube-8m).
    """
    sizes = sizes_of(rgb_size, audio_size, modalities)
    inputs, branches = open_branches(level, sizes, feature_dtype, feature_range)
    joined = join([mean_vector(branch) for branch in branches])
    scores = classify_by_experts(joined, num_classes, num_experts, activation)
    return VideoModel(inputs, scores, name=name)
