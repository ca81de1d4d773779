"""The audio and the visual branch: attend over frames, then pool."""

from __future__ import annotations

from typing import Any

import keras

from keras_attend_fusion.layers.attention import SelfAttention
from keras_attend_fusion.layers.attention_pooling import AttentionPooling
from keras_attend_fusion.layers.divisors import largest_divisor, optional_int
from keras_attend_fusion.layers.frame_layer import FrameLayer
from keras_attend_fusion.layers.masking import expect_features


class FrameAttention(FrameLayer):
    """Self-attention over frames, then attention pooling to one vector.

    The shared form of `AudioAttention` and `VisualAttention`, which differ
    in their defaults: `z = SelfAttention(x)`, `y = AttentionPooling(z)`,
    both over the frames that are not masked.
    """

    positions = "positions"
    most_pooling_heads: int  # where `pooling_heads` is left open

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        pooling_heads: int | None,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_heads = int(num_heads)
        self.key_dim = int(key_dim)
        self.pooling_heads = optional_int(pooling_heads)
        self.dropout = float(dropout)
        self.attention = SelfAttention(
            self.num_heads,
            self.key_dim,
            self.dropout,
            dtype=self.dtype_policy,
            name="attention",
        )
        self.pooling: Any = None
        if self.pooling_heads is not None:
            self.pooling = self._pooling(self.pooling_heads)

    def build(self, input_shape: Any) -> None:
        features = expect_features(self, input_shape)
        self.attention.build(input_shape)
        if self.pooling is None:
            self.pooling = self._pooling(self._pooling_heads(features))
        self.pooling.build(input_shape)
        self.built = True

    def _pooling(self, num_heads: int) -> AttentionPooling:
        return AttentionPooling(
            num_heads, dtype=self.dtype_policy, name="pooling"
        )

    def _pooling_heads(self, features: int) -> int:
        if self.pooling_heads is None:
            return largest_divisor(features, self.most_pooling_heads)
        return self.pooling_heads

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
    ) -> Any:
        attended, frame_scores = self.attention(
            inputs, mask=mask, training=training, return_attention_scores=True
        )
        pooled, pooling_scores = self.pooling(
            attended, mask=mask, return_attention_scores=True
        )
        if return_attention_scores:
            return pooled, frame_scores, pooling_scores
        return pooled

    def compute_output_spec(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
    ) -> Any:
        batch, frames, features = inputs.shape
        dtype = self.compute_dtype
        pooled = keras.KerasTensor((batch, features), dtype)
        if not return_attention_scores:
            return pooled
        heads = self._pooling_heads(features)
        return (
            pooled,
            keras.KerasTensor((batch, self.num_heads, frames, frames), dtype),
            keras.KerasTensor((batch, heads, frames), dtype),
        )

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update(
            num_heads=self.num_heads,
            key_dim=self.key_dim,
            pooling_heads=self.pooling_heads,
            dropout=self.dropout,
        )
        return config
