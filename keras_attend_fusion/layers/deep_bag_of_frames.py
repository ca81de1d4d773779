"""Frames in a wide space, pooled without their order."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.frame_layer import FrameLayer
from keras_attend_fusion.layers.masking import (
    expect_features,
    frames_and_mask,
    select,
)
from keras_attend_fusion.layers.mean_pooling import masked_mean
from keras_attend_fusion.layers.positions import dense

POOLING = ("max", "mean")


def masked_max(inputs: Any, mask: Any = None) -> Any:
    """Maximum of non-negative `(batch, frames, features)` over real frames.

    A masked frame counts as zeros, so a row without a real frame gives
    zeros.

    Example:

    >>> import numpy as np
    >>> frames = np.float32([[[2.0], [4.0], [9.0]]])
    >>> float(masked_max(frames, np.array([[True, True, False]]))[0, 0])
    4.0
    """
    return ops.max(select(ops.convert_to_tensor(inputs), mask), axis=1)


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class DeepBagOfFrames(FrameLayer):
    """Pools frames in a wide space of learned features (DBoF).

    `y = pool_t relu6(norm(x_t W))`, where `norm` is batch normalisation over
    the real frames of the batch and `pool` the maximum or the mean over the
    real frames of a video. The order of frames does not matter.

    Args:
        num_clusters: int, width of the space.
        pooling: "max" or "mean".
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: float tensor of shape `(batch, frames, features)`.
        mask: optional tensor of shape `(batch, frames)`, true wherever it
            is not zero. What a masked frame holds does not matter; a row
            that is all masked gives a vector of zeros.
        training: bool, whether the batch's own statistics normalise.

    Output shape:
        `(batch, num_clusters)`, of values from 0 to 6.

    Raises:
        ValueError: if `num_clusters` is below 1, `pooling` is unknown, the
            input is not floating-point or has no frame axis, or the mask
            does not fit it.

    Example:

    >>> import numpy as np
    >>> frames = np.random.normal(size=(2, 60, 16)).astype("float32")
    >>> mask = np.arange(60) < np.array([[60], [12]])
    >>> DeepBagOfFrames(num_clusters=32)(frames, mask=mask).shape == (2, 32)
    True

    Reference:
        - [YouTube-8M: A Large-Scale Video Classification Benchmark](
          https://arxiv.org/abs/1609.08675), section 3.1.2.
    """

    def __init__(
        self, num_clusters: int = 8192, pooling: str = "max", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if num_clusters < 1:
            raise ValueError(
                f"DeepBagOfFrames got num_clusters={num_clusters}; it must be "
                "at least 1."
            )
        if pooling not in POOLING:
            raise ValueError(
                f"DeepBagOfFrames got pooling={pooling!r}; pass one of "
                f"{POOLING}."
            )
        self.num_clusters = int(num_clusters)
        self.pooling = pooling

    def build(self, input_shape: Any) -> None:
        expect_features(self, input_shape)
        self.project = keras.layers.Dense(
            self.num_clusters,
            use_bias=False,
            dtype=self.dtype_policy,
            name="project",
        )
        self.project.build(input_shape)
        self.norm = keras.layers.BatchNormalization(
            dtype=self.dtype_policy, name="norm"
        )
        self.norm.build((*input_shape[:-1], self.num_clusters))
        self.built = True

    def call(
        self, inputs: Any, mask: Any = None, training: bool | None = None
    ) -> Any:
        inputs, mask = frames_and_mask(self, inputs, mask)
        wide = self.norm(
            dense(self.project, inputs), mask=mask, training=training
        )
        wide = ops.relu6(wide)
        pool = masked_max if self.pooling == "max" else masked_mean
        return pool(wide, mask)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], self.num_clusters)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update(num_clusters=self.num_clusters, pooling=self.pooling)
        return config
