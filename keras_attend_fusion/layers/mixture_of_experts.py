"""A few logistic experts for each class, and a gate that weighs them."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.masking import check_floats
from keras_attend_fusion.layers.scoring import scoring_activation

LEAST = 1e-30  # a score of a class, so that the sum over classes is not 0


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class MixtureOfExperts(keras.layers.Layer):
    """Scores each class by a gated mixture of logistic experts.

    Class `c` has `E` experts and a gate over them and over one expert more,
    which always says 0:

    `p_c = sum_{e < E} softmax_e(x . g_c + 0)_e * sigmoid(x . w_ce + b_ce)`

    The silent expert lets a class say "no" by its gate alone. Gates have no
    bias. The mixture is computed in float32.

    Where classes exclude each other, `activation="softmax"` divides the
    mixtures by their sum over classes, `s_c = p_c / Σ_k p_k`. Experts that
    all say little, as at first, make this a mixture of softmaxes:
    `sigmoid(z)` is `e^z` then, and a class of the largest `p_c` has the
    largest score always.

    Args:
        num_classes: int, number of classes.
        num_experts: int, experts a class, the silent one not counted.
        class_prior: optional float, the score of an untrained class where
            the gates are even; it sets the first value of the experts'
            biases. None starts them at 0, as the source does.
        kernel_regularizer: optional regulariser of both kernels.
        activation: "sigmoid", or "softmax" for classes that exclude each
            other.
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: float tensor of shape `(batch, features)`.

    Output shape:
        `(batch, num_classes)`, float32 scores from 0 to 1; with a softmax
        they sum to 1.

    Raises:
        ValueError: if a count is below 1, `class_prior` cannot be reached,
            `activation` is unknown, or the input is not floating-point or
            not of rank 2.

    Example:

    >>> import numpy as np
    >>> layer = MixtureOfExperts(num_classes=5)
    >>> layer(np.zeros((3, 8), "float32")).shape == (3, 5)
    True

    References:
        - [YouTube-8M](https://arxiv.org/abs/1609.08675), which classifies
          video vectors by it.
        - [Hierarchical Mixtures of Experts and the EM Algorithm](
          https://doi.org/10.1162/neco.1994.6.2.181).
    """

    def __init__(
        self,
        num_classes: int,
        num_experts: int = 2,
        class_prior: float | None = None,
        kernel_regularizer: Any = None,
        activation: str = "sigmoid",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if num_classes < 1 or num_experts < 1:
            raise ValueError(
                f"MixtureOfExperts got num_classes={num_classes} and "
                f"num_experts={num_experts}; both must be at least 1."
            )
        most = num_experts / (num_experts + 1)
        if class_prior is not None and not 0.0 < class_prior < most:
            raise ValueError(
                f"MixtureOfExperts got class_prior={class_prior}; it must lie "
                f"between 0 and {most:.3g}, what even gates leave the experts."
            )
        self.num_classes = int(num_classes)
        self.num_experts = int(num_experts)
        self.class_prior = class_prior
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.activation = scoring_activation(activation, self.num_classes)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise ValueError(
                f"MixtureOfExperts got an input of shape {input_shape}; it "
                "needs (batch, features) with the features known."
            )
        features = input_shape[-1]
        self.input_spec = keras.layers.InputSpec(ndim=2, axes={-1: features})
        bias = 0.0
        if self.class_prior is not None:
            # Even gates give the experts E / (E + 1) of the say.
            share = self.num_experts / (self.num_experts + 1)
            score = self.class_prior / share
            bias = math.log(score / (1.0 - score))
        self.gates = keras.layers.Dense(
            self.num_classes * (self.num_experts + 1),
            use_bias=False,
            kernel_regularizer=self.kernel_regularizer,
            dtype=self.dtype_policy,
            name="gates",
        )
        self.gates.build(input_shape)
        self.experts = keras.layers.Dense(
            self.num_classes * self.num_experts,
            bias_initializer=keras.initializers.Constant(bias),
            kernel_regularizer=self.kernel_regularizer,
            dtype=self.dtype_policy,
            name="experts",
        )
        self.experts.build(input_shape)
        self.built = True

    def call(self, inputs: Any) -> Any:
        check_floats(self, inputs)
        gates = ops.softmax(self._by_class(self.gates(inputs)), axis=-1)
        experts = ops.sigmoid(self._by_class(self.experts(inputs)))
        scores = ops.sum(gates[:, :, : self.num_experts] * experts, axis=-1)
        if self.activation == "softmax":
            scores = ops.maximum(scores, LEAST)
            scores = scores / ops.sum(scores, axis=-1, keepdims=True)
        return scores

    def _by_class(self, logits: Any) -> Any:
        each = logits.shape[-1] // self.num_classes
        logits = ops.cast(logits, "float32")
        return ops.reshape(logits, (-1, self.num_classes, each))

    def compute_output_spec(self, inputs: Any) -> keras.KerasTensor:
        return keras.KerasTensor(
            (inputs.shape[0], self.num_classes), dtype="float32"
        )

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], self.num_classes)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update(
            num_classes=self.num_classes,
            num_experts=self.num_experts,
            class_prior=self.class_prior,
            kernel_regularizer=keras.regularizers.serialize(
                self.kernel_regularizer
            ),
            activation=self.activation,
        )
        return config
