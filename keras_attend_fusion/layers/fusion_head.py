"""From the vectors of the modalities to the scores of the classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.attention import SelfAttention
from keras_attend_fusion.layers.context_gating import ContextGating
from keras_attend_fusion.layers.divisors import largest_divisor, optional_int
from keras_attend_fusion.layers.masking import as_mask, check_vectors

MOST_HEADS = 8  # where the number of heads is left open


def _are_alike(shapes: Sequence[Any]) -> bool:
    """Whether these are the shapes of vectors that can be stacked."""
    pairs = [s for s in shapes if isinstance(s, (list, tuple)) and len(s) == 2]
    return len(pairs) == len(shapes) and len({s[-1] for s in pairs}) == 1


def _given(mask: Sequence[Any] | None) -> Sequence[Any] | None:
    """The masks, or None where Keras fills in None for each vector."""
    if mask is None or all(m is None for m in mask):
        return None
    return mask


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class FusionHead(keras.layers.Layer):
    """Lets the modality vectors attend to each other, gates, classifies.

    The vectors are tokens `t_1 … t_m` of one size:

    1. attend: `z = SelfAttention(t)` over the modalities that are present;
    2. join: `h = dropout(relu(norm([z_1, …, z_m] W)))`;
    3. gate: `g = ContextGating(h)`, or `g = h` without a gate;
    4. classify: `scores = activation(g V + b)`, in float32.

    A modality that is missing is masked out: no other token attends to it
    and it adds nothing to the join, whatever its vector holds. A video with
    no modality at all gets finite scores from the biases alone.

    What is left at None is fitted to the vectors when the layer is built;
    `attention.num_heads`, `attention.key_dim` and `join.units` then tell
    what was chosen.

    Args:
        num_classes: int, number of classes.
        hidden_units: optional int, size of the joint layer; None makes it
            as wide as all vectors together.
        num_heads: optional int, heads of the attention between modalities;
            None takes the largest number up to 8 that divides a vector.
        key_dim: optional int, size of each head; None gives the heads as
            much as a vector holds, together.
        gating_rank: optional int, see `ContextGating`; 0 leaves the gate
            out.
        dropout: float in [0, 1), dropout of the joint layer.
        activation: activation of the scores; "sigmoid" for labels that do
            not exclude each other, "softmax" for those that do, None for
            logits.
        class_prior: float in (0, 1), the share of positives an untrained
            classifier with a sigmoid starts from, set through its bias. One
            with a softmax starts with the same score for each class.
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: list of float tensors, one for each modality, all of shape
            `(batch, units)`.
        mask: optional list of tensors of shape `(batch,)`, one for each
            modality, true (not zero) where it is present. None means all
            are.
        training: bool, whether dropout is active and statistics are updated.
        return_attention_scores: bool, whether to return the attention
            between the modalities too.

    Output shape:
        `(batch, num_classes)`, float32; with `return_attention_scores=True`
        also the weights, `(batch, num_heads, modalities, modalities)`.

    Raises:
        ValueError: if the vectors are not floating-point or differ in
            shape, there are not as many masks as vectors, a mask does not
            fit its vector, or an argument is out of its range.

    Example:

    >>> import numpy as np
    >>> picture = np.ones((2, 16), "float32")
    >>> sound = np.zeros((2, 16), "float32")
    >>> head = FusionHead(num_classes=5, hidden_units=8)
    >>> there, missing = np.array([True, True]), np.array([True, False])
    >>> head([picture, sound], mask=[there, missing]).shape == (2, 5)
    True

    References:
        - [Attend-Fusion](https://arxiv.org/abs/2408.14441), which fuses the
          two modalities by attention; widths, gate and joint layer here are
          a reconstruction.
        - [Learnable pooling with Context Gating](
          https://arxiv.org/abs/1706.06905) for the gate.
    """

    def __init__(
        self,
        num_classes: int,
        hidden_units: int | None = None,
        num_heads: int | None = None,
        key_dim: int | None = None,
        gating_rank: int | None = None,
        dropout: float = 0.0,
        activation: Any = "sigmoid",
        class_prior: float = 0.001,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if num_classes < 1 or (hidden_units is not None and hidden_units < 1):
            raise ValueError(
                f"FusionHead got num_classes={num_classes} and hidden_units="
                f"{hidden_units}; both must be at least 1."
            )
        if not 0.0 < class_prior < 1.0:
            raise ValueError(
                f"FusionHead got class_prior={class_prior}; it must lie "
                "between 0 and 1."
            )
        self.num_classes = int(num_classes)
        self.hidden_units = optional_int(hidden_units)
        self.num_heads = optional_int(num_heads)
        self.key_dim = optional_int(key_dim)
        self.gating_rank = gating_rank
        self.dropout = float(dropout)
        self.activation = keras.activations.get(activation)
        self.class_prior = float(class_prior)
        self.supports_masking = True

    def build(self, input_shape: Sequence[Any]) -> None:
        shapes = list(input_shape)
        if not _are_alike(shapes):
            raise ValueError(
                f"FusionHead got vectors of shapes {shapes}; it needs a list "
                "of (batch, units) with the same units. Project them first."
            )
        batch, units = shapes[0]
        spec = keras.layers.InputSpec(ndim=2, axes={-1: units})
        self.input_spec = [spec] * len(shapes)
        policy = self.dtype_policy
        heads = self._heads(units)
        key_dim = units // heads if self.key_dim is None else self.key_dim
        self.attention = SelfAttention(
            heads, max(1, key_dim), dtype=policy, name="attention"
        )
        self.attention.build((batch, len(shapes), units))
        joined = len(shapes) * units
        width = joined if self.hidden_units is None else self.hidden_units
        self.join = keras.layers.Dense(
            width, use_bias=False, dtype=policy, name="join"
        )
        self.join.build((batch, joined))
        hidden = (batch, width)
        self.norm = keras.layers.BatchNormalization(dtype=policy, name="norm")
        self.norm.build(hidden)
        self.drop = keras.layers.Dropout(
            self.dropout, dtype=policy, name="drop"
        )
        self.drop.build(hidden)
        self.gating = None
        if self.gating_rank != 0:
            self.gating = ContextGating(
                self.gating_rank, dtype=policy, name="gating"
            )
            self.gating.build(hidden)
        prior = math.log(self.class_prior / (1.0 - self.class_prior))
        if self.activation is keras.activations.softmax:
            prior = 0.0
        self.classifier = keras.layers.Dense(
            self.num_classes,
            bias_initializer=keras.initializers.Constant(prior),
            dtype=policy,
            name="classifier",
        )
        self.classifier.build(hidden)
        self.built = True

    def _heads(self, units: int) -> int:
        if self.num_heads is None:
            return largest_divisor(units, most=MOST_HEADS)
        return self.num_heads

    def call(
        self,
        inputs: Sequence[Any],
        mask: Sequence[Any] | None = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
    ) -> Any:
        mask = _given(mask)
        check_vectors(self, inputs, mask)
        tokens = ops.stack(list(inputs), axis=1)
        present = None
        if mask is not None:
            present = ops.stack([as_mask(m) for m in mask], axis=1)
        attended, scores = self.attention(
            tokens,
            mask=present,
            training=training,
            return_attention_scores=True,
        )
        if present is not None:
            keep = ops.expand_dims(ops.cast(present, attended.dtype), axis=-1)
            attended = attended * keep
        joined = self.join(
            ops.reshape(attended, (-1, tokens.shape[1] * tokens.shape[2]))
        )
        hidden = ops.relu(self.norm(joined, training=training))
        hidden = self.drop(hidden, training=training)
        if self.gating is not None:
            hidden = self.gating(hidden)
        logits = ops.cast(self.classifier(hidden), "float32")
        outputs = self.activation(logits)
        return (outputs, scores) if return_attention_scores else outputs

    def compute_output_spec(
        self,
        inputs: Sequence[Any],
        mask: Sequence[Any] | None = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
    ) -> Any:
        check_vectors(self, inputs, _given(mask))
        (batch, units), count = inputs[0].shape, len(inputs)
        outputs = keras.KerasTensor((batch, self.num_classes), "float32")
        scores = keras.KerasTensor(
            (batch, self._heads(units), count, count), self.compute_dtype
        )
        return (outputs, scores) if return_attention_scores else outputs

    def compute_output_shape(self, input_shape: Sequence[Any]) -> Any:
        return (input_shape[0][0], self.num_classes)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update(
            num_classes=self.num_classes,
            hidden_units=self.hidden_units,
            num_heads=self.num_heads,
            key_dim=self.key_dim,
            gating_rank=self.gating_rank,
            dropout=self.dropout,
            activation=keras.activations.serialize(self.activation),
            class_prior=self.class_prior,
        )
        return config
