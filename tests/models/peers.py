"""The models of others, tiny."""

from __future__ import annotations

from typing import Any

import keras

from keras_attend_fusion import models
from tests.models import tiny

_CLUSTERS: dict[str, Any] = {"visual_clusters": 4, "audio_clusters": 2}
SIZES: dict[str, dict[str, Any]] = {
    "logistic": {},
    "mixture_of_experts": {},
    "dbof": {**_CLUSTERS, "hidden_units": 6},
    "netvlad": {**_CLUSTERS, "hidden_units": 6},
    "nextvlad": {
        **_CLUSTERS,
        "visual_groups": 4,
        "audio_groups": 2,
        "hidden_units": 6,
        "gating_reduction": 2,
    },
    "lstm": {"visual_units": 4, "audio_units": 3},
}


def peer(name: str, level: str, **changes: Any) -> keras.Model:
    """A model whose weights are all random, as after training."""
    sizes = {"rgb_size": tiny.RGB, "audio_size": tiny.AUDIO, **SIZES[name]}
    arguments = {**sizes, **changes}
    model = models.build(name, "base", level, tiny.CLASSES, **arguments)
    tiny.randomise(model)
    return model
