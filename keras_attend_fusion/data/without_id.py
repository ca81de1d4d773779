"""Batches without the ids of their videos."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def without_id(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """What a model takes of a dataset that was loaded with ids.

    Ids are strings, of which no backend makes a tensor for a model.

    Args:
        dataset: of batches `(features, labels)`, or with weights, as `load`
            and `load_segments` give them with `with_id=True`.

    Returns:
        The same batches in the same order, without `features["id"]`.

    Example:

    >>> import tempfile
    >>> from keras_attend_fusion.data import load, synthesize
    >>> folder = tempfile.mkdtemp()
    >>> _ = synthesize(folder, "video", videos=20, shards=2, classes=4)
    >>> videos = load(f"{folder}/*.tfrecord", num_classes=4, with_id=True)
    >>> ids = [name for features, _ in videos for name in features["id"]]
    >>> features, labels = next(iter(without_id(videos)))  # model.predict(…)
    >>> len(ids) == len(labels), sorted(features)
    (True, ['audio', 'rgb'])
    """

    def drop(features: dict[str, tf.Tensor], *others: tf.Tensor) -> Any:
        kept = {name: part for name, part in features.items() if name != "id"}
        return (kept, *others)

    return dataset.map(drop)
