"""Late fusion of dense layers with skip connections (FCRN)."""

from __future__ import annotations

from collections.abc import Mapping

import keras

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


def Residual(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    modalities: Mapping[str, int] | None = None,
    feature_dtype: FeatureDtype = None,
    feature_range: FeatureRange = None,
    units: int = 2752,
    depth: int = 2,
    dropout: float = 0.3,
    activation: str = "sigmoid",
    name: str = "residual",
) -> keras.Model:
    """Builds FCRN, the fully connected residual network, fused late.

    ```
    rgb ──▶ dequantise ─▶ mean over frames ─▶ dense ─▶ residual × depth ─┐
                                                                         ├─▶ classify
    audio ▶ dequantise ─▶ mean over frames ─▶ dense ─▶ residual × depth ─┘

    residual:  x ─┬─▶ dense ─▶ normalise ─▶ relu ─▶ dropout ─▶ + ─▶
                  └────────────────────────────────────────────┘
    ```

    The "FCRN" that the Attend-Fusion paper (arXiv 2408.14441) compares with.
    What is inside a block, the normalisation, widths, depth and dropout are a
    reconstruction.

    Args:
        num_classes: int, number of classes.
        level: "video" or "frame"; at frame level the real frames are
            averaged.
        rgb_size, audio_size: sizes of picture and sound; None leaves one
            out.
        modalities, feature_dtype, feature_range, activation: as for
            `AttendFusion`.
        units: int, width of each modality's layers.
        depth: int, residual blocks for each modality.
        dropout: float, dropout of each dense layer.
        name: name of the model.

    Inputs and output:
        As for `AttendFusion`. A modality that a video lacks is zeros.

    Raises:
        ValueError: as `AttendFusion`.

    Example:

    >>> model = Residual(num_classes=10, units=16, depth=1)
    >>> model.output.shape
    (None, 10)

    References:
        - [Attend-Fusion](https://arxiv.org/abs/2408.14441).
        - [Deep Residual Learning](https://arxiv.org/abs/1512.03385) for the
          skip connection.
    """  # noqa: E501
    sizes = sizes_of(rgb_size, audio_size, modalities)
    inputs, branches = open_branches(level, sizes, feature_dtype, feature_range)
    vectors = []
    for branch in branches:
        modality = branch.modality
        vector = trunk(mean_vector(branch), units, 1, dropout, modality)
        for i in range(1, depth + 1):
            vector = residual_block(vector, dropout, f"{modality}_block_{i}")
        vectors.append(vector)
    return VideoModel(
        inputs, classify(join(vectors), num_classes, activation), name=name
    )
