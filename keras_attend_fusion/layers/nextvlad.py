"""NetVLAD over groups of features: a smaller vector from more clusters."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.netvlad import residuals
from keras_attend_fusion.layers.positions import dense


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class NeXtVLAD(keras.layers.Layer):
    """NetVLAD over groups of widened features, each group with a say.

    A frame is widened, `z_t = x_t E + b`, and cut into groups `z_tg` that
    share the centres:

    `V_k = sum_t sum_g m_t s_tg a_tgk (z_tg - c_k)`

    `s_tg = sigmoid(z_t . u_g + d_g)`, what group `g` has to say, and
    `a_tg = softmax_k(norm(z_t W_g))`, its soft assignment, where `norm` is
    batch normalisation over the real frames of the batch. Each `V_k` is
    scaled to length 1. The vector is `groups / expansion` times smaller
    than that of NetVLAD with as many clusters.

    Args:
        num_clusters: int, number of clusters.
        groups: int, number of groups; it must divide the widened features.
        expansion: int, how many times wider a frame is made.
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: float tensor of shape `(batch, frames, features)`.
        mask: optional bool tensor of shape `(batch, frames)`, True on real
            frames. A row that is all False gives a vector of zeros.
        training: bool, whether the batch's own statistics normalise.

    Output shape:
        `(batch, num_clusters * expansion * features / groups)`, cluster
        after cluster.

    Raises:
        ValueError: if a count is below 1, `groups` does not divide the
            widened features, or the input has no frame axis.

    Example:

    >>> import numpy as np
    >>> frames = np.random.normal(size=(2, 60, 16)).astype("float32")
    >>> mask = np.arange(60) < np.array([[60], [12]])
    >>> layer = NeXtVLAD(num_clusters=4, groups=8, expansion=2)
    >>> layer(frames, mask=mask).shape == (2, 4 * 2 * 16 // 8)
    True

    Reference:
        - [NeXtVLAD: An Efficient Neural Network to Aggregate Frame-level
          Features for Large-scale Video Classification](
          https://arxiv.org/abs/1811.05014).
    """

    def __init__(
        self,
        num_clusters: int = 128,
        groups: int = 8,
        expansion: int = 2,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if num_clusters < 1 or groups < 1 or expansion < 1:
            raise ValueError(
                f"NeXtVLAD got num_clusters={num_clusters}, groups={groups} "
                f"and expansion={expansion}; all must be at least 1."
            )
        self.num_clusters = int(num_clusters)
        self.groups = int(groups)
        self.expansion = int(expansion)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        if len(input_shape) != 3 or input_shape[-1] is None:
            raise ValueError(
                f"NeXtVLAD got an input of shape {input_shape}; it needs "
                "(batch, frames, features) with the features known."
            )
        wide = self.expansion * input_shape[-1]
        if wide % self.groups:
            raise ValueError(
                f"NeXtVLAD got groups={self.groups} for {input_shape[-1]} "
                f"features made {self.expansion} times wider; groups must "
                f"divide {wide}."
            )
        frames = tuple(input_shape[:-1])
        self.expand = self._dense(wide, "expand")
        self.expand.build(input_shape)
        self.attend = self._dense(self.groups, "attend")
        self.attend.build((*frames, wide))
        logits = self.groups * self.num_clusters
        self.assign = self._dense(logits, "assign", use_bias=False)
        self.assign.build((*frames, wide))
        self.norm = keras.layers.BatchNormalization(
            dtype=self.dtype_policy, name="norm"
        )
        self.norm.build((*frames, logits))
        size = wide // self.groups
        self.centres = self.add_weight(
            name="centres",
            shape=(self.num_clusters, size),
            initializer=keras.initializers.RandomNormal(stddev=size**-0.5),
        )
        self.built = True

    def _dense(
        self, units: int, name: str, use_bias: bool = True
    ) -> keras.layers.Dense:
        return keras.layers.Dense(
            units, use_bias=use_bias, dtype=self.dtype_policy, name=name
        )

    def call(
        self, inputs: Any, mask: Any = None, training: bool | None = None
    ) -> Any:
        wide = dense(self.expand, inputs)
        logits = self.norm(
            dense(self.assign, wide), mask=mask, training=training
        )
        say = ops.cast(ops.sigmoid(dense(self.attend, wide)), "float32")
        if mask is not None:
            say = say * ops.expand_dims(ops.cast(mask, "float32"), axis=-1)
        # From here each group of each frame is a position of its own.
        size = wide.shape[-1] // self.groups
        wide, logits, say = (self._apart(one) for one in (wide, logits, say))
        assignment = ops.softmax(ops.cast(logits, "float32"), axis=-1)
        assignment = assignment * say
        away = residuals(wide, ops.cast(assignment, wide.dtype), self.centres)
        vector = ops.reshape(away, (-1, self.num_clusters * size))
        return ops.cast(vector, self.compute_dtype)

    def _apart(self, inputs: Any) -> Any:
        """Its groups one after the other, in the order of the frames each."""
        return ops.concatenate(ops.split(inputs, self.groups, axis=-1), axis=1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        size = self.expansion * input_shape[-1] // self.groups
        return (input_shape[0], self.num_clusters * size)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update(
            num_clusters=self.num_clusters,
            groups=self.groups,
            expansion=self.expansion,
        )
        return config
