"""How much of a decision is each modality's."""

from __future__ import annotations

import numpy as np

LEAST = 1e-7  # as far from 0 and 1 as float32 scores can be told from them


def logit(scores: np.ndarray) -> np.ndarray:
    """`log(s / (1 - s))`, with `s` kept `LEAST` away from 0 and 1."""
    s = np.clip(np.asarray(scores, "float64"), LEAST, 1.0 - LEAST)
    return np.log(s) - np.log1p(-s)


def contributions(
    both: np.ndarray,
    rgb: np.ndarray,
    audio: np.ndarray,
    nothing: np.ndarray,
) -> np.ndarray:
    """What picture and sound add to each class's logit (Shapley values).

    Args:
        both: scores with picture and sound, any shape.
        rgb: scores with the picture alone, the same shape.
        audio: scores with the sound alone, the same shape.
        nothing: scores with neither, the same shape.

    Returns:
        That shape and `(2,)`: picture, sound. They sum to
        `logit(both) - logit(nothing)`.

    Example:

    >>> half, much = np.array([0.5]), np.array([0.9])
    >>> contributions(much, much, half, half).round(3).tolist()
    [[2.197, 0.0]]
    """
    z, z_rgb, z_audio, z_0 = map(logit, (both, rgb, audio, nothing))
    of_rgb = ((z_rgb - z_0) + (z - z_audio)) / 2
    of_audio = ((z_audio - z_0) + (z - z_rgb)) / 2
    return np.stack([of_rgb, of_audio], axis=-1)


def shares(parts: np.ndarray) -> np.ndarray:
    """Parts above 0 over their sum on the last axis; NaN if there is none.

    Example:

    >>> shares(np.array([[3.0, 1.0], [2.0, -5.0], [-1.0, 0.0]])).tolist()
    [[0.75, 0.25], [1.0, 0.0], [nan, nan]]
    """
    speaking = np.maximum(parts, 0.0)
    total = speaking.sum(axis=-1, keepdims=True)
    divisor = np.where(total > 0, total, np.nan)
    return (speaking / divisor).astype("float32")
