"""The plain mean over frames, the yardstick of every attention."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


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
    keep = ops.expand_dims(ops.cast(mask, inputs.dtype), axis=-1)
    count = ops.maximum(ops.sum(keep, axis=1), 1.0)
    return ops.sum(inputs * keep, axis=1) / count


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class MeanPooling(keras.layers.Layer):
    """Averages the real frames of a video.

    `y = sum_t m_t x_t / max(1, sum_t m_t)`. Unlike
    `keras.layers.GlobalAveragePooling1D`, a row that is all masked gives
    zeros instead of NaN.

    Args:
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: float tensor of shape `(batch, frames, features)`.
        mask: optional bool tensor of shape `(batch, frames)`.

    Output shape:
        `(batch, features)`.

    Example:

    >>> import numpy as np
    >>> MeanPooling()(np.ones((2, 5, 3), "float32")).shape == (2, 3)
    True
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        return masked_mean(inputs, mask)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], input_shape[-1])

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None
