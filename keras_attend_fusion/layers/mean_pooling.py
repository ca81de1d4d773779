"""The plain mean over frames, the yardstick of every attention."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.frame_layer import FrameLayer
from keras_attend_fusion.layers.masking import (
    as_mask,
    frames_and_mask,
    select,
)


def masked_mean(inputs: Any, mask: Any = None) -> Any:
    """Mean of `(batch, frames, features)` over the frames in `mask`.

    Example:

    >>> import numpy as np
    >>> frames = np.float32([[[2.0], [4.0], [9.0]]])
    >>> float(masked_mean(frames, np.array([[True, True, False]]))[0, 0])
    3.0
    """
    inputs = ops.convert_to_tensor(inputs)
    if mask is None:
        return ops.mean(inputs, axis=1)
    real = ops.cast(as_mask(mask), inputs.dtype)
    count = ops.maximum(ops.sum(real, axis=1, keepdims=True), 1.0)
    return ops.sum(select(inputs, mask), axis=1) / count


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class MeanPooling(FrameLayer):
    """Averages the real frames of a video.

    `y = sum_t m_t x_t / max(1, sum_t m_t)`. Unlike
    `keras.layers.GlobalAveragePooling1D`, a row that is all masked gives
    zeros instead of NaN.

    Args:
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: float tensor of shape `(batch, frames, features)`.
        mask: optional tensor of shape `(batch, frames)`, true wherever it
            is not zero. What a masked frame holds does not matter.

    Output shape:
        `(batch, features)`.

    Raises:
        ValueError: if the input is not floating-point or has no frame axis,
            or the mask does not fit it.

    Example:

    >>> import numpy as np
    >>> MeanPooling()(np.ones((2, 5, 3), "float32")).shape == (2, 3)
    True
    """

    def build(self, input_shape: Any) -> None:
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        return masked_mean(*frames_and_mask(self, inputs, mask))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], input_shape[-1])
