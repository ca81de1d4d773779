"""Scoring and keeping a running average of the weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


class AverageWeights(keras.callbacks.Callback):
    """Puts the average of the weights into the model between epochs.

    The optimiser keeps it, `a ← momentum · a + (1 − momentum) · w` after
    every step. At an epoch's end weights and average change places, so that
    the callbacks behind this one score and save the average; when the next
    epoch begins they change back, and training goes on as without. What
    `fit` validates is the average, too.

    After `fit` the model holds the average, and so does the optimiser, as
    Keras leaves them where nothing is exchanged: another `fit` starts from
    the average.

    Args:
        resumed: bool, whether the model was restored from a checkpoint that
            was saved so, with its average in the place of its weights.

    Raises:
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
        super().__init__()
        self.changed = resumed
        self.changed_to_test = False
        self.fitting = False
        self.averages: list[np.ndarray] = []

    def on_train_begin(self, logs: Any = None) -> None:
        if not self._optimizer.use_ema:
            raise ValueError(
                "the optimiser keeps no average of the weights: compile the "
                "model with compile_model(…, ema=0.98), or another momentum"
            )
        self.fitting = True
        self._note_averages()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self.changed:
            self._change_places()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._change_places()
        self._note_averages()

    def on_test_begin(self, logs: Any = None) -> None:
        if self.fitting and not self.changed:
            self._change_places()
            self.changed_to_test = True

    def on_test_end(self, logs: Any = None) -> None:
        if self.changed_to_test:
            self._change_places()
            self.changed_to_test = False

    def on_train_end(self, logs: Any = None) -> None:
        # Before this, Keras overwrites the weights with what the optimiser
        # has as their average; as they have changed places, that is the
        # weights of the last step, and the average is gone from the model.
        if self.averages:
            for (weight, average), value in zip(
                self._pairs(), self.averages, strict=True
            ):
                weight.assign(value)
                average.assign(value.copy())
        self.averages = []
        self.changed = self.fitting = False

    @property
    def _optimizer(self) -> Any:
        """The optimiser itself, not what scales the loss for float16."""
        optimizer = self.model.optimizer
        return getattr(optimizer, "inner_optimizer", optimizer)

    def _pairs(self) -> Any:
        return zip(
            self._optimizer._trainable_variables,
            self._optimizer._model_variables_moving_average,
            strict=True,
        )

    def _note_averages(self) -> None:
        """Keeps the averages while they stand in the model."""
        self.averages = []
        if self.changed:
            self.averages = [
                ops.convert_to_numpy(weight).copy()
                for weight, _ in self._pairs()
            ]

    def _change_places(self) -> None:
        for weight, average in self._pairs():
            kept = ops.convert_to_numpy(weight).copy()
            weight.assign(average)
            average.assign(kept)
        self.changed = not self.changed
        self.averages = []
