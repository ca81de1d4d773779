"""Which modalities a video really has."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.masking import as_mask, check_mask


def _check(layer: Presence, inputs: Any, mask: Any) -> None:
    shape = tuple(inputs.shape)
    if len(shape) != 2 and mask is None:
        raise ValueError(
            f"Presence got inputs of shape {shape} and no mask; pass "
            "one vector a video, (batch, features), or the mask of the frames."
        )
    if len(shape) not in (2, 3):
        raise ValueError(
            f"Presence got inputs of shape {shape}; it needs (batch, "
            "features) or (batch, frames, features)."
        )
    check_mask(layer, shape, mask)


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class Presence(keras.layers.Layer):
    """Tells, for each video, whether a modality is there at all.

    With a mask over frames, `present = any(mask)`, whatever the frames hold.
    Without one (one vector a video), `present = any(x != 0)`: a row of zeros
    stands for a modality that is missing. Real features are never zero in
    every place, whether as floats or as bytes, so the raw input must be
    given, before it is dequantised.

    Args:
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: tensor of shape `(batch, features)`, or
            `(batch, frames, features)` with a mask.
        mask: optional tensor, true wherever it is not zero: of shape
            `(batch, frames)`, or `(batch,)` for vectors.

    Output shape:
        `(batch,)`, bool. True where the modality is present.

    Raises:
        ValueError: if `inputs` has frames and no mask is given, or the mask
            does not fit it.

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
        _check(self, inputs, mask)
        if mask is not None:
            mask = as_mask(mask)
            return ops.any(mask, axis=-1) if len(mask.shape) == 2 else mask
        inputs = ops.convert_to_tensor(inputs)
        if keras.backend.is_int_dtype(inputs.dtype):
            inputs = ops.cast(inputs, "int32")  # LiteRT compares no bytes
        zero = ops.zeros((), dtype=inputs.dtype)
        return ops.any(ops.not_equal(inputs, zero), axis=-1)

    def compute_output_spec(
        self, inputs: Any, mask: Any = None
    ) -> keras.KerasTensor:
        _check(self, inputs, mask)
        return keras.KerasTensor(inputs.shape[:1], dtype="bool")

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[:1]

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None
