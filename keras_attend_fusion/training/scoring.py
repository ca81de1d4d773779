"""Scoring a model on a whole dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np

from keras_attend_fusion.metrics import Evaluator


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
