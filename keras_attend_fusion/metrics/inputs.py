"""What the exact metrics accept, checked in one place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def as_scores(predictions: Any) -> np.ndarray:
    """Returns a float32 copy of `predictions`, shape (videos, classes).

    Raises:
        ValueError: not two-dimensional, or a score that is NaN or infinite
            once rounded to float32.
    """
    with np.errstate(over="ignore"):
        scores = np.array(predictions, dtype="float32", order="C")
    if scores.ndim != 2:
        raise ValueError(
            f"predictions have shape {scores.shape}; expected "
            "(videos, classes): pass one row of scores a video"
        )
    if not np.isfinite(scores).all():
        bad = int(scores.size - np.isfinite(scores).sum())
        raise ValueError(
            f"predictions hold {bad} NaN or infinite scores; expected finite "
            "float32 numbers: check the model's output"
        )
    return scores


def as_labels(labels: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Returns multi-hot `labels` of the given shape as booleans.

    Raises:
        ValueError: another shape, or a value other than 0 and 1.
    """
    labels = np.asarray(labels)
    if labels.shape != shape:
        raise ValueError(
            f"labels have shape {labels.shape}; expected {shape}, the shape "
            "of predictions: pass one multi-hot row a video"
        )
    if labels.dtype != bool and not ((labels == 0) | (labels == 1)).all():
        raise ValueError(
            "labels hold values other than 0 and 1; expected multi-hot "
            "labels: turn class indices or soft labels into 0 and 1 first"
        )
    return labels.astype(bool)


def check_count(name: str, value: Any) -> int:
    """Returns `value` as an int; raises ValueError unless it is >= 1."""
    is_integer = isinstance(value, (int, np.integer))
    if isinstance(value, bool) or not is_integer or value < 1:
        raise ValueError(
            f"{name} is {value!r}; expected an integer of at least 1"
        )
    return int(value)


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
