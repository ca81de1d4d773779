"""A model's scores on shards, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.metrics import Evaluator
from keras_attend_fusion.predictions.ids import text_of


class Scored(NamedTuple):
    """A batch of videos."""

    ids: list[str]  # empty, if the dataset has none
    scores: Any  # (videos, classes)
    labels: Any  # (videos, classes), multi-hot


def scored(
    model: Any, dataset: Any, update: Callable[[int], None]
) -> Iterator[Scored]:
    """Runs a model on every batch of a dataset; nothing accumulates."""
    from keras_attend_fusion import training

    videos = 0
    for features, labels in training.as_numpy(dataset):
        ids = texts(features.pop("id", ()))
        scores = model.predict_on_batch(features)
        require_finite(scores, ids)
        yield Scored(ids, scores, labels)
        videos += len(labels)
        update(videos)


def evaluated(
    model: Any,
    dataset: Any,
    update: Callable[[int], None],
    ranking: str = "all",
) -> Evaluator:
    """Every score of a model on labelled videos, ready to be asked."""
    evaluator = Evaluator(model.output_shape[-1], ranking=ranking)
    for _, scores, labels in scored(model, dataset, update):
        evaluator.update(scores, labels)
    return evaluator


def require_videos(videos: int, data: str) -> None:
    """Raises `ArgumentError` if shards had no video that can be used."""
    if not videos:
        raise ArgumentError(f"`data` {data}: no record that can be used")


def texts(raw_ids: Any) -> list[str]:
    """Ids as text, each id another; see `ids.text_of`."""
    return [text_of(raw) for raw in raw_ids]


def require_finite(scores: Any, ids: list[str]) -> None:
    """Raises `ValueError` if a score is not a number, as of a broken model."""
    import numpy as np

    sound = np.isfinite(np.asarray(scores, "float32")).all(axis=1)
    if not sound.all():
        row = int(np.argmin(sound))
        video = f" of the video {ids[row]}" if ids else ""
        raise ValueError(
            f"the model's scores{video} are not finite numbers: its weights "
            "are lost; train it again with a lower learning rate"
        )
