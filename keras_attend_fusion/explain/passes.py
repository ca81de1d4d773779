"""Running a model on videos, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from keras_attend_fusion.explain.features import Features


def pieces(count: int, size: int) -> Iterator[np.ndarray]:
    """Row numbers, all in pieces of one length, so that it compiles once.

    The last row comes again where the last piece is short of rows.

    Example:

    >>> [piece.tolist() for piece in pieces(5, 3)]
    [[0, 1, 2], [3, 4, 4]]
    """
    size = min(size, count)
    for start in range(0, count, size):
        yield np.minimum(np.arange(start, start + size), count - 1)


def run(model: Any, features: Features, batch_size: int) -> Any:
    """What a model returns for all videos, as NumPy arrays."""
    count = len(next(iter(features.values())))
    parts = [
        model.predict_on_batch({k: v[rows] for k, v in features.items()})
        for rows in pieces(count, batch_size)
    ]
    return keras.tree.map_structure(
        lambda *arrays: np.concatenate(arrays)[:count].astype("float32"),
        *parts,
    )
