"""The epochs of a trial, as they end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from keras_attend_fusion.files import beside
from keras_attend_fusion.training.checkpoints import write_history

HISTORY = "history.csv"


class History(keras.callbacks.Callback):
    """Writes the logs of each epoch to a CSV file, as a training has it.

    Args:
        path: the file; one of an earlier, unfinished trial is replaced.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.rows: list[dict[str, Any]] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        logs = {name: float(value) for name, value in logs.items()}
        self.rows.append({"epoch": epoch + 1, **logs})
        with beside(self.path) as unfinished:
            write_history(unfinished, self.rows)
