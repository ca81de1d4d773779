"""What the exact metrics accept, checked in one place."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np


def check_pair(
    predictions: Any, labels: Any, num_classes: int, sparse: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Returns both as arrays of one shape (videos, `num_classes`).

    Args:
        predictions: scores, shape (videos, `num_classes`).
        labels: multi-hot labels of the same shape.
        num_classes: how many scores each video has.
        sparse: whether labels may be class indices, shape (videos,) or
            (videos, 1), too; they are then returned in shape (videos,).

    Raises:
        ValueError: another shape, no numbers, or an index out of range.
    """
    predictions, labels = (
        as_array("predictions", predictions),
        np.asarray(labels),
    )
    if predictions.ndim != 2:
        raise ValueError(
            f"predictions have shape {predictions.shape}; expected "
            "(videos, classes): pass one row of scores a video"
        )
    if predictions.shape[1] != num_classes:
        raise ValueError(
            f"predictions have {predictions.shape[1]} classes; expected "
            f"{num_classes}, the evaluator's num_classes"
        )
    if labels.shape == predictions.shape:
        return predictions, labels
    videos = len(predictions)
    if sparse and labels.shape in ((videos,), (videos, 1)):
        return predictions, _class_indices(labels.reshape(-1), num_classes)
    also = f", or class indices of shape ({videos},)" if sparse else ""
    raise ValueError(
        f"labels have shape {labels.shape}; expected "
        f"{predictions.shape}, the shape of predictions: pass one "
        f"multi-hot row a video{also}"
    )


def _class_indices(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns class indices as int64; raises ValueError at another number."""
    if labels.dtype.kind not in "iu" and not (
        labels.dtype.kind == "f" and (labels == np.floor(labels)).all()
    ):
        raise ValueError(
            f"labels have shape {labels.shape} and are of type "
            f"{labels.dtype}; expected class indices, which are whole numbers"
        )
    outside = (labels < 0) | (labels >= num_classes)
    if outside.any():
        raise ValueError(
            f"labels hold {labels[outside][0]}; expected class indices from 0 "
            f"to {num_classes - 1}"
        )
    return labels.astype("int64")


def as_array(name: str, values: Any) -> np.ndarray:
    """Returns an array of real numbers.

    Raises:
        ValueError: rows of different lengths, or no real numbers.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(
            f"{name} cannot be made one array ({error}); expected rows of "
            "numbers, all of one length"
        ) from error
    if array.dtype.kind not in "biuf" and array.dtype.name != "bfloat16":
        raise ValueError(
            f"{name} are of type {array.dtype}; expected real numbers"
        )
    return array


def as_scores(values: np.ndarray) -> np.ndarray:
    """Returns a float32 copy, without -0.0.

    Raises:
        ValueError: a score is NaN or infinite once rounded to float32.
    """
    with np.errstate(over="ignore"):
        scores = values.astype("float32", copy=False)
    scores = scores + np.float32(0.0)  # a copy where -0.0 and 0.0 are one
    if not np.isfinite(scores).all():
        bad = int(scores.size - np.isfinite(scores).sum())
        raise ValueError(
            f"predictions hold {bad} NaN or infinite scores; expected finite "
            "float32 numbers: check the model's output"
        )
    return scores


def as_labels(labels: np.ndarray, num_classes: int = 0) -> np.ndarray:
    """Returns multi-hot labels as booleans.

    Args:
        labels: multi-hot, or class indices as `check_pair` returns them.
        num_classes: how many there are, for class indices.

    Raises:
        ValueError: a value other than 0 and 1.
    """
    if num_classes and labels.ndim == 1:
        one_hot = np.zeros((len(labels), num_classes), bool)
        one_hot[np.arange(len(labels)), labels] = True
        return one_hot
    if labels.dtype == bool:
        return labels
    hot = labels != 0
    if not (labels[hot] == 1).all():
        raise ValueError(
            "labels hold values other than 0 and 1; expected multi-hot "
            "labels: turn class indices or soft labels into 0 and 1 first"
        )
    return hot


def as_top(
    classes: Any, scores: Any, num_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns class indices and float32 scores, -inf beside class -1.

    Raises:
        ValueError: shapes that do not fit, a class out of range or twice in
            one row, a NaN or infinite score.
    """
    classes = as_array("classes", classes)
    values = as_array("scores", scores)
    if classes.ndim != 2 or values.shape != classes.shape:
        raise ValueError(
            f"classes have shape {classes.shape} and scores {values.shape}; "
            "expected the same shape (videos, entries)"
        )
    if classes.size and classes.dtype.kind not in "iu":
        raise ValueError(
            f"classes are of type {classes.dtype}; expected whole numbers"
        )
    classes = classes.astype("int64")
    outside = (classes < -1) | (classes >= num_classes)
    if outside.any():
        raise ValueError(
            f"classes hold {classes[outside][0]}; expected indices from 0 to "
            f"{num_classes - 1}, or -1 for no entry"
        )
    ordered = np.sort(classes, axis=1)
    twice = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
    if twice.any():
        row = int(np.flatnonzero(twice.any(axis=1))[0])
        raise ValueError(
            f"row {row} of classes holds {ordered[row, 1:][twice[row]][0]} "
            "twice; expected each class once a video"
        )
    entry = classes >= 0
    kept = as_scores(np.where(entry, values, 0))
    kept[~entry] = -np.inf
    return classes, kept


def as_label_lists(
    labels: Any, videos: int, num_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns where each video's labels end (after a 0), and all labels.

    They come by rising class; one given twice counts once.

    Raises:
        ValueError: not one list a video, or a class out of range.
    """
    if len(labels) != videos:
        raise ValueError(
            f"labels are {len(labels)} lists; expected {videos}, one a video"
        )
    lengths = np.fromiter((len(row) for row in labels), "int64", videos)
    every = itertools.chain.from_iterable(labels)
    classes = np.fromiter(every, "int64", int(lengths.sum()))
    if classes.size and not 0 <= classes.min() <= classes.max() < num_classes:
        bad = classes[(classes < 0) | (classes >= num_classes)][0]
        raise ValueError(
            f"labels hold {bad}; expected classes from 0 to {num_classes - 1}"
        )
    rows = np.repeat(np.arange(videos), lengths)
    keys = np.sort(rows * num_classes + classes)
    keys = keys[np.diff(keys, prepend=-1) > 0]
    ends = np.searchsorted(keys, np.arange(videos + 1) * num_classes)
    return ends, keys % num_classes


def check_count(name: str, value: Any, least: int = 1) -> int:
    """Returns `value` as an int; raises ValueError unless it is >= `least`."""
    is_integer = isinstance(value, (int, np.integer))
    if isinstance(value, bool) or not is_integer or value < least:
        raise ValueError(
            f"{name} is {value!r}; expected an integer of at least {least}"
        )
    return int(value)


def check_choice(name: str, value: Any, *choices: str) -> str:
    """Returns `value`; raises ValueError unless it is one of `choices`."""
    if value not in choices:
        named = " or ".join(repr(choice) for choice in choices)
        raise ValueError(f"{name} is {value!r}; expected {named}")
    return str(value)


def check_mergeable(evaluator: Any, other: Any, *names: str) -> None:
    """Raises ValueError unless `other` is another one with the same `names`."""
    if other is evaluator:
        raise ValueError(
            "an evaluator was merged with itself, which would count "
            "everything twice; expected another one"
        )
    if not isinstance(other, type(evaluator)):
        raise ValueError(
            f"the other evaluator is a {type(other).__name__}; expected "
            f"another {type(evaluator).__name__}"
        )
    for name in names:
        expected, given = getattr(evaluator, name), getattr(other, name)
        if given != expected:
            raise ValueError(
                f"the other evaluator has {name}={given}; expected "
                f"{expected}: merge evaluators made with the same arguments"
            )


def check_threshold(threshold: Any) -> float:
    """Returns `threshold` as a float; raises ValueError unless finite."""
    try:
        value = float(threshold)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(
            f"threshold is {threshold!r}; expected a finite number, or None "
            "to pick the best one"
        )
    return value
