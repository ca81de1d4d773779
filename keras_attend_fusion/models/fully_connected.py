"""The fully connected late fusion that Attend-Fusion is measured against."""

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


def FullyConnected(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    modalities: Mapping[str, int] | None = None,
    feature_dtype: FeatureDtype = None,
    feature_range: FeatureRange = None,
    units: int = 8192,
    depth: int = 3,
    dropout: float = 0.0,
    normalize: bool = False,
    activation: str = "sigmoid",
    name: str = "fully_connected",
) -> keras.Model:
    """Builds FC late fusion: dense layers for each modality, then joined.

    ```
    rgb ──▶ dequantise ─▶ mean over frames ─▶ dense × depth ─┐
                                                             ├─▶ classify
    audio ▶ dequantise ─▶ mean over frames ─▶ dense × depth ─┘
    ```

    With the defaults, 341,200,662 parameters at 3862 classes, at either
    level: the large baseline of the Attend-Fusion paper (arXiv 2408.14441),
    which prints "341M". That three hidden layers of 8192 a modality with
    biases and without normalisation are meant is a reconstruction that fits
    this total; relu, dropout and the classifier's first bias (untrained, it
    scores 0.001) are ours.

    Args:
        num_classes: int, number of classes.
        level: "video" or "frame"; at frame level the real frames are
            averaged.
        rgb_size, audio_size: sizes of picture and sound; None leaves one
            out.
        modalities, feature_dtype, feature_range, activation: as for
            `AttendFusion`.
        units: int, width of each dense layer.
        depth: int, dense layers for each modality.
        dropout: float, dropout after each dense layer.
        normalize: bool, whether batch normalisation stands before the first
            dense layer and behind each of them, in place of their biases:
            the preset `normalized`, as large as `base`, learns in fewer
            epochs.
        name: name of the model.

    Inputs and output:
        As for `AttendFusion`. A modality that a video lacks is zeros: this
        baseline has no mask between modalities, so the biases of the missing
        branch still count.

    Raises:
        ValueError: as `AttendFusion`.

    Example:

    >>> model = FullyConnected(num_classes=10, units=16, depth=1)
    >>> model.output.shape
    (None, 10)

    Reference:
        - [Attend-Fusion](https://arxiv.org/abs/2408.14441), "FC Late
          Fusion".
    """
    sizes = sizes_of(rgb_size, audio_size, modalities)
    inputs, branches = open_branches(level, sizes, feature_dtype, feature_range)
    layers_of = trunk if normalize else dense_stack
    vectors = [
        layers_of(mean_vector(branch), units, depth, dropout, branch.modality)
        for branch in branches
    ]
    return VideoModel(
        inputs, classify(join(vectors), num_classes, activation), name=name
    )
