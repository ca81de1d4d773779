"""Scores on a validation set, after every epoch."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import keras
from keras import ops

from keras_attend_fusion.metrics import Evaluator
from keras_attend_fusion.training.pooled import copied, pooled_score
from keras_attend_fusion.training.processes import ALONE, Processes

WATCHED = ("gap_at_20", "f1_micro", "hit_at_1")


class ValidationScores(keras.callbacks.Callback):
    """Adds exact scores on a validation set to the logs of each epoch.

    Adds `val_gap_at_20`, `val_f1_micro` (at the epoch's own best threshold),
    `val_hit_at_1` and `seconds`, the time of the epoch without validation.
    Put it first, so that the callbacks behind it see them.

    Args:
        dataset: as for `score`; with several processes the share of this one.
        processes: those that train the model. Each scores its share with a
            copy of the model, on one of its devices.

    Attributes:
        evaluator: has the scores of the last validation, until the next
            epoch begins; in the first process alone.
    """

    def __init__(
        self, dataset: Iterable[Any], processes: Processes = ALONE
    ) -> None:
        super().__init__()
        self.dataset = dataset
        self.processes = processes
        self.started = 0.0
        self.evaluator: Evaluator | None = None
        self.copy: keras.Model | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.evaluator = None  # what it holds may be large
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        logs["seconds"] = round(time.perf_counter() - self.started, 2)
        self.evaluator, metrics = pooled_score(
            self._scored(), self.dataset, self.processes
        )
        logs.update({f"val_{name}": metrics[name] for name in WATCHED})

    def _scored(self) -> keras.Model:
        if self.processes.devices == 1:
            return self.model
        if self.copy is None:
            self.copy = copied(self.model)
        for mine, trained in zip(
            self.copy.weights, self.model.weights, strict=True
        ):
            mine.assign(ops.convert_to_numpy(trained))
        return self.copy
