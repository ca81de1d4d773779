"""AdamW in one pass over memory."""

from __future__ import annotations

import warnings
from typing import Any

import keras
from keras import ops

from keras_attend_fusion.private import UntriedVersionError, private


@keras.saving.register_keras_serializable("keras_attend_fusion")
class FusedAdamW(keras.optimizers.AdamW):
    """`keras.optimizers.AdamW` with the backend's own fused update.

    With `g` the gradient, `t` the step, `lr` the learning rate and `wd` the
    weight decay:

    ```
    w  ← w − lr·wd·w
    m  ← m + (1 − β₁)(g − m)
    v  ← v + (1 − β₂)(g² − v)
    w  ← w − lr·√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v + ε)
    ```

    Keras computes this with an operation, and so a walk through memory, for
    every sign. TensorFlow and PyTorch have it as one operation, which is
    taken here; a wide model spends more time on its weights than on a batch.
    JAX's compiler fuses Keras' own. The results are the same up to rounding.

    Args, state and errors are those of `keras.optimizers.AdamW`, but for
    `amsgrad`, which falls back to Keras' update. So does, with a warning, a
    Keras whose optimiser keeps m and v in another way.

    Example:

    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    >>> model.compile(FusedAdamW(1e-3, weight_decay=0.02), loss="mse")

    Reference:
        - [Decoupled Weight Decay
          Regularization](https://arxiv.org/abs/1711.05101).
    """

    def update_step(
        self, gradient: Any, variable: Any, learning_rate: Any
    ) -> None:
        """Updates one variable."""
        update = {"tensorflow": _tensorflow, "torch": _torch}.get(
            keras.backend.backend()
        )
        single = keras.backend.standardize_dtype(variable.dtype) == "float32"
        if update is None or self.amsgrad or not single:
            super().update_step(gradient, variable, learning_rate)
            return
        try:
            momentum, velocity = self._moments(variable)
        except UntriedVersionError as error:
            warnings.warn(f"training is slower: {error}", stacklevel=2)
            super().update_step(gradient, variable, learning_rate)
            return
        update(
            self,
            variable,
            ops.cast(gradient, "float32"),
            momentum,
            velocity,
            ops.cast(learning_rate, "float32"),
        )

    def _moments(self, variable: Any) -> tuple[Any, Any]:
        """What Keras keeps of a variable's gradients, m and v."""
        index = private(self, "_get_variable_index", "keras")(variable)
        momentums = private(self, "_momentums", "keras")
        velocities = private(self, "_velocities", "keras")
        return momentums[index].value, velocities[index].value

    def finalize_variable_values(self, var_list: list[Any]) -> None:
        """Puts the averages into the model at the end of a `fit`."""
        super().finalize_variable_values(var_list)
        if self.use_ema and keras.backend.backend() == "jax":
            # A weight and its average are one buffer now, which the first
            # step of another `fit` would give away twice.
            name = "_model_variables_moving_average"
            for average in private(self, name, "keras"):
                average.assign(ops.copy(average))


def _tensorflow(
    self: FusedAdamW, w: Any, g: Any, m: Any, v: Any, learning_rate: Any
) -> None:
    import tensorflow as tf

    step = tf.cast(self.iterations + 1, "float32")
    tf.raw_ops.ResourceApplyAdam(
        var=w.handle,
        m=m.handle,
        v=v.handle,
        beta1_power=tf.pow(self.beta_1, step),
        beta2_power=tf.pow(self.beta_2, step),
        lr=learning_rate,
        beta1=self.beta_1,
        beta2=self.beta_2,
        epsilon=self.epsilon,
        grad=g,
    )


def _torch(
    self: FusedAdamW, w: Any, g: Any, m: Any, v: Any, learning_rate: Any
) -> None:
    import torch
    from torch.optim.adam import adam

    done = float(self.iterations)
    with torch.no_grad():
        adam(
            [w.value.data],
            [g],
            [m],
            [v],
            [],
            [torch.tensor(done, device=g.device)],
            fused=True,
            amsgrad=False,
            beta1=self.beta_1,
            beta2=self.beta_2,
            lr=float(learning_rate),
            weight_decay=0.0,
            # PyTorch divides √v by √(1 − β₂ᵗ) before it adds ε.
            eps=self.epsilon / (1.0 - self.beta_2 ** (done + 1.0)) ** 0.5,
            maximize=False,
        )
