"""From quantised bytes to the features they stand for."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.masking import check_mask, select


def dequantize(
    inputs: Any, min_value: float = -2.0, max_value: float = 2.0
) -> Any:
    """`q * (max - min) / 255 + (max - min) / 512 + min`, in float32.

    Example:

    >>> import numpy as np
    >>> values = dequantize(np.array([0, 255], "uint8"))
    >>> [float(v) for v in values]
    [-1.9921875, 2.0078125]
    """
    span = max_value - min_value
    return ops.cast(inputs, "float32") * (span / 255.0) + (
        span / 512.0 + min_value
    )


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class Dequantize(keras.layers.Layer):
    """Turns 8-bit quantised features into floats inside the model.

    `x = q * (max - min) / 255 + (max - min) / 512 + min` for integer input;
    float input passes through. With the default range of [-2, 2] this is the
    dequantisation of the YouTube-8M and AudioSet features. Being a layer, it
    lets batches travel as bytes, a quarter of the size of floats.

    Padding is set to zero **after** dequantisation: byte 0 alone would stand
    for -1.992.

    Args:
        min_value: float, the lower end of the quantised range.
        max_value: float, the upper end.
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: integer tensor with values 0 to 255 (dequantised) or float
            tensor (returned as it is), of any shape.
        mask: optional tensor of the shape of `inputs` less its last axis,
            true wherever it is not zero. Masked positions become 0, whatever
            they hold.

    Output shape:
        That of the input; dtype is the layer's compute dtype.

    Raises:
        ValueError: if `max_value` is not above `min_value`, the input is
            of bools or of signed bytes, which do not reach 255, or the mask
            does not fit it.

    Example:

    >>> import numpy as np
    >>> frames = np.array([[[255], [0]]], "uint8")
    >>> out = Dequantize()(frames, mask=np.array([[True, False]]))
    >>> [float(v) for v in np.ravel(keras.ops.convert_to_numpy(out))]
    [2.0078125, 0.0]

    Reference:
        - [YouTube-8M: A Large-Scale Video Classification Benchmark](
          https://arxiv.org/abs/1609.08675), whose reader this inverts.
    """

    def __init__(
        self, min_value: float = -2.0, max_value: float = 2.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if max_value <= min_value:
            raise ValueError(
                f"Dequantize got max_value={max_value} and min_value="
                f"{min_value}; max_value must be the larger."
            )
        self.min_value = float(min_value)
        self.max_value = float(max_value)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        outputs = ops.convert_to_tensor(inputs)
        self._check(outputs, mask)
        if keras.backend.is_int_dtype(outputs.dtype):
            outputs = dequantize(outputs, self.min_value, self.max_value)
        return select(ops.cast(outputs, self.compute_dtype), mask)

    def compute_output_spec(
        self, inputs: Any, mask: Any = None
    ) -> keras.KerasTensor:
        self._check(inputs, mask)
        return keras.KerasTensor(inputs.shape, dtype=self.compute_dtype)

    def _check(self, inputs: Any, mask: Any) -> None:
        dtype = keras.backend.standardize_dtype(inputs.dtype)
        if dtype in ("bool", "int8"):
            raise ValueError(
                f"{type(self).__name__} got inputs of dtype {dtype}; it takes "
                "integers from 0 to 255, as uint8 holds them, or floats."
            )
        check_mask(self, inputs.shape, mask)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update(min_value=self.min_value, max_value=self.max_value)
        return config
