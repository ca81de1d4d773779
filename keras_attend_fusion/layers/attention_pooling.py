"""One vector from many frames, weighted by learned attention."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.frame_layer import FrameLayer
from keras_attend_fusion.layers.masked_softmax import masked_softmax
from keras_attend_fusion.layers.masking import (
    as_mask,
    expect_features,
    frames_and_mask,
    select,
)
from keras_attend_fusion.layers.positions import multiply, split_heads


def attention_pool(inputs: Any, scores: Any, mask: Any = None) -> Any:
    """Pools frames head by head; returns `(pooled, weights)`.

    `w = softmax(scores)` over the frames that are not masked and
    `pooled[h] = sum_t w[h, t] x[t, h]`, where the features are cut into as
    many equal parts as there are heads.

    Args:
        inputs: `(batch, frames, features)`.
        scores: `(batch, frames, heads)`.
        mask: optional mask, `(batch, frames)`, true wherever it is not zero.

    Returns:
        `(batch, features)` and `(batch, heads, frames)`.
    """
    heads, features = scores.shape[-1], inputs.shape[-1]
    if mask is not None:
        inputs = select(inputs, mask)
        mask = ops.expand_dims(as_mask(mask), axis=1)
    weights = masked_softmax(ops.transpose(scores, (0, 2, 1)), mask)
    parts = split_heads(inputs, heads)
    pooled = ops.matmul(ops.expand_dims(weights, axis=2), parts)
    return ops.reshape(pooled, (-1, features)), weights


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class AttentionPooling(FrameLayer):
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
        mask: optional tensor of shape `(batch, frames)`, true wherever it
            is not zero. What is masked is never attended, whatever it holds;
            a row that is all masked gives a vector of zeros.
        return_attention_scores: bool, whether to return the weights too.

    Output shape:
        `(batch, features)`; with `return_attention_scores=True` also the
        weights, `(batch, num_heads, frames)`, which sum to 1 over frames.

    Raises:
        ValueError: if the input is not floating-point, has no frame axis or
            its feature size is not known, `num_heads` does not divide that
            size, or the mask does not fit the input.

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

    def build(self, input_shape: Any) -> None:
        features = expect_features(self, input_shape)
        if features % self.num_heads:
            raise ValueError(
                f"AttentionPooling got num_heads={self.num_heads} for "
                f"{features} features; num_heads must divide them."
            )
        self.kernel = self.add_weight(
            name="queries",
            shape=(features, self.num_heads),
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
        inputs, mask = frames_and_mask(self, inputs, mask)
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
