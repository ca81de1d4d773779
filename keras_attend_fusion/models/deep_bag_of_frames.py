"""Deep bag of frames (DBoF), the first frame-level model of YouTube-8M."""

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


def DeepBagOfFramesModel(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    modalities: Mapping[str, int] | None = None,
    feature_dtype: FeatureDtype = None,
    feature_range: FeatureRange = None,
    visual_clusters: int = 8192,
    audio_clusters: int = 1024,
    pooling: str = "max",
    hidden_units: int = 1024,
    num_experts: int | None = 2,
    activation: str = "sigmoid",
    name: str = "dbof",
) -> keras.Model:
    """Builds DBoF: frames in a wide space, pooled, then classified.

    ```
    rgb ──▶ dequantise ─▶ normalise ─▶ bag of frames ─┐
                                                      ├─▶ dense ─▶ experts
    audio ▶ dequantise ─▶ normalise ─▶ bag of frames ─┘
    ```

    **From the starter code**: 8192 clusters, maximum over frames, 1024
    hidden units, relu6 after both, batch normalisation throughout, two
    experts a class. **Not from it**: each modality has a bag of its own, as
    in Youtube-8M-WILLOW, because their frame counts may differ (the starter
    code joins the two in each frame), the sound's of an eighth of the
    clusters, as there; and every frame is looked at, not 30 drawn by chance.
    37,783,596 parameters at 3862 classes.

    Args:
        num_classes: int, number of classes.
        level: "video" (a bag of one frame) or "frame".
        rgb_size, audio_size: sizes of picture and sound; None leaves one
            out.
        modalities, feature_dtype, feature_range, activation: as for
            `AttendFusion`.
        visual_clusters: int, width of the picture's space.
        audio_clusters: int, width of the sound's.
        pooling: "max" or "mean" over frames.
        hidden_units: int, width of the joint layer.
        num_experts: optional int, experts a class; None for one logistic.
        name: name of the model.

    Inputs and output:
        As for `AttendFusion`. A modality that a video lacks is an empty bag,
        which is zeros.

    Raises:
        ValueError: as `AttendFusion`, or if `pooling` is unknown.

    Example:

    >>> model = DeepBagOfFramesModel(
    ...     10, "frame", visual_clusters=32, audio_clusters=4, hidden_units=8
    ... )
    >>> model.output.shape
    (None, 10)

    References:
        - [YouTube-8M](https://arxiv.org/abs/1609.08675) and its [starter
          code](https://github.com/google/youtube-8m).
        - [Youtube-8M-WILLOW](
          https://github.com/antoine77340/Youtube-8M-WILLOW).
    """
    sizes = sizes_of(rgb_size, audio_size, modalities)
    inputs, branches = open_branches(level, sizes, feature_dtype, feature_range)
    bags = []
    for branch in branches:
        modality = branch.modality
        frames, mask = frames_of(branch)
        norm = keras.layers.BatchNormalization(name=f"{modality}_norm")
        bag = layers.DeepBagOfFrames(
            for_modality(modality, visual_clusters, audio_clusters),
            pooling,
            name=f"{modality}_bag",
        )
        bags.append(bag(norm(frames, mask=mask), mask=mask))
    hidden = keras.layers.Dense(hidden_units, use_bias=False, name="hidden")(
        join(bags)
    )
    hidden = keras.layers.BatchNormalization(name="hidden_norm")(hidden)
    hidden = keras.layers.Activation("relu6", name="hidden_relu")(hidden)
    scores = classify_by_experts(hidden, num_classes, num_experts, activation)
    return VideoModel(inputs, scores, name=name)
