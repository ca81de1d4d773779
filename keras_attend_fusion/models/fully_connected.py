"""The fully connected late fusion that Attend-Fusion is measured against."""

from __future__ import annotations

import keras

from keras_attend_fusion import layers
from keras_attend_fusion.models.blocks import open_branches


def FullyConnected(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    feature_dtype: str | None = None,
    units: int = 8192,
    depth: int = 3,
    dropout: float = 0.0,
    name: str = "fully_connected",
) -> keras.Model:
    """Builds FC late fusion: dense layers for each modality, then joined.

    ```
    rgb ──▶ dequantise ─▶ mean over frames ─▶ dense × depth ─┐
                                                             ├─▶ classify
    audio ▶ dequantise ─▶ mean over frames ─▶ dense × depth ─┘
    ```

    With the defaults, 341,200,662 parameters at 3862 classes: the large
    baseline of the Attend-Fusion paper (arXiv 2408.14441), which prints
    "341M". That three hidden layers of 8192 a modality are meant is a
    reconstruction that fits this total.

    Args:
        num_classes: int, number of classes.
        level: "video" or "frame"; at frame level the real frames are
            averaged.
        rgb_size: size of the visual features; None leaves the picture out.
        audio_size: size of the audio features; None leaves the sound out.
        feature_dtype: as for `AttendFusion`.
        units: int, width of each dense layer.
        depth: int, dense layers for each modality.
        dropout: float, dropout after each dense layer.
        name: name of the model.

    Inputs and output:
        As for `AttendFusion`. A missing modality is fed as zeros: this
        baseline has no mask between modalities.

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
    sizes = {"rgb": rgb_size, "audio": audio_size}
    inputs, branches = open_branches(level, sizes, feature_dtype)
    vectors = []
    for branch in branches:
        modality, vector = branch.modality, branch.features
        if level == "frame":
            mean = layers.MeanPooling(name=f"{modality}_mean")
            vector = mean(vector, mask=branch.mask)
        for i in range(1, depth + 1):
            vector = keras.layers.Dense(
                units, activation="relu", name=f"{modality}_dense_{i}"
            )(vector)
            vector = keras.layers.Dropout(
                dropout, name=f"{modality}_dropout_{i}"
            )(vector)
        vectors.append(vector)
    joined = vectors[0]
    if len(vectors) > 1:
        joined = keras.layers.Concatenate(name="join")(vectors)
    scores = keras.layers.Dense(num_classes, name="classifier")(joined)
    scores = keras.layers.Activation("sigmoid", dtype="float32", name="scores")(
        scores
    )
    return keras.Model(inputs, scores, name=name)
