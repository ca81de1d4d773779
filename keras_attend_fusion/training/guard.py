"""Stopping a training that can come to nothing."""

from __future__ import annotations

import math
from typing import Any

import keras


class Guard(keras.callbacks.Callback):
    """Stops `fit` with an error when the loss is lost or no batch comes.

    Put it first, so that no other callback saves or scores such an epoch.

    Raises:
        ValueError: in `fit`, if the loss becomes NaN or infinite, or an
            epoch has no batch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.epoch = 0
        self.batches = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch
        self.batches = 0

    def on_train_batch_end(self, batch: int, logs: dict[str, Any]) -> None:
        self.batches += 1
        if not math.isfinite(float(logs["loss"])):
            raise ValueError(
                f"the loss is not a number at step {batch + 1} of epoch "
                f"{self.epoch + 1}: train with a lower learning rate"
            )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if not self.batches:
            raise ValueError(
                "there is no video to train on: every record was skipped"
            )
