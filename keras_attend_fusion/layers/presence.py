"""Which modalities a video really has."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def _check_rank(shape: Any) -> None:
    if len(shape) != 2:
        raise ValueError(
            f"Presence got inputs of shape {tuple(shape)} and no mask; pass "
            "one vector a video, (batch, features), or the mask of the frames."
        )


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class Presence(keras.layers.Layer):
    """Tells, for each video, whether a modality is there at all.

    With a mask over frames, `present = any(mask)`. Without one (one vector a
    video), `present = any(x != 0)`: a row of zeros stands for a modality
    that is missing. Real features are never zero in every place, whether as
    floats or as bytes, so the raw input must be given, before it is
    dequantised.

    Args:
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: tensor of shape `(batch, features)`, or
            `(batch, frames, features)` with a mask.
        mask: optional bool tensor of shape `(batch, frames)`.

    Output shape:
        `(batch,)`, bool. True where the modality is present.

    Raises:
        ValueError: if `inputs` has frames and no mask is given.

    Example:

    >>> import numpy as np
    >>> present = Presence()(np.float32([[0.5, 0.0], [0.0, 0.0]]))
    >>> [bool(p) for p in present]
    [True, False]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is not None:
            return ops.any(ops.cast(mask, "bool"), axis=-1)
        _check_rank(inputs.shape)
        zero = ops.zeros((), dtype=inputs.dtype)
        return ops.any(ops.not_equal(inputs, zero), axis=-1)

    def compute_output_spec(
        self, inputs: Any, mask: Any = None
    ) -> keras.KerasTensor:
        if mask is None:
            _check_rank(inputs.shape)
        return keras.KerasTensor(inputs.shape[:1], dtype="bool")

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[:1]

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None
