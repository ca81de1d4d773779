"""Which seconds a score rests on, found by taking them away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_attend_fusion.explain.features import MODALITIES, Features
from keras_attend_fusion.explain.passes import pieces


def occlude(
    model: Any,
    features: Features,
    scores: np.ndarray,
    classes: np.ndarray,
    window: int,
    batch_size: int,
    progress: Callable[[int, int], None] | None = None,
) -> np.ndarray | None:
    """Changes of scores when the seconds around a second are masked out.

    Args:
        model: the model.
        features: frames and their masks.
        scores: what the model says of them, `(batch, classes)`.
        classes: which of them to follow, `(batch, k)`.
        window: int, how many seconds go at once, picture and sound.
        batch_size: int, how many masked copies are made at a time.
        progress: called with the copies done and all there are.

    Returns:
        `(batch, k, frames)`, or None without frames.
    """
    masks = [f"{m}_mask" for m in MODALITIES if f"{m}_mask" in features]
    if not masks:
        return None
    frames = max(features[name].shape[1] for name in masks)
    change = np.zeros((*classes.shape, frames), "float32")
    places = places_of([features[name] for name in masks], frames)
    for rows in pieces(len(places), batch_size) if len(places) else ():
        videos, seconds = places[rows].T
        copies = {name: array[videos] for name, array in features.items()}
        for name in masks:
            copies[name] &= ~windows(seconds, copies[name].shape[1], window)
        after = model.predict_on_batch(copies).astype("float32")
        picked = classes[videos]
        change[videos, :, seconds] = np.take_along_axis(
            after, picked, axis=1
        ) - np.take_along_axis(scores[videos], picked, axis=1)
        if progress is not None:
            progress(int(rows[-1]) + 1, len(places))
    return change


def places_of(masks: list[np.ndarray], frames: int) -> np.ndarray:
    """Each (video, second) where some modality has a frame."""
    there = np.zeros((len(masks[0]), frames), "bool")
    for mask in masks:
        there[:, : mask.shape[1]] |= mask
    return np.argwhere(there)


def windows(centres: np.ndarray, frames: int, window: int) -> np.ndarray:
    """`(centres, frames)`, True in the `window` seconds around each.

    Example:

    >>> windows(np.array([0, 3]), 5, 3).astype(int).tolist()
    [[1, 1, 0, 0, 0], [0, 0, 1, 1, 1]]
    """
    first = centres[:, None] - window // 2
    seconds = np.arange(frames)
    return (seconds >= first) & (seconds < first + window)
