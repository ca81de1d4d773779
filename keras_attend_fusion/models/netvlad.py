"""Gated NetVLAD, the aggregation that won the first YouTube-8M challenge."""

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


def NetVLADModel(
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
    hidden_units: int = 2048,
    num_experts: int | None = None,
    activation: str = "sigmoid",
    name: str = "netvlad",
) -> keras.Model:
    """Builds gated NetVLAD.

    ```
    rgb ──▶ dequantise ─▶ normalise ─▶ NetVLAD ─┐
                                                ├─▶ dense ─▶ gate ─▶ classify
    audio ▶ dequantise ─▶ normalise ─▶ NetVLAD ─┘
    ```

    With the defaults, 297,608,214 parameters at 3862 classes. The NeXtVLAD
    paper prints "297M" for its NetVLAD baseline; that this is 128 clusters,
    half as many for the sound, 2048 hidden units, a gate and one logistic a
    class is a reconstruction that fits the total, nearly all of which is the
    dense layer: (128 * 1024 + 64 * 128) * 2048 = 285,212,672. (Rounded, and
    not cut off, our total would read 298M.)

    The preset `willow` has the sizes that Youtube-8M-WILLOW gives its
    released model: 256 clusters, 1024 hidden units, two experts a class. Its
    gate over the scores of all classes is left out.

    Unlike those code bases, which draw 300 frames by chance, this looks at
    every frame once; and the gate has a bias, as in the paper's formula,
    where their code normalises over the batch.

    Args:
        num_classes: int, number of classes.
        level: "video" (one frame) or "frame".
        rgb_size, audio_size: sizes of picture and sound; None leaves one
            out.
        modalities, feature_dtype, feature_range, activation: as for
            `AttendFusion`.
        visual_clusters: int, clusters of the picture.
        audio_clusters: int, clusters of the sound.
        hidden_units: int, width of the joint layer.
        num_experts: optional int, experts a class; None for one logistic.
        name: name of the model.

    Inputs and output:
        As for `AttendFusion`. A modality that a video lacks is zeros.

    Raises:
        ValueError: as `AttendFusion`.

    Example:

    >>> model = NetVLADModel(
    ...     10, "frame", visual_clusters=4, audio_clusters=2, hidden_units=8
    ... )
    >>> model.output.shape
    (None, 10)

    References:
        - [Learnable pooling with Context Gating for video classification](
          https://arxiv.org/abs/1706.06905).
        - [NeXtVLAD](https://arxiv.org/abs/1811.05014), for the count.
    """
    sizes = sizes_of(rgb_size, audio_size, modalities)
    inputs, branches = open_branches(level, sizes, feature_dtype, feature_range)
    vectors = []
    for branch in branches:
        modality = branch.modality
        frames, mask = frames_of(branch)
        norm = keras.layers.BatchNormalization(name=f"{modality}_norm")
        clusters = for_modality(modality, visual_clusters, audio_clusters)
        pool = layers.NetVLAD(clusters, name=f"{modality}_netvlad")
        vectors.append(pool(norm(frames, mask=mask), mask=mask))
    hidden = keras.layers.Dense(hidden_units, name="hidden")(join(vectors))
    hidden = layers.ContextGating(name="gate")(hidden)
    scores = classify_by_experts(hidden, num_classes, num_experts, activation)
    return VideoModel(inputs, scores, name=name)
