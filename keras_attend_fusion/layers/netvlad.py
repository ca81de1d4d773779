"""How the frames of a video differ from learned centres."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.frame_layer import FrameLayer
from keras_attend_fusion.layers.masking import (
    expect_features,
    frames_and_mask,
)
from keras_attend_fusion.layers.positions import dense


def l2_normalize(inputs: Any) -> Any:
    """Rows of length 1 along the last axis; a row of zeros stays zeros.

    The gradient at a row of zeros is finite, unlike that of
    `keras.ops.normalize`.

    Example:

    >>> import numpy as np
    >>> rows = l2_normalize(np.float32([[3.0, 4.0], [0.0, 0.0]]))
    >>> [round(float(v), 3) for v in rows[0]], float(rows[1, 0])
    ([0.6, 0.8], 0.0)
    """
    inputs = ops.convert_to_tensor(inputs)
    square = ops.sum(ops.square(inputs), axis=-1, keepdims=True)
    return inputs * ops.rsqrt(ops.maximum(square, 1e-12))


def residuals(inputs: Any, assignment: Any, centres: Any) -> Any:
    """`V_k = sum_t a_tk (x_t - c_k)`, each row scaled to length 1.

    Args:
        inputs: `(batch, positions, features)`.
        assignment: `(batch, positions, clusters)`, 0 where not to count.
        centres: `(clusters, features)`.

    Returns:
        `(batch, clusters, features)`, float32.
    """
    summed = ops.matmul(ops.transpose(assignment, (0, 2, 1)), inputs)
    weight = ops.sum(ops.cast(assignment, "float32"), axis=1)
    away = ops.cast(summed, "float32") - (
        ops.expand_dims(weight, axis=-1) * ops.cast(centres, "float32")
    )
    return l2_normalize(away)


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class NetVLAD(FrameLayer):
    """Sums, cluster by cluster, how frames differ from learned centres.

    `V_k = sum_t m_t a_tk (x_t - c_k)` with the soft assignment
    `a_t = softmax_k(norm(x_t W))`, where `norm` is batch normalisation over
    the real frames of the batch. Each `V_k` is scaled to length 1, then the
    whole. The order of frames does not matter, and neither does a video
    that repeats itself.

    Args:
        num_clusters: int, number of clusters.
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: float tensor of shape `(batch, frames, features)`.
        mask: optional tensor of shape `(batch, frames)`, true wherever it
            is not zero. What a masked frame holds does not matter; a row
            that is all masked gives a vector of zeros.
        training: bool, whether the batch's own statistics normalise.

    Output shape:
        `(batch, num_clusters * features)`, cluster after cluster.

    Raises:
        ValueError: if `num_clusters` is below 1, the input is not
            floating-point or has no frame axis, or the mask does not fit it.

    Example:

    >>> import numpy as np
    >>> frames = np.random.normal(size=(2, 60, 16)).astype("float32")
    >>> mask = np.arange(60) < np.array([[60], [12]])
    >>> NetVLAD(num_clusters=4)(frames, mask=mask).shape == (2, 64)
    True

    References:
        - [NetVLAD](https://arxiv.org/abs/1511.07247), where it pools places
          of a picture.
        - [Learnable pooling with Context Gating](
          https://arxiv.org/abs/1706.06905), where it pools frames; their
          code puts the batch normalisation in place of a bias.
    """

    def __init__(self, num_clusters: int = 64, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if num_clusters < 1:
            raise ValueError(
                f"NetVLAD got num_clusters={num_clusters}; it must be at "
                "least 1."
            )
        self.num_clusters = int(num_clusters)

    def build(self, input_shape: Any) -> None:
        features = expect_features(self, input_shape)
        small = keras.initializers.RandomNormal(stddev=features**-0.5)
        self.assign = keras.layers.Dense(
            self.num_clusters,
            use_bias=False,
            kernel_initializer=small,
            dtype=self.dtype_policy,
            name="assign",
        )
        self.assign.build(input_shape)
        self.norm = keras.layers.BatchNormalization(
            dtype=self.dtype_policy, name="norm"
        )
        self.norm.build((*input_shape[:-1], self.num_clusters))
        self.centres = self.add_weight(
            name="centres",
            shape=(self.num_clusters, features),
            initializer=small.clone(),
        )
        self.built = True

    def call(
        self, inputs: Any, mask: Any = None, training: bool | None = None
    ) -> Any:
        inputs, mask = frames_and_mask(self, inputs, mask)
        logits = self.norm(
            dense(self.assign, inputs), mask=mask, training=training
        )
        assignment = ops.softmax(ops.cast(logits, "float32"), axis=-1)
        if mask is not None:
            keep = ops.expand_dims(ops.cast(mask, "float32"), axis=-1)
            assignment = assignment * keep
        away = residuals(
            inputs, ops.cast(assignment, inputs.dtype), self.centres
        )
        width = self.num_clusters * inputs.shape[-1]
        whole = l2_normalize(ops.reshape(away, (-1, width)))
        return ops.cast(whole, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], self.num_clusters * input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update(num_clusters=self.num_clusters)
        return config
