"""One vector from many frames, weighted by learned attention."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.masked_softmax import masked_softmax
from keras_attend_fusion.layers.positions import multiply, split_heads


def attention_pool(inputs: Any, scores: Any, mask: Any = None) -> Any:
    """Pools frames head by head; returns `(pooled, weights)`.

    `w = softmax(scores)` over the frames that are not masked and
    `pooled[h] = sum_t w[h, t] x[t, h]`, where the features are cut into as
    many equal parts as there are heads.

    Args:
        inputs: `(batch, frames, features)`.
        scores: `(batch, frames, heads)`.
        mask: optional bool `(batch, frames)`.

    Returns:
        `(batch, features)` and `(batch, heads, frames)`.
    """
    heads, features = scores.shape[-1], inputs.shape[-1]
    if mask is not None:
        mask = ops.expand_dims(mask, axis=1)
    weights = masked_softmax(ops.transpose(scores, (0, 2, 1)), mask)
    parts = split_heads(inputs, heads)
    pooled = ops.matmul(ops.expand_dims(weights, axis=2), parts)
    return ops.reshape(pooled, (-1, features)), weights


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class AttentionPooling(keras.layers.Layer):
    """Pools frames to one vector by learned, masked attention.

    Each head has a learned query `q_h`; frame `t` gets the weight
    `w[h, t] = softmax_t(x_t . q_h)` over the frames that are not masked, and
    head `h` returns the weighted sum of its part of the features. The
    queries start at zero, so an untrained layer is the mean over the real
    frames; there is nothing for a factor `1 / sqrt(features)` to tame, and
    it would slow the queries' learning by as much.

    Args:
        num_heads: int, how many weightings are learned; it must divide the
            feature size.
        kernel_initializer: initialiser of the queries.
        kernel_regularizer: optional regulariser of the queries.
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: float tensor of shape `(batch, frames, features)`.
        mask: optional bool tensor of shape `(batch, frames)`; False is never
            attended. A row that is all False gives a vector of zeros.
        return_attention_scores: bool, whether to return the weights too.

    Output shape:
        `(batch, features)`; with `return_attention_scores=True` also the
        weights, `(batch, num_heads, frames)`, which sum to 1 over frames.

    Raises:
        ValueError: if the input has no frame axis, its feature size is not
            known, or `num_heads` does not divide it.

    Example:

    >>> import numpy as np
    >>> frames = np.float32([[[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]]])
    >>> mask = np.array([[True, True, False]])
    >>> out = AttentionPooling()(frames, mask=mask)
    >>> [round(float(v), 3) for v in out[0]]
    [2.0, 3.0]

    Reference:
        - [Hierarchical Attention Networks for Document Classification](
          https://aclanthology.org/N16-1174/), where a learned context
          vector weighs the positions.
    """

    def __init__(
        self,
        num_heads: int = 1,
        kernel_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if num_heads < 1:
            raise ValueError(
                f"AttentionPooling got num_heads={num_heads}; it must be at "
                "least 1."
            )
        self.num_heads = int(num_heads)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        if len(input_shape) != 3 or input_shape[-1] is None:
            raise ValueError(
                f"AttentionPooling got an input of shape {input_shape}; it "
                "needs (batch, frames, features) with the features known."
            )
        if input_shape[-1] % self.num_heads:
            raise ValueError(
                f"AttentionPooling got num_heads={self.num_heads} for "
                f"{input_shape[-1]} features; num_heads must divide them."
            )
        self.kernel = self.add_weight(
            name="queries",
            shape=(input_shape[-1], self.num_heads),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )
        self.built = True

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        return_attention_scores: bool = False,
    ) -> Any:
        scores = multiply(inputs, self.kernel)
        pooled, weights = attention_pool(inputs, scores, mask)
        return (pooled, weights) if return_attention_scores else pooled

    def compute_output_spec(
        self,
        inputs: Any,
        mask: Any = None,
        return_attention_scores: bool = False,
    ) -> Any:
        batch, frames, features = inputs.shape
        pooled = keras.KerasTensor((batch, features), self.compute_dtype)
        weights = keras.KerasTensor(
            (batch, self.num_heads, frames), self.compute_dtype
        )
        return (pooled, weights) if return_attention_scores else pooled

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], input_shape[-1])

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update(
            num_heads=self.num_heads,
            kernel_initializer=keras.initializers.serialize(
                self.kernel_initializer
            ),
            kernel_regularizer=keras.regularizers.serialize(
                self.kernel_regularizer
            ),
        )
        return config
