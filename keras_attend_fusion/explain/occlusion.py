"""Which seconds a score rests on, found by taking them away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_attend_fusion.explain.features import Features
from keras_attend_fusion.explain.passes import pieces
from keras_attend_fusion.models.describe import is_mask

PARTS = 4  # one of so many parts of a video goes at once,
LONGEST = 5  # but no more seconds than YouTube-8M's rated segments have


def occlude(
    model: Any,
    features: Features,
    scores: np.ndarray,
    classes: np.ndarray,
    window: int | np.ndarray,
    batch_size: int,
    progress: Callable[[int, int], None] | None = None,
) -> np.ndarray | None:
    """Changes of scores when the seconds around a second are masked out.

    Args:
        model: the model.
        features: frames and their masks.
        scores: what the model says of them, `(batch, classes)`.
        classes: which of them to follow, `(batch, k)`.
        window: how many seconds go at once, of every modality: an int, or
            one for each video, `(batch,)`. A modality of one frame a video
            beside longer ones, such as a text's, is of no second and stays.
        batch_size: int, how many masked copies are made at a time.
        progress: called with the copies done and all there are.

    Returns:
        `(batch, k, frames)`, or None without frames.
    """
    masks = _masks(features)
    if not masks:
        return None
    frames = present(features)
    longest = frames.shape[1]
    masks = [m for m in masks if features[m].shape[1] > 1 or longest == 1]
    change = np.zeros((*classes.shape, longest), "float32")
    places = np.argwhere(frames)
    sizes = np.broadcast_to(window, len(classes))
    for rows in pieces(len(places), batch_size) if len(places) else ():
        videos, seconds = places[rows].T
        copies = {name: array[videos] for name, array in features.items()}
        for name in masks:
            length = copies[name].shape[1]
            copies[name] &= ~windows(seconds, length, sizes[videos])
        after = model.predict_on_batch(copies).astype("float32")
        picked = classes[videos]
        change[videos, :, seconds] = np.take_along_axis(
            after, picked, axis=1
        ) - np.take_along_axis(scores[videos], picked, axis=1)
        if progress is not None:
            progress(int(rows[-1]) + 1, len(places))
    return change


def present(features: Features) -> np.ndarray:
    """`(batch, frames)`, True where some modality has a frame.

    As long as the longest modality; no column at all without frames.
    """
    masks = [features[name] for name in _masks(features)]
    frames = max((mask.shape[1] for mask in masks), default=0)
    videos = len(next(iter(features.values())))
    either = np.zeros((videos, frames), "bool")
    for mask in masks:
        either[:, : mask.shape[1]] |= mask
    return either


def _masks(features: Features) -> list[str]:
    return [name for name in features if is_mask(name)]


def window_sizes(frames: np.ndarray, window: int | None) -> np.ndarray:
    """How many seconds to take away at once from videos of these lengths.

    A quarter of the video, rounded down, but at least 1 and at most `LONGEST`,
    unless `window` says how many.

    Raises:
        ValueError: if `window` is not shorter than each video that has a
            frame: nothing would be left of it.

    Example:

    >>> window_sizes(np.array([1, 5, 10, 12, 20, 300]), None).tolist()
    [1, 1, 2, 3, 5, 5]
    """
    if window is None:
        return np.clip(frames // PARTS, 1, LONGEST)
    short = np.flatnonzero((frames > 0) & (frames <= window))
    if len(short):
        first = int(short[0])
        raise ValueError(
            f"window is {window}, but video {first} has {frames[first]} "
            "seconds, so that nothing would be left of it: pass a shorter "
            "window, or leave it out for a quarter of each video."
        )
    return np.full(len(frames), window)


def windows(
    centres: np.ndarray, frames: int, window: int | np.ndarray
) -> np.ndarray:
    """`(centres, frames)`, True in the `window` seconds around each.

    `window` is an int, or one for each of `centres`.

    Example:

    >>> windows(np.array([0, 3]), 5, 3).astype(int).tolist()
    [[1, 1, 0, 0, 0], [0, 0, 1, 1, 1]]
    """
    size = np.reshape(window, (-1, 1))
    first = centres[:, None] - size // 2
    seconds = np.arange(frames)
    return (seconds >= first) & (seconds < first + size)
