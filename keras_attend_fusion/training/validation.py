"""Scores on a validation set, after every epoch."""

from __future__ import annotations

import copy
import time
from typing import Any

import keras
from keras import ops

from keras_attend_fusion.metrics import Evaluator
from keras_attend_fusion.models.describe import activation_of
from keras_attend_fusion.training.processes import ALONE, Processes
from keras_attend_fusion.training.score_across_processes import (
    copied,
    score_across_processes,
)

WATCHED = ("gap_at_20", "f1_micro", "hit_at_1")


class ValidationScores(keras.callbacks.Callback):
    """Adds exact scores on a validation set to the logs of each epoch.

    Adds `val_gap_at_20`, `val_f1_micro` (at the epoch's own best threshold),
    `val_hit_at_1`, for a model that ends in a softmax `val_accuracy`, and
    `seconds`, the time of the epoch without validation.
    Put it first, so that the callbacks behind it see them.

    `copy.deepcopy` shares the dataset, which is only read: KerasTuner copies
    the callbacks of a search for each trial.

    Args:
        dataset: as for `score`, but such as can be read every epoch; with
            several processes the share of this one.
        processes: those that train the model. Each scores its share with a
            copy of the model, on one of its devices.
        batch_size: as for `score`.
        steps: as for `score`; a generator then goes on where it was in the
            epoch before.

    Raises:
        ValueError: in `fit`, if there is no video to score, or the dataset
            is none that `score` takes.

    Attributes:
        evaluator: has the scores of the last validation, until the next
            epoch begins; in the first process alone.
    """

    def __init__(
        self,
        dataset: Any,
        processes: Processes = ALONE,
        *,
        batch_size: int = 32,
        steps: int | None = None,
    ) -> None:
        super().__init__()
        self.dataset = dataset
        self.processes = processes
        self.batch_size = batch_size
        self.steps = steps
        self.started = 0.0
        self.evaluator: Evaluator | None = None
        self.copy: keras.Model | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.evaluator = None  # what it holds may be large
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        logs["seconds"] = round(time.perf_counter() - self.started, 2)
        self.evaluator, metrics = score_across_processes(
            self._scored(),
            self.dataset,
            self.processes,
            self.batch_size,
            self.steps,
        )
        watched = [*WATCHED]
        if activation_of(self.model) == "softmax":
            watched.append("accuracy")
        logs.update({f"val_{name}": metrics[name] for name in watched})

    def __deepcopy__(self, memo: dict[int, Any]) -> ValidationScores:
        twin = copy.copy(self)
        twin.evaluator = twin.copy = None
        return twin

    def _scored(self) -> keras.Model:
        if self.processes.devices == 1:
            return self.model
        if self.copy is None:
            self.copy = copied(self.model)
        for weight, trained in zip(
            self.copy.weights, self.model.weights, strict=True
        ):
            weight.assign(ops.convert_to_numpy(trained))
        return self.copy
