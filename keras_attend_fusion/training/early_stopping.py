"""Ending a training that gets no better."""

from __future__ import annotations

from typing import Any

import keras

from keras_attend_fusion.training.checkpoints import Checkpoints
from keras_attend_fusion.training.history import MONITOR


def epochs_without_gain(rows: list[dict[str, Any]]) -> int:
    """How many epochs of a history came after its best one.

    Example:

    >>> gaps = [0.5, 0.7, 0.7, 0.6]
    >>> epochs_without_gain([{"val_gap_at_20": gap} for gap in gaps])
    2
    """
    gaps = [float(row[MONITOR]) for row in rows]
    return len(gaps) - 1 - gaps.index(max(gaps)) if gaps else 0


class EarlyStopping(keras.callbacks.Callback):
    """Ends `fit` after some epochs without a better validation GAP.

    What counts is the history, so a training that is resumed ends where it
    would have without the interruption. Put it behind `Checkpoints`.

    Args:
        checkpoints: has the history.
        patience: int, how many such epochs.
    """

    def __init__(self, checkpoints: Checkpoints, patience: int) -> None:
        super().__init__()
        self.checkpoints = checkpoints
        self.patience = patience

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epochs_without_gain(self.checkpoints.rows) >= self.patience:
            self.model.stop_training = True
