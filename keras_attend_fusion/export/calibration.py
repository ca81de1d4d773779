"""Real videos, from which an 8-bit export takes the range of its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np

from keras_attend_fusion.models.video_model import check_dtypes

LEAST, MOST = 100, 200  # videos

Features = Mapping[str, Any]


def collect(
    batches: Iterable[Features], model: keras.Model
) -> dict[str, np.ndarray]:
    """The features of a few hundred videos, each a row.

    Args:
        batches: features by name, as `kaf.data.load` delivers them; others
            than the model's inputs are left out.
        model: a functional model with a dict of inputs.

    Returns:
        An array for each input, `(videos, …)`. Videos with fewer frames than
        the longest are padded, and their masks are False there.

    Raises:
        ValueError: if an input is missing, of another size or of another
            kind (values for bytes), or there are too few videos.
    """
    inputs = model.input
    videos: list[dict[str, np.ndarray]] = []
    for features in batches:
        missing = sorted(set(inputs) - set(features))
        if missing:
            raise ValueError(
                f"calibration lacks {', '.join(missing)}: the model takes "
                f"{', '.join(sorted(inputs))}."
            )
        arrays = {name: np.asarray(features[name]) for name in inputs}
        for name, array in arrays.items():
            wanted = (None, *inputs[name].shape[1:])
            fits = len(array.shape) == len(wanted) and all(
                size in (None, given)
                for size, given in zip(wanted, array.shape, strict=True)
            )
            if not fits:
                raise ValueError(
                    f"calibration has {name} of shape {array.shape}; the "
                    f"model takes {wanted}."
                )
        check_dtypes(model, arrays)
        count = len(next(iter(arrays.values())))
        videos += [
            {name: array[i] for name, array in arrays.items()}
            for i in range(count)
        ]
        if len(videos) >= MOST:
            break
    if len(videos) < LEAST:
        raise ValueError(
            f"calibration holds {len(videos)} videos: give {LEAST} or more."
        )
    return {name: _stacked([v[name] for v in videos[:MOST]]) for name in inputs}


def _stacked(rows: list[np.ndarray]) -> np.ndarray:
    longest = max(row.shape[0] for row in rows)
    return np.stack(
        [
            np.pad(row, [(0, longest - len(row))] + [(0, 0)] * (row.ndim - 1))
            for row in rows
        ]
    )
