"""Scoring and keeping a running average of the weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_attend_fusion.private import private

NEVER_LAST = -1  # an epoch that Keras does not take for the last one
EXCHANGE = (  # of Keras' callback, which calls the second for the first
    "_swap_variables",
    "_tf_swap_variables",
    "_backend_swap_variables",
)


class AverageWeights(keras.callbacks.SwapEMAWeights):
    """Puts the average of the weights into the model between epochs.

    The optimiser keeps it, `a ← momentum · a + (1 − momentum) · w` after
    every step. At an epoch's end weights and average change places, so that
    the callbacks behind this one score and save the average; when the next
    epoch begins they change back, and training goes on as without. What
    `fit` validates is the average, too.

    After `fit` the model holds the average, and so does the optimiser, as
    Keras leaves them where nothing is exchanged: another `fit` starts from
    the average.

    This is `keras.callbacks.SwapEMAWeights(swap_on_epoch=True)` but for four
    things, for which that callback has no option:

    - On TensorFlow it exchanges by sums, which round: 1e-8 beside an average
      of 7 comes back as 0, and training does not go on as without.
    - In the last epoch it has the average in both places before callbacks
      behind it save the model, from which no longer training can go on.
    - A training that another callback ends early leaves the last weights.
    - It takes no model that was saved with its average in place.

    Args:
        resumed: bool, whether the model was restored from a checkpoint that
            was saved so, with its average in the place of its weights.

    Raises:
        UntriedVersionError: Keras' callback exchanges them in another way.
        ValueError: in `fit`, if the optimiser keeps no average.

    Example:

    >>> import numpy as np
    >>> from keras_attend_fusion.training import compile_model
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    >>> model = compile_model(model, total_steps=10, ema=0.9)
    >>> x, y = np.ones((20, 4)), np.ones((20, 3))
    >>> history = model.fit(x, y, verbose=0, callbacks=[AverageWeights()])
    """

    def __init__(self, resumed: bool = False) -> None:
        super().__init__(swap_on_epoch=True)
        for name in EXCHANGE:
            private(keras.callbacks.SwapEMAWeights, name, "keras")
        self.resumed = resumed
        self.averages: list[np.ndarray] = []

    def on_train_begin(self, logs: Any = None) -> None:
        optimizer = self.model.optimizer  # which may scale the loss of another
        if not getattr(optimizer, "inner_optimizer", optimizer).use_ema:
            raise ValueError(
                "the optimiser keeps no average of the weights: compile the "
                "model with compile_model(…, ema=0.98), or another momentum"
            )
        if self.resumed:
            self._swap_variables()
            self.resumed = False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_begin(epoch, logs)
        self.averages = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_end(NEVER_LAST, logs)
        # Whether this is the last one, callbacks behind this one decide.
        self.averages = [
            ops.convert_to_numpy(weight).copy()
            for weight in self.model.trainable_variables
        ]

    def on_train_end(self, logs: Any = None) -> None:
        # Before this, Keras overwrites the weights with what the optimiser
        # has as their average; as they have changed places, that is the
        # weights of the last step, and the average is gone from the model.
        if not self.averages:
            return
        weights = self.model.trainable_variables
        for weight, average in zip(weights, self.averages, strict=True):
            weight.assign(average)
        super().on_epoch_begin(0)  # to the optimiser, from where Keras takes it
        self.model.optimizer.finalize_variable_values(weights)
        self.averages = []

    def _tf_swap_variables(self, optimizer: Any) -> None:
        self._backend_swap_variables(optimizer)  # which does not round
