"""The fully connected early fusion: both modalities as one vector."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from keras_attend_fusion.models.blocks import (
    classify,
    dense_stack,
    join,
    mean_vector,
    open_branches,
    trunk,
)
from keras_attend_fusion.models.inputs import (
    FeatureDtype,
    FeatureRange,
    sizes_of,
)
from keras_attend_fusion.models.video_model import VideoModel


def EarlyFusion(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    modalities: Mapping[str, int] | None = None,
    feature_dtype: FeatureDtype = None,
    feature_range: FeatureRange = None,
    units: int = 4096,
    depth: int = 3,
    dropout: float = 0.3,
    normalize: bool = False,
    activation: str = "sigmoid",
    name: str = "early_fusion",
) -> keras.Model:
    """Builds FC early fusion: the modalities joined first, then dense layers.

    ```
    rgb ──▶ dequantise ─▶ mean over frames ─┐
                                            ├─▶ dense × depth ─▶ classify
    audio ▶ dequantise ─▶ mean over frames ─┘
    ```

    The "FC Early Fusion" that the Attend-Fusion paper (arXiv 2408.14441)
    compares with. Widths, depth and dropout are a reconstruction.

    Args:
        num_classes: int, number of classes.
        level: "video" or "frame"; at frame level the real frames are
            averaged.
        rgb_size, audio_size: sizes of picture and sound; None leaves one
            out.
        modalities, feature_dtype, feature_range, activation: as for
            `AttendFusion`.
        units: int, width of each dense layer.
        depth: int, dense layers.
        dropout: float, dropout after each dense layer.
        normalize: bool, whether batch normalisation stands before the first
            dense layer and behind each of them, in place of their biases, as
            in the preset `normalized`.
        name: name of the model.

    Inputs and output:
        As for `AttendFusion`. A modality that a video lacks is zeros.

    Raises:
        ValueError: as `AttendFusion`.

    Example:

    >>> model = EarlyFusion(num_classes=10, units=16, depth=1)
    >>> model.count_params() == (1024 + 128 + 1) * 16 + (16 + 1) * 10
    True

    Reference:
        - [Attend-Fusion](https://arxiv.org/abs/2408.14441).
    """
    sizes = sizes_of(rgb_size, audio_size, modalities)
    inputs, branches = open_branches(level, sizes, feature_dtype, feature_range)
    joined = join([mean_vector(branch) for branch in branches])
    layers_of = trunk if normalize else dense_stack
    hidden = layers_of(joined, units, depth, dropout, "joint")
    return VideoModel(
        inputs, classify(hidden, num_classes, activation), name=name
    )
