"""What the exact evaluator keeps of each video, beside its scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from keras_attend_fusion.metrics.top_k import (
    best_first,
    split_at_top,
    top_k_classes,
)


class Videos(NamedTuple):
    """Some videos: their k best scores and their labels.

    A video with fewer than k entries is filled up with class -1 and score
    -inf. The labels stand one video after the other.
    """

    top_classes: np.ndarray  # (videos, k) int32, best first
    top_scores: np.ndarray  # (videos, k) float32
    top_hits: np.ndarray  # (videos, k) bool
    label_counts: np.ndarray  # (videos,) int32
    perr: np.ndarray  # (videos,) float64
    label_classes: np.ndarray  # (labels,) int32
    label_scores: np.ndarray  # (labels,) float32, -inf if not predicted
    left_out: np.ndarray  # (batches,) float32, highest score not in a top k

    @property
    def label_rows(self) -> np.ndarray:
        """The row of the video that each label belongs to."""
        return np.repeat(np.arange(self.label_counts.size), self.label_counts)


def joined(parts: list[Videos]) -> Videos:
    """The videos of all parts, one after the other."""
    return Videos(
        *(np.concatenate(fields) for fields in zip(*parts, strict=True))
    )


def from_scores(
    scores: np.ndarray, labels: np.ndarray, top_k: int, top_alone: bool
) -> Videos:
    """Keeps what matters of a batch.

    Args:
        scores: float32, shape (videos, classes), finite, without -0.0.
        labels: booleans of the same shape.
        top_k: how many of a video's best scores to keep.
        top_alone: a label outside the top k then counts as not predicted.
    """
    videos, num_classes = scores.shape
    rows, label_classes = np.divmod(np.flatnonzero(labels), num_classes)
    label_counts = np.bincount(rows, minlength=videos)
    classes, left_out = split_at_top(scores, top_k)
    classes, top_scores = best_first(
        classes, np.take_along_axis(scores, classes, axis=1)
    )
    top_hits = np.take_along_axis(labels, classes, axis=1)
    perr = _precisions(top_hits, label_counts)
    beyond = np.flatnonzero(label_counts > classes.shape[1])
    for k in np.unique(label_counts[beyond]):
        some = beyond[label_counts[beyond] == k]
        best = top_k_classes(scores[some], int(k))
        hits = np.take_along_axis(labels[some], best, axis=1)
        perr[some] = np.count_nonzero(hits, axis=1) / k
    label_scores = scores[rows, label_classes]
    if top_alone:
        found = np.zeros(labels.shape, bool)
        np.put_along_axis(found, classes, True, axis=1)
        label_scores[~found[rows, label_classes]] = -np.inf
    return Videos(
        top_classes=classes,
        top_scores=top_scores,
        top_hits=top_hits,
        label_counts=label_counts.astype("int32"),
        perr=perr,
        label_classes=label_classes.astype("int32"),
        label_scores=label_scores,
        left_out=np.array([-np.inf if top_alone else left_out], "float32"),
    )


def from_top(
    classes: np.ndarray,
    scores: np.ndarray,
    rows: np.ndarray,
    label_classes: np.ndarray,
    num_classes: int,
) -> Videos:
    """Keeps videos of which the best scores alone are known.

    Args:
        classes: shape (videos, k), -1 for no entry; none twice in a video.
        scores: float32 of the same shape, -inf where there is no entry.
        rows: the video of each label, rising, shape (labels,).
        label_classes: the class of each label, rising within a video.
        num_classes: how many classes there are.
    """
    videos = len(classes)
    labels = np.zeros((videos, num_classes + 1), bool)  # class -1 is the last
    labels[rows, label_classes] = True
    label_counts = np.bincount(rows, minlength=videos)
    top_classes, top_scores = best_first(classes, scores)
    top_hits = np.take_along_axis(labels, top_classes, axis=1)
    predicted = np.full(labels.shape, -np.inf, "float32")
    np.put_along_axis(predicted, top_classes, top_scores, axis=1)
    return Videos(
        top_classes=top_classes,
        top_scores=top_scores,
        top_hits=top_hits,
        label_counts=label_counts.astype("int32"),
        perr=_precisions(top_hits, label_counts),
        label_classes=label_classes.astype("int32"),
        label_scores=predicted[rows, label_classes],
        left_out=np.array([-np.inf], "float32"),
    )


def _precisions(top_hits: np.ndarray, label_counts: np.ndarray) -> np.ndarray:
    """Hits among as many of the best as there are labels, over the labels."""
    place = np.clip(label_counts, 1, top_hits.shape[1])[:, None] - 1
    hits = np.take_along_axis(np.cumsum(top_hits, axis=1), place, axis=1)[:, 0]
    return np.where(label_counts > 0, hits / np.maximum(label_counts, 1), 0.0)
