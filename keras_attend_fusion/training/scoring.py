"""Scoring a model on a whole dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np

from keras_attend_fusion.metrics import Evaluator
from keras_attend_fusion.training.batching import as_batches


def score(
    model: keras.Model,
    dataset: Any,
    progress: Callable[[int], None] | None = None,
    *,
    batch_size: int = 32,
    steps: int | None = None,
) -> Evaluator:
    """Feeds the scores of every batch to an exact evaluator.

    Args:
        model: a model whose output is scores from 0 to 1.
        dataset: what `keras.Model.fit` takes as `validation_data`: a
            `tf.data.Dataset`, arrays `(x, y)` or `(x, y, sample_weight)`, a
            `keras.utils.PyDataset`, a PyTorch `DataLoader`, a Grain dataset,
            a generator; or another iterable of batches `(features, labels)`
            or `(features, labels, weights)`. Weights of the shape of the
            labels, as of `kaf.data.load_segments`, say which classes were
            rated: the others then rank last, and a label of 0.5 or more is
            true. Weights of videos are ignored, as in Keras' metrics: every
            video counts once. Ids among the features are passed over.
        progress: called with the videos done after each batch.
        batch_size: int, how many rows of arrays are scored at once.
        steps: optional int, the most batches, for a dataset without an end.

    Returns:
        The evaluator, which has not computed anything yet.

    Raises:
        ValueError: `dataset` is something else, or has no labels; or arrays
            differ in length.

    Example:

    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(3, activation="sigmoid")]
    ... )
    >>> score(model, (np.ones((6, 4)), np.ones((6, 3)))).result()["gap_at_20"]
    1.0
    """
    evaluator = Evaluator(model.output_shape[-1])
    videos = 0
    for features, labels, *weights in as_batches(dataset, batch_size, steps):
        scores = model.predict_on_batch(_without_id(features))
        if weights and weights[0].shape == labels.shape:
            scores = np.asarray(scores, "float32") * weights[0]
            labels = labels >= 0.5
        evaluator.update(scores, labels)
        videos += len(labels)
        if progress is not None:
            progress(videos)
    return evaluator


def _without_id(features: Any) -> Any:
    if not isinstance(features, dict):
        return features
    return {name: part for name, part in features.items() if name != "id"}


def as_numpy(dataset: Iterable[Any]) -> Iterable[Any]:
    """Batches of a dataset as NumPy arrays, which every backend takes."""
    iterate = getattr(dataset, "as_numpy_iterator", None)
    return dataset if iterate is None else iterate()
