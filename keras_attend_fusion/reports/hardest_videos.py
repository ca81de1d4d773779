"""What a model says of labelled videos, one by one and all together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from keras_attend_fusion.metrics import Calibration, ClassScores, Evaluator
from keras_attend_fusion.predictions.scores import scored

HARDEST = 10
SHOWN = 5  # true labels of a video, and classes of high score


@dataclass(frozen=True)
class Guess:
    """A class of a video."""

    name: str
    score: float
    rank: int  # from 1, among all classes; equals share the last place
    is_label: bool


@dataclass(frozen=True)
class HardVideo:
    """A video whose labels rank low.

    Attributes:
        id: The video's.
        average_precision: See `average_precisions`.
        labels: Its true labels, best score first, at most `SHOWN`.
        more: How many true labels there are beyond them.
        top: The classes of the highest scores.
    """

    id: str
    average_precision: float
    labels: list[Guess]
    more: int
    top: list[Guess]


@dataclass
class Found:
    """What there is to say about some videos.

    Attributes:
        metrics: As `evaluate` gives them.
        classes: The scores of each class.
        calibration: None where scores are not probabilities.
        hardest: The hardest first.
        label_counts: How many videos have so many labels.
    """

    metrics: dict[str, Any] = field(default_factory=dict)
    classes: list[ClassScores] = field(default_factory=list)
    calibration: Calibration | None = None
    hardest: list[HardVideo] = field(default_factory=list)
    label_counts: Counter[int] = field(default_factory=Counter)


def look(
    model: Any,
    dataset: Any,
    names: Mapping[int, str],
    threshold: float | None,
    update: Callable[[int], None],
) -> Found:
    """Runs a model once over labelled videos that come with ids.

    Args:
        model: What scores them.
        dataset: Batches with `id` among the features.
        names: The classes' names, of those that have one.
        threshold: That of F1; None for the best on these videos.
        update: Called with how many videos are done.

    Raises:
        ValueError: if no video has a label.
    """
    evaluator, evaluation = Evaluator(model.output_shape[-1]), Found()
    for ids, scores, labels in scored(model, dataset, update):
        scores, labels = np.asarray(scores, "float32"), np.asarray(labels) > 0
        evaluator.update(scores, labels)
        evaluation.label_counts.update(labels.sum(axis=1).tolist())
        evaluation.hardest += _hard(ids, scores, labels, names)
        evaluation.hardest.sort(
            key=lambda video: (video.average_precision, video.id)
        )
        del evaluation.hardest[HARDEST:]
    if not evaluation.hardest:
        raise ValueError(
            "no video has a label, so there is nothing to score: pass "
            "labelled shards"
        )
    evaluation.metrics = evaluator.result(threshold)
    evaluation.classes = evaluator.per_class(
        evaluation.metrics["threshold"], names
    )
    if "calibration_error" in evaluation.metrics:
        evaluation.calibration = evaluator.calibration()
    return evaluation


def average_precisions(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How high each video's labels rank among its classes, from 0 to 1.

    The mean over its labels of `h / n`, where `n` classes score as high as
    the label or higher and `h` of them are labels; NaN without labels.

    Args:
        scores: `(videos, classes)`.
        labels: bool, of that shape.

    Example:

    >>> scores = np.array([[0.9, 0.5, 0.1], [0.5, 0.5, 0.1]])
    >>> labels = np.array([[True, False, True], [True, False, False]])
    >>> average_precisions(scores, labels).round(4).tolist()
    [0.8333, 0.5]
    """
    rows, classes = np.nonzero(labels)
    own = scores[rows, classes][:, None]
    above = np.count_nonzero(scores[rows] >= own, axis=1)
    hits = np.count_nonzero((scores[rows] >= own) & labels[rows], axis=1)
    sums = np.bincount(rows, hits / above, minlength=len(scores))
    counts = labels.sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _hard(
    ids: list[str],
    scores: np.ndarray,
    labels: np.ndarray,
    names: Mapping[int, str],
) -> list[HardVideo]:
    """The hardest videos of a batch."""
    precisions = average_precisions(scores, labels)
    labelled = np.flatnonzero(~np.isnan(precisions)).tolist()
    labelled.sort(key=lambda row: (precisions[row], ids[row]))
    videos = []
    for row in labelled[:HARDEST]:
        row_scores, true = scores[row], np.flatnonzero(labels[row])
        true = true[np.argsort(-row_scores[true], kind="stable")]
        top = np.argsort(-row_scores, kind="stable")[:SHOWN]

        def guesses(
            classes: np.ndarray,
            row_scores: np.ndarray = row_scores,
            row: int = row,
        ) -> list[Guess]:
            return [
                Guess(
                    names.get(c) or f"class {c}",
                    float(row_scores[c]),
                    int(np.count_nonzero(row_scores >= row_scores[c])),
                    bool(labels[row, c]),
                )
                for c in classes.tolist()
            ]

        videos.append(
            HardVideo(
                ids[row],
                float(precisions[row]),
                guesses(true[:SHOWN]),
                max(0, len(true) - SHOWN),
                guesses(top),
            )
        )
    return videos
