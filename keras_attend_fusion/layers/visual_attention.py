"""The visual branch: attend over frames, then pool."""

from __future__ import annotations

from typing import Any

import keras

from keras_attend_fusion.layers.frame_attention import FrameAttention


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class VisualAttention(FrameAttention):
    """Attention over the frames of a video, pooled to one vector.

    Scaled dot-product self-attention over frames with a residual and layer
    normalisation (`SelfAttention`), then learned attention pooling
    (`AttentionPooling`). Padding is never attended, by either step. The
    defaults suit Inception features (1024 numbers a second).

    Args:
        num_heads: int, heads of the self-attention.
        key_dim: int, size of each head.
        pooling_heads: optional int, weightings learned by the pooling; it
            must divide the feature size. None takes the largest number up to
            8 that does, which `pooling.num_heads` tells once the layer is
            built.
        dropout: float in [0, 1), dropout on the attended values.
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: float tensor of shape `(batch, frames, features)`.
        mask: optional tensor of shape `(batch, frames)`, true (not zero) on
            real frames. What a masked frame holds does not matter; a row
            that is all masked gives a vector of zeros.
        training: bool, whether dropout is active.
        return_attention_scores: bool, whether to return both weights too.

    Output shape:
        `(batch, features)`. With `return_attention_scores=True` a tuple of
        that, the self-attention, `(batch, num_heads, frames, frames)`, and
        the pooling weights, `(batch, pooling_heads, frames)`: which second
        mattered.

    Raises:
        ValueError: if a count is below 1, `pooling_heads` does not divide
            the feature size, the input is not floating-point or has no frame
            axis, or the mask does not fit it.

    Example:

    >>> import numpy as np
    >>> frames = np.random.normal(size=(2, 60, 1024)).astype("float32")
    >>> mask = np.arange(60) < np.array([[60], [12]])
    >>> VisualAttention()(frames, mask=mask).shape == (2, 1024)
    True

    References:
        - [Attend-Fusion](https://arxiv.org/abs/2408.14441) names the branch;
          its inner form here is a reconstruction.
        - [Attention Is All You Need](https://arxiv.org/abs/1706.03762).
    """

    most_pooling_heads = 8

    def __init__(
        self,
        num_heads: int = 8,
        key_dim: int = 64,
        pooling_heads: int | None = None,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_heads, key_dim, pooling_heads, dropout, **kwargs)
