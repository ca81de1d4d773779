"""A tiny search, and videos to train it on."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_attend_fusion import tuning
from tests.models import tiny

# Left to the search: trunk and joint layer, dropout, gating. One member, as
# the time of a test goes into compiling layers.
FIXED = {
    name: value
    for name, value in tiny.SIZES.items()
    if name not in ("trunk_units", "hidden_units", "gating_rank")
} | {"members": 1, "joint_token": False}
VIDEOS = 24


def space(
    make: type[tuning.AttendFusionHyperModel] = tuning.AttendFusionHyperModel,
    **changes: Any,
) -> tuning.AttendFusionHyperModel:
    """A search of models that train in no time."""
    arguments: dict[str, Any] = {
        "videos": VIDEOS,
        "presets": ["mobile"],
        "batch_sizes": [8, 4],
        "epochs": (1, 2),
        "seed": 3,
        **FIXED,
    }
    return make(tiny.CLASSES, "video", **{**arguments, **changes})


class Videos(keras.utils.PyDataset):
    """Videos whose labels stand in their features, in batches."""

    def __init__(self, batch_size: int, scale: float = 1.0) -> None:
        super().__init__()
        self.size = batch_size
        self.features = tiny.videos("video", VIDEOS)
        self.labels = (self.features["rgb"][:, : tiny.CLASSES] > 0) * 1.0
        for value in self.features.values():
            value *= scale

    def __len__(self) -> int:
        return -(-VIDEOS // self.size)

    def __getitem__(self, index: int) -> Any:
        part = slice(index * self.size, (index + 1) * self.size)
        features = {k: v[part] for k, v in self.features.items()}
        return features, self.labels[part]


def spoilt(batch_size: int) -> Videos:
    """Videos that no loss can be made of."""
    return Videos(batch_size, float("nan"))


def validation(batch_size: int) -> list[Any]:
    """The batches, which may be read again."""
    videos = Videos(batch_size)
    return [videos[i] for i in range(len(videos))]


def weights(model: keras.Model) -> list[np.ndarray]:
    """What a model has learnt."""
    return [keras.ops.convert_to_numpy(one) for one in model.weights]
