"""Late fusion of residual blocks with context gating (FCRGN)."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from keras_attend_fusion import layers
from keras_attend_fusion.models.blocks import (
    classify,
    join,
    mean_vector,
    open_branches,
    residual_block,
    trunk,
)
from keras_attend_fusion.models.inputs import (
    FeatureDtype,
    FeatureRange,
    sizes_of,
)
from keras_attend_fusion.models.video_model import VideoModel


def ResidualGating(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    modalities: Mapping[str, int] | None = None,
    feature_dtype: FeatureDtype = None,
    feature_range: FeatureRange = None,
    units: int = 2560,
    depth: int = 2,
    gating_rank: int | None = 256,
    dropout: float = 0.3,
    activation: str = "sigmoid",
    name: str = "residual_gating",
) -> keras.Model:
    """Builds FCRGN, the fully connected residual gating network, fused late.

    ```
    rgb ──▶ dequantise ─▶ mean ─▶ dense ─▶ (residual ─▶ gate) × depth ─┐
                                                                       ├─▶ classify
    audio ▶ dequantise ─▶ mean ─▶ dense ─▶ (residual ─▶ gate) × depth ─┘
    ```

    `Residual` with a `layers.ContextGating` after every block, which weighs
    each feature by all the others. The "FCRGN" that the Attend-Fusion paper
    (arXiv 2408.14441) compares with; where the gate sits and its rank, the
    normalisation, widths, depth and dropout are a reconstruction.

    Args:
        num_classes: int, number of classes.
        level: "video" or "frame"; at frame level the real frames are
            averaged.
        rgb_size, audio_size: sizes of picture and sound; None leaves one
            out.
        modalities, feature_dtype, feature_range, activation: as for
            `AttendFusion`.
        units: int, width of each modality's layers.
        depth: int, gated residual blocks for each modality.
        gating_rank: optional int, inner size of each gate; None for a full
            one.
        dropout: float, dropout of each dense layer.
        name: name of the model.

    Inputs and output:
        As for `AttendFusion`. A modality that a video lacks is zeros.

    Raises:
        ValueError: as `AttendFusion`.

    Example:

    >>> model = ResidualGating(num_classes=10, units=16, gating_rank=4)
    >>> model.output.shape
    (None, 10)

    References:
        - [Attend-Fusion](https://arxiv.org/abs/2408.14441).
        - [Learnable pooling with Context Gating](
          https://arxiv.org/abs/1706.06905) for the gate.
    """  # noqa: E501
    sizes = sizes_of(rgb_size, audio_size, modalities)
    inputs, branches = open_branches(level, sizes, feature_dtype, feature_range)
    vectors = []
    for branch in branches:
        modality = branch.modality
        vector = trunk(mean_vector(branch), units, 1, dropout, modality)
        for i in range(1, depth + 1):
            vector = residual_block(vector, dropout, f"{modality}_block_{i}")
            gate = layers.ContextGating(
                gating_rank, name=f"{modality}_gating_{i}"
            )
            vector = gate(vector)
        vectors.append(vector)
    return VideoModel(
        inputs, classify(join(vectors), num_classes, activation), name=name
    )
