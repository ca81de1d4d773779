"""NetVLAD over groups of features: a smaller vector from more clusters."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.divisors import largest_divisor, optional_int
from keras_attend_fusion.layers.frame_layer import FrameLayer
from keras_attend_fusion.layers.masking import (
    expect_features,
    frames_and_mask,
)
from keras_attend_fusion.layers.netvlad import residuals
from keras_attend_fusion.layers.positions import dense

MOST_GROUPS = 8  # where the number of groups is left open


def _apart(inputs: Any, groups: int) -> Any:
    """The groups one after the other, in the order of the frames each."""
    return ops.concatenate(ops.split(inputs, groups, axis=-1), axis=1)


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class NeXtVLAD(FrameLayer):
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
        groups: optional int, number of groups; it must divide the widened
            features. None takes the largest number up to 8 that does, which
            `attend.units` tells once the layer is built.
        expansion: int, how many times wider a frame is made.
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: float tensor of shape `(batch, frames, features)`.
        mask: optional tensor of shape `(batch, frames)`, true wherever it
            is not zero. What a masked frame holds does not matter; a row
            that is all masked gives a vector of zeros.
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
        groups: int | None = None,
        expansion: int = 2,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if min(num_clusters, expansion, 1 if groups is None else groups) < 1:
            raise ValueError(
                f"NeXtVLAD got num_clusters={num_clusters}, groups={groups} "
                f"and expansion={expansion}; all must be at least 1."
            )
        self.num_clusters = int(num_clusters)
        self.groups = optional_int(groups)
        self.expansion = int(expansion)

    def build(self, input_shape: Any) -> None:
        features = expect_features(self, input_shape)
        wide = self.expansion * features
        groups = self._groups(features)
        if wide % groups:
            raise ValueError(
                f"NeXtVLAD got groups={groups} for {features} "
                f"features made {self.expansion} times wider; groups must "
                f"divide {wide}."
            )
        frames = tuple(input_shape[:-1])
        self.expand = self._dense(wide, "expand")
        self.expand.build(input_shape)
        self.attend = self._dense(groups, "attend")
        self.attend.build((*frames, wide))
        logits = groups * self.num_clusters
        self.assign = self._dense(logits, "assign", use_bias=False)
        self.assign.build((*frames, wide))
        self.norm = keras.layers.BatchNormalization(
            dtype=self.dtype_policy, name="norm"
        )
        self.norm.build((*frames, logits))
        size = wide // groups
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
        inputs, mask = frames_and_mask(self, inputs, mask)
        wide = dense(self.expand, inputs)
        logits = self.norm(
            dense(self.assign, wide), mask=mask, training=training
        )
        say = ops.cast(ops.sigmoid(dense(self.attend, wide)), "float32")
        if mask is not None:
            say = say * ops.expand_dims(ops.cast(mask, "float32"), axis=-1)
        # From here each group of each frame is a position of its own.
        groups = self.attend.units
        size = wide.shape[-1] // groups
        wide, logits, say = (
            _apart(each, groups) for each in (wide, logits, say)
        )
        assignment = ops.softmax(ops.cast(logits, "float32"), axis=-1)
        assignment = assignment * say
        away = residuals(wide, ops.cast(assignment, wide.dtype), self.centres)
        vector = ops.reshape(away, (-1, self.num_clusters * size))
        return ops.cast(vector, self.compute_dtype)

    def _groups(self, features: int) -> int:
        if self.groups is None:
            return largest_divisor(self.expansion * features, MOST_GROUPS)
        return self.groups

    def compute_output_shape(self, input_shape: Any) -> Any:
        features = input_shape[-1]
        size = self.expansion * features // self._groups(features)
        return (input_shape[0], self.num_clusters * size)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update(
            num_clusters=self.num_clusters,
            groups=self.groups,
            expansion=self.expansion,
        )
        return config
