"""Scoring the five-second segments of videos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_attend_fusion.predictions.best_segments import BestSegments
from keras_attend_fusion.predictions.scores import require_finite, texts
from keras_attend_fusion.runs import folder as run_folder

SECONDS = 5  # frames of a segment, one a second
AT_ONCE = 512  # segments in a batch of the model


def require_frames(model: Any, path: str) -> None:
    """Raises `ValueError` if a model does not take frames."""
    if run_folder.level(model) != "frame":
        raise ValueError(
            f"{path} takes video-level shards, which have no segments: pass "
            "a model that was trained on frame-level shards"
        )


def best(
    model: Any,
    dataset: Any,
    classes: list[int],
    columns: list[int],
    top: int,
    videos: int,
    seconds: int,
    update: Callable[[int], None],
) -> BestSegments:
    """The best-scored segments of each class.

    Args:
        model: A model of frame-level features.
        dataset: Batches of `(features, labels)`, with ids.
        classes: The classes to keep segments of.
        columns: Where their scores are.
        top: How many segments a class keeps.
        videos: How many videos there may be.
        seconds: The most that a video may have.
        update: Called with the videos done.
    """
    from keras_attend_fusion import training

    most = videos * -(-seconds // SECONDS)
    kept = BestSegments(classes, top, most, seconds)
    for features, _ in training.as_numpy(dataset):
        ids = texts(features.pop("id"))
        first = kept.add_videos(ids)
        rows, places = segments(features)
        windows = {name: _split(v) for name, v in features.items()}
        for start in range(0, len(rows), AT_ONCE):
            at = rows[start : start + AT_ONCE], places[start : start + AT_ONCE]
            scores = _scores(model, {k: v[at] for k, v in windows.items()})
            require_finite(scores, [ids[row] for row in at[0]])
            kept.add(scores[:, columns], first + at[0], at[1] * SECONDS)
        update(kept.videos)
    return kept


def segments(features: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Which segments videos have.

    A video of n seconds has the n // 5 segments that it fills, and one that
    is shorter than 5 seconds has one. Seconds are those of its longer
    modality.

    Args:
        features: holds masks, `(videos, T)`: True on the frames that a video
            has, which come first.

    Returns:
        For each segment the row of its video, and its place in the video.
    """
    masks = [v for k, v in features.items() if k.endswith("_mask")]
    seconds = np.max([mask.sum(axis=1) for mask in masks], axis=0)
    whole = np.maximum(seconds // SECONDS, 1)
    rows, places = np.nonzero(np.arange(whole.max()) < whole[:, None])
    return rows, places


def _split(values: np.ndarray) -> np.ndarray:
    """`(videos, T, …)` to `(videos, ⌈T / 5⌉, 5, …)`, padded with zeros."""
    missing = -values.shape[1] % SECONDS
    if missing:
        ends = [(0, 0), (0, missing), *[(0, 0)] * (values.ndim - 2)]
        values = np.pad(values, ends)
    return values.reshape(len(values), -1, SECONDS, *values.shape[2:])


def _scores(model: Any, windows: dict[str, np.ndarray]) -> np.ndarray:
    """Scores of segments, in a batch of one size, which compiles once."""
    count = len(next(iter(windows.values())))
    full = {
        name: np.pad(v, [(0, AT_ONCE - count), *[(0, 0)] * (v.ndim - 1)])
        for name, v in windows.items()
    }
    return np.asarray(model.predict_on_batch(full), "float32")[:count]
