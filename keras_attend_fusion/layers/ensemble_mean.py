"""Several opinions, one score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.scoring import scoring_activation


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class EnsembleMean(keras.layers.Layer):
    """Averages the logits of an ensemble's members, and keeps them apart.

    For logits `z_1 … z_k` the scores are `sigmoid(z̄)`, `z̄ = Σ z_i / k`; or
    `softmax(z̄)`, where classes exclude each other.

    An ensemble that is trained through its mean alone lets its members lean
    on each other, and so learns no more than one wide model. Members that
    learn each by themselves err in different places, and the mean is better
    than each of them. Both trainings differ by a term without labels,
    because binary cross-entropy, `softplus(z) − y z`, is linear in the label
    `y`:

    ```
    Σ BCE(z_i, y) / k = BCE(z̄, y) + Σ softplus(z_i) / k − softplus(z̄)
    ```

    This layer adds the last two terms, summed over classes and averaged over
    the batch, to the model's loss in training. Together with binary
    cross-entropy *summed* over classes (as `training.compile_model` sets it)
    each member then learns exactly as if it were alone.

    With a softmax it is the same, of categorical cross-entropy,
    `logsumexp(z) − Σ_c y_c z_c` for labels `y` that sum to 1:

    ```
    Σ CE(z_i, y) / k = CE(z̄, y) + Σ logsumexp(z_i) / k − logsumexp(z̄)
    ```

    Here nothing is summed over classes, and the loss has no factor.

    Args:
        independence: float, weight of the added term: 1 trains every member
            by itself, 0 their mean alone; in between is in between. For a
            loss that is averaged over classes divide by their number.
        activation: "sigmoid", or "softmax" for classes that exclude each
            other.
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: list of float tensors, the members' logits, all of shape
            `(batch, num_classes)`.
        training: bool, whether the term is added.

    Output shape:
        `(batch, num_classes)`, float32, from 0 to 1; with a softmax they sum
        to 1.

    Raises:
        ValueError: if there is no member, their shapes differ,
            `independence` is below 0, or `activation` is unknown.

    Example:

    >>> import numpy as np
    >>> members = [np.full((1, 3), -1.0), np.full((1, 3), 3.0)]
    >>> scores = EnsembleMean()(members)
    >>> [round(float(score), 4) for score in scores[0]]  # sigmoid(1)
    [0.7311, 0.7311, 0.7311]
    >>> scores = EnsembleMean(activation="softmax")(members)
    >>> [round(float(score), 4) for score in scores[0]]
    [0.3333, 0.3333, 0.3333]

    Reference:
        - [To Ensemble or Not Ensemble: When does End-To-End Training
          Fail?](https://arxiv.org/abs/1902.04422), which trains between the
          two losses.
    """

    def __init__(
        self,
        independence: float = 1.0,
        activation: str = "sigmoid",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if independence < 0:
            raise ValueError(
                f"independence is {independence}; it must be 0 or more."
            )
        self.independence = independence
        self.activation = scoring_activation(activation)

    def build(self, input_shape: Sequence[Any]) -> None:
        shapes = [tuple(shape) for shape in input_shape]
        if not shapes or len(set(shapes)) > 1:
            raise ValueError(
                f"EnsembleMean got logits of shapes {shapes}; it needs a "
                "list of one or more of the same (batch, num_classes)."
            )
        self.built = True

    def call(self, inputs: Sequence[Any], training: bool | None = None) -> Any:
        members = ops.stack([ops.cast(z, "float32") for z in inputs])
        mean = ops.mean(members, axis=0)
        if training and self.independence and len(inputs) > 1:
            apart = self._apart(members, mean)
            self.add_loss(self.independence * ops.mean(apart))
        return ops.softmax(mean) if self._is_softmax else ops.sigmoid(mean)

    @property
    def _is_softmax(self) -> bool:
        return self.activation == "softmax"

    def _apart(self, members: Any, mean: Any) -> Any:
        """`(batch,)`, how far the members' losses are from that of the mean."""
        if self._is_softmax:
            each = ops.mean(ops.logsumexp(members, axis=-1), axis=0)
            return each - ops.logsumexp(mean, axis=-1)
        apart = ops.mean(ops.softplus(members), axis=0) - ops.softplus(mean)
        return ops.sum(apart, axis=-1)

    def compute_output_spec(
        self, inputs: Sequence[Any], training: bool | None = None
    ) -> keras.KerasTensor:
        return keras.KerasTensor(inputs[0].shape, "float32")

    def compute_output_shape(self, input_shape: Sequence[Any]) -> Any:
        return tuple(input_shape[0])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "independence": self.independence,
            "activation": self.activation,
        }
