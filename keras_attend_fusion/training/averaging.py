"""Scoring and keeping a running average of the weights."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class AverageWeights(keras.callbacks.Callback):
    """Puts the average of the weights into the model between epochs.

    The optimiser keeps it, `a ← momentum · a + (1 − momentum) · w` after
    every step. At an epoch's end weights and average change places, so that
    the callbacks behind this one score and save the average; when the next
    epoch begins they change back, and training goes on as without.

    Args:
        resumed: bool, whether the model was restored from a checkpoint that
            was saved so, with its average in the place of its weights.

    Raises:
        ValueError: in `fit`, if the optimiser keeps no average.
    """

    def __init__(self, resumed: bool = False) -> None:
        super().__init__()
        self.changed = resumed

    def on_train_begin(self, logs: Any = None) -> None:
        if not self.model.optimizer.use_ema:
            raise ValueError(
                "the optimiser keeps no average of the weights: compile the "
                "model with compile_model(…, ema=0.98), or another momentum"
            )

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self.changed:
            self._change_places()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._change_places()

    def _change_places(self) -> None:
        optimizer = self.model.optimizer
        for weight, average in zip(
            optimizer._trainable_variables,
            optimizer._model_variables_moving_average,
            strict=True,
        ):
            kept = ops.convert_to_numpy(weight).copy()
            weight.assign(average)
            average.assign(kept)
        self.changed = not self.changed
