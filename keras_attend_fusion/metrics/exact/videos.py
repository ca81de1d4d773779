"""What the exact evaluator keeps of each video, beside its scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from keras_attend_fusion.metrics.exact.top_k import (
    TopK,
    best_first,
    in_order,
    top_k_classes,
)


class Videos(NamedTuple):
    """Some videos: their k best scores and their labels.

    A video with fewer than k entries is filled up with class -1 and score
    -inf. The labels stand one video after the other, by rising class.
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


DTYPES = {
    "top_classes": "int32",
    "top_scores": "float32",
    "top_hits": "bool",
    "label_counts": "int32",
    "perr": "float64",
    "label_classes": "int32",
    "label_scores": "float32",
    "left_out": "float32",
}


def joined(parts: list[Videos]) -> Videos:
    """The videos of all parts, one after the other."""
    fields = zip(*parts, strict=True)
    return Videos(*(np.concatenate(field) for field in fields))


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
    num_classes = scores.shape[1]
    top = best_first(scores, top_k)
    rows, classes = np.divmod(np.flatnonzero(labels), num_classes)
    part = _videos(top, labels, rows, classes)
    beyond = np.flatnonzero(part.label_counts > top.classes.shape[1])
    for k in np.unique(part.label_counts[beyond]):
        group = beyond[part.label_counts[beyond] == k]
        best = top_k_classes(scores[group], int(k))
        hits = np.take_along_axis(labels[group], best, axis=1)
        part.perr[group] = np.count_nonzero(hits, axis=1) / k
    if top_alone:
        return part
    return part._replace(
        label_scores=scores[rows, classes],
        left_out=np.array([top.left_out], "float32"),
    )


def from_top(
    classes: np.ndarray,
    scores: np.ndarray,
    rows: np.ndarray,
    label_classes: np.ndarray,
    num_classes: int,
    top_k: int,
) -> Videos:
    """Keeps videos of which the best scores alone are known.

    Args:
        classes: shape (videos, entries), -1 for no entry; none twice in a
            video.
        scores: float32 of the same shape, -inf where there is no entry.
        rows: the video of each label, rising, shape (labels,).
        label_classes: the class of each label, rising within a video.
        num_classes: how many classes there are.
        top_k: how many of a video's best entries to keep.
    """
    labels = np.zeros((len(classes), num_classes + 1), bool)  # -1 is the last
    labels[rows, label_classes] = True
    top = in_order(classes, scores, min(top_k, num_classes))
    return _videos(top, labels, rows, label_classes)


def _videos(
    top: TopK, labels: np.ndarray, rows: np.ndarray, classes: np.ndarray
) -> Videos:
    """Videos of which no score counts but those in the top k."""
    counts = np.bincount(rows, minlength=len(labels))
    hits = np.take_along_axis(labels, top.classes, axis=1)
    # Hits among as many of the best as there are labels, over the labels.
    place = np.clip(counts, 1, hits.shape[1])[:, None] - 1
    best = np.take_along_axis(np.cumsum(hits, axis=1), place, axis=1)[:, 0]
    # The labels are in rising order, so that a hit's place can be looked up.
    width = labels.shape[1]
    hit_keys = np.flatnonzero(hits) // hits.shape[1] * width + top.classes[hits]
    scores = np.full(rows.size, -np.inf, "float32")
    scores[np.searchsorted(rows * width + classes, hit_keys)] = top.scores[hits]
    return Videos(
        top_classes=top.classes,
        top_scores=top.scores,
        top_hits=hits,
        label_counts=counts.astype("int32"),
        perr=np.where(counts > 0, best / np.maximum(counts, 1), 0.0),
        label_classes=classes.astype("int32"),
        label_scores=scores,
        left_out=np.array([-np.inf], "float32"),
    )
