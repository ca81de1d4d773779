"""The vectors of several modalities as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.masking import check_vectors, select


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class JoinPresent(keras.layers.Layer):
    """Puts vectors end to end, zeros in place of one that is missing.

    `y = [p_1 x_1, …, p_m x_m]` with `p_i` 1 where vector i is there and 0
    where it is not, whatever it holds then.

    Args:
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: list of float tensors of shape `(batch, features)`, of any
            sizes.
        mask: list of tensors of shape `(batch,)`, one for each vector, true
            (not zero) where it is there.

    Output shape:
        `(batch, sum of features)`.

    Raises:
        ValueError: if an input is not a floating-point vector, there are
            not as many masks as vectors, or one does not fit its vector.

    Example:

    >>> import numpy as np
    >>> picture, sound = np.ones((2, 2), "float32"), np.ones((2, 1), "float32")
    >>> there, missing = np.array([True, True]), np.array([True, False])
    >>> joined = JoinPresent()([picture, sound], mask=[there, missing])
    >>> [[float(x) for x in row] for row in joined]
    [[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Sequence[Any]) -> None:
        self.built = True

    def call(
        self, inputs: Sequence[Any], mask: Sequence[Any] | None = None
    ) -> Any:
        masks = [] if mask is None else mask
        check_vectors(self, inputs, masks)
        vectors = [
            select(vector, present)
            for vector, present in zip(inputs, masks, strict=True)
        ]
        return ops.concatenate(vectors, axis=1)

    def compute_output_spec(
        self, inputs: Sequence[Any], mask: Sequence[Any] | None = None
    ) -> keras.KerasTensor:
        check_vectors(self, inputs, [] if mask is None else mask)
        shape = self.compute_output_shape([x.shape for x in inputs])
        return keras.KerasTensor(shape, self.compute_dtype)

    def compute_output_shape(self, input_shape: Sequence[Any]) -> Any:
        return (input_shape[0][0], sum(shape[-1] for shape in input_shape))

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None
