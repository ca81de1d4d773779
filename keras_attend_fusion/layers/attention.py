"""Scaled dot-product self-attention, the tensor maths and its layer."""

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
from keras_attend_fusion.layers.positions import dense, join_heads, split_heads


def dot_product_attention(
    query: Any, key: Any, value: Any, mask: Any = None
) -> tuple[Any, Any]:
    """`softmax(q k^T / sqrt(size)) v`, with masked keys never attended.

    Args:
        query: `(batch, heads, positions, size)`.
        key: the same shape.
        value: the same shape.
        mask: optional mask of the keys, `(batch, positions)`, true wherever
            it is not zero.

    Returns:
        The attended values, shaped as `value`, and the weights,
        `(batch, heads, positions, positions)`.
    """
    logits = ops.matmul(
        query * query.shape[-1] ** -0.5, ops.transpose(key, (0, 1, 3, 2))
    )
    if mask is not None:
        mask = ops.expand_dims(as_mask(mask), axis=1)
        value = select(value, mask)
        mask = ops.expand_dims(mask, axis=1)
    weights = masked_softmax(logits, mask)
    return ops.matmul(weights, value), weights


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class SelfAttention(FrameLayer):
    """Multi-head self-attention with a residual and layer normalisation.

    `y = norm(x + concat_h(softmax(Q_h K_h^T / sqrt(key_dim)) V_h) W_o)`,
    where masked positions are never attended and count as zeros, whatever
    they hold. The projections are plain matrix products, which on
    TensorFlow's CPU kernels train several times faster than the einsum form
    of `keras.layers.MultiHeadAttention`.

    Args:
        num_heads: int, number of attention heads.
        key_dim: int, size of each head.
        dropout: float in [0, 1), dropout on the attended values.
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: float tensor of shape `(batch, positions, features)`.
        mask: optional tensor of shape `(batch, positions)`, true wherever
            it is not zero.
        training: bool, whether dropout is active.
        return_attention_scores: bool, whether to return the weights too.

    Output shape:
        That of the input; with `return_attention_scores=True` also the
        weights, `(batch, num_heads, positions, positions)`.

    Raises:
        ValueError: if `num_heads` or `key_dim` is below 1, the input is not
            floating-point or not of rank 3, or the mask does not fit it.

    Example:

    >>> import numpy as np
    >>> layer = SelfAttention(num_heads=2, key_dim=4)
    >>> layer(np.zeros((3, 7, 16), "float32")).shape == (3, 7, 16)
    True

    Reference:
        - [Attention Is All You Need](https://arxiv.org/abs/1706.03762).
    """

    positions = "positions"

    def __init__(
        self,
        num_heads: int = 8,
        key_dim: int = 64,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if num_heads < 1 or key_dim < 1:
            raise ValueError(
                f"{type(self).__name__} got num_heads={num_heads} and "
                f"key_dim={key_dim}; both must be at least 1."
            )
        self.num_heads = int(num_heads)
        self.key_dim = int(key_dim)
        self.dropout = float(dropout)

    def build(self, input_shape: Any) -> None:
        features = expect_features(self, input_shape)
        width = self.num_heads * self.key_dim
        inner = (*input_shape[:-1], width)
        self.qkv = keras.layers.Dense(
            3 * width, dtype=self.dtype_policy, name="qkv"
        )
        self.qkv.build(input_shape)
        self.projection = keras.layers.Dense(
            features, dtype=self.dtype_policy, name="projection"
        )
        self.projection.build(inner)
        self.drop = keras.layers.Dropout(
            self.dropout, dtype=self.dtype_policy, name="drop"
        )
        self.drop.build(input_shape)
        self.norm = keras.layers.LayerNormalization(
            epsilon=1e-5, dtype=self.dtype_policy, name="norm"
        )
        self.norm.build(input_shape)
        self.built = True

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
    ) -> Any:
        inputs, mask = frames_and_mask(self, inputs, mask)
        query, key, value = ops.split(dense(self.qkv, inputs), 3, axis=-1)
        attended, weights = dot_product_attention(
            split_heads(query, self.num_heads),
            split_heads(key, self.num_heads),
            split_heads(value, self.num_heads),
            mask,
        )
        joined = dense(self.projection, join_heads(attended))
        joined = self.drop(joined, training=training)
        outputs = self.norm(inputs + joined)
        return (outputs, weights) if return_attention_scores else outputs

    def compute_output_spec(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
    ) -> Any:
        batch, positions, _ = inputs.shape
        outputs = keras.KerasTensor(inputs.shape, self.compute_dtype)
        weights = keras.KerasTensor(
            (batch, self.num_heads, positions, positions), self.compute_dtype
        )
        return (outputs, weights) if return_attention_scores else outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return mask

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update(
            num_heads=self.num_heads,
            key_dim=self.key_dim,
            dropout=self.dropout,
        )
        return config
