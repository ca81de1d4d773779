"""Features that weigh one another."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.masking import check_floats


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class ContextGating(keras.layers.Layer):
    """Gates every feature by all the others: `y = sigmoid(x W + b) * x`.

    With a `rank`, `W` is the product of a `(features, rank)` and a
    `(rank, features)` matrix, which keeps the gate of a wide layer small.

    Args:
        rank: optional int, the inner size of a factored `W`; None for a
            full one.
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: float tensor of shape `(..., features)`.
        mask: passed on unchanged; the layer works on each position alone.

    Output shape:
        That of the input.

    Raises:
        ValueError: if `rank` is below 1, or the input is not floating-point.

    Example:

    >>> import numpy as np
    >>> ContextGating(rank=2)(np.ones((3, 8), "float32")).shape == (3, 8)
    True

    Reference:
        - [Learnable pooling with Context Gating for video classification](
          https://arxiv.org/abs/1706.06905).
    """

    def __init__(self, rank: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if rank is not None and rank < 1:
            raise ValueError(
                f"ContextGating got rank={rank}; pass at least 1, or None for "
                "a full matrix."
            )
        self.rank = rank
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        features, inner = input_shape[-1], input_shape
        self.input_spec = keras.layers.InputSpec(axes={-1: features})
        self.squeeze = None
        if self.rank is not None:
            self.squeeze = keras.layers.Dense(
                self.rank,
                use_bias=False,
                dtype=self.dtype_policy,
                name="squeeze",
            )
            self.squeeze.build(input_shape)
            inner = (*input_shape[:-1], self.rank)
        self.gate = keras.layers.Dense(
            features, dtype=self.dtype_policy, name="gate"
        )
        self.gate.build(inner)
        self.built = True

    def call(self, inputs: Any) -> Any:
        check_floats(self, inputs)
        context = inputs if self.squeeze is None else self.squeeze(inputs)
        return inputs * ops.sigmoid(self.gate(context))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update(rank=self.rank)
        return config
