"""Scoring a model on a whole dataset, at once or after every epoch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np

from keras_attend_fusion.metrics import Evaluator

WATCHED = ("gap_at_20", "f1_micro", "hit_at_1")


def score(
    model: keras.Model,
    dataset: Iterable[Any],
    progress: Callable[[int], None] | None = None,
) -> Evaluator:
    """Feeds the scores of every batch to an exact evaluator.

    Args:
        model: a model whose output is scores from 0 to 1.
        dataset: a `tf.data.Dataset`, or any iterable of NumPy batches, of
            `(features, labels)`; or `(features, labels, weights)` as of
            `kaf.data.load_segments`: classes that were not rated then rank
            last, and a score of 0.5 or more makes a label.
        progress: called with the videos done after each batch.

    Returns:
        The evaluator, which has not computed anything yet.
    """
    evaluator = Evaluator(model.output_shape[-1])
    videos = 0
    for features, labels, *weights in as_numpy(dataset):
        scores = model.predict_on_batch(features)
        if weights:
            scores = np.asarray(scores, "float32") * weights[0]
            labels = labels >= 0.5
        evaluator.update(scores, labels)
        videos += len(labels)
        if progress is not None:
            progress(videos)
    return evaluator


def as_numpy(dataset: Iterable[Any]) -> Iterable[Any]:
    """Batches of a dataset as NumPy arrays, which every backend takes."""
    iterate = getattr(dataset, "as_numpy_iterator", None)
    return dataset if iterate is None else iterate()


class ValidationScores(keras.callbacks.Callback):
    """Adds exact scores on a validation set to the logs of each epoch.

    Adds `val_gap_at_20`, `val_f1_micro` (at the epoch's own best threshold),
    `val_hit_at_1` and `seconds`, the time of the epoch without validation.
    Put it first, so that the callbacks behind it see them.

    Args:
        dataset: as for `score`.

    Attributes:
        evaluator: has the scores of the last validation, until the next
            epoch begins.
    """

    def __init__(self, dataset: Iterable[Any]) -> None:
        super().__init__()
        self.dataset = dataset
        self.started = 0.0
        self.evaluator: Evaluator | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.evaluator = None  # what it holds may be large
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        logs["seconds"] = round(time.perf_counter() - self.started, 2)
        self.evaluator = score(self.model, self.dataset)
        metrics = self.evaluator.result()
        logs.update({f"val_{name}": metrics[name] for name in WATCHED})
