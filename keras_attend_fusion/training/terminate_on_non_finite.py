"""Stopping a training that can come to nothing."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import keras

ADVICE = (
    "train with a lower learning rate, or look for features of unusual size "
    "(attend-fusion inspect shows their ranges)"
)


class LostError(ValueError):
    """A training whose loss or scores are not numbers any more."""


class TerminateOnNonFinite(keras.callbacks.Callback):
    """Stops `fit` with an error when the loss is lost or no batch comes.

    Put it first, so that no other callback saves or scores such an epoch.

    Raises:
        LostError: in `fit`, if the loss becomes NaN or infinite.
        ValueError: in `fit`, if an epoch has no batch.
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
            at_once = self.model.steps_per_execution
            where = f"at step {batch + 1}"
            if at_once > 1:
                where = f"within steps {batch + 2 - at_once} to {batch + 1}"
            raise LostError(
                f"the loss is not a number {where} of epoch "
                f"{self.epoch + 1}: {ADVICE}"
            )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if not self.batches:
            raise ValueError(
                "there is no video to train on: every record was skipped"
            )


@contextlib.contextmanager
def lost_scores() -> Iterator[None]:
    """Makes a `LostError` of what PyTorch's strict loss says of scores."""
    try:
        yield
    except RuntimeError as error:
        if "between 0 and 1" not in str(error):
            raise
        raise LostError(
            f"the scores are not numbers any more: {ADVICE}"
        ) from error
