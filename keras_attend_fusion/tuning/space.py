"""What a search may change, in KerasTuner's words and in `kaf`'s."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import keras_tuner

from keras_attend_fusion import models
from keras_attend_fusion.models.build import PRESETS

FACTORS = {  # times what the preset has
    "trunk_units": [0.5, 0.75, 1.0, 1.5, 2.0],
    "hidden_units": [0.5, 0.75, 1.0, 1.5, 2.0],
    "members": [0.5, 1.0, 2.0],
    "num_heads": [0.5, 1.0, 2.0],
}
FRAME_FACTORS = {
    "visual_heads": [0.5, 1.0, 2.0],
    "audio_heads": [0.5, 1.0, 2.0],
}
WIDTHS = ("trunk_units", "hidden_units")  # kept multiples of 8
DROPOUTS = ("trunk_dropout", "dropout")


def arguments(
    hp: keras_tuner.HyperParameters,
    preset: str,
    level: str,
    fixed: Mapping[str, Any],
) -> dict[str, Any]:
    """Declares the sizes of a model; what `AttendFusion` takes for them.

    Args:
        hp: where they are declared, and chosen.
        preset: what the factors multiply.
        level: "video" or "frame".
        fixed: arguments that are not searched.

    Example:

    >>> hp = keras_tuner.HyperParameters()
    >>> hp.values["hidden_units"] = 0.5
    >>> chosen = arguments(hp, "mobile", "video", {"members": 3})
    >>> chosen["trunk_units"], chosen["hidden_units"], chosen["dropout"]
    (176, 104, 0.1)
    """
    factors = FACTORS | (FRAME_FACTORS if level == "frame" else {})
    settings: dict[str, Any] = {}
    for name, values in factors.items():
        if name not in fixed:
            factor = hp.Choice(name, values, default=1.0)
            unit = 8 if name in WIDTHS else 1
            size = start(preset, name) * factor
            settings[name] = max(unit, unit * round(size / unit))
    if "gating_rank" not in fixed:
        settings["gating_rank"] = hp.Choice("gating_rank", [0, 64, 256])
    dropouts = [name for name in DROPOUTS if name not in fixed]
    if dropouts:
        factor = hp.Float("dropout", 0.0, 2.0, step=0.25, default=1.0)
        for name in dropouts:
            settings[name] = round(start(preset, name) * factor, 4)
    return settings


def recipe(hp: keras_tuner.HyperParameters) -> dict[str, float]:
    """Declares how a model is trained, but for batches and epochs."""
    rate = hp.Float("learning_rate", 0.25, 4.0, sampling="log", default=1.0)
    decay = hp.Float("weight_decay", 0.002, 0.2, sampling="log", default=0.02)
    return {"learning_rate_factor": rate, "weight_decay": decay}


def batch_size(hp: keras_tuner.HyperParameters, sizes: Sequence[int]) -> int:
    """Declares the videos in a batch; the first of `sizes` is the default."""
    return hp.Choice("batch_size", sorted(sizes), default=sizes[0])


def epochs(hp: keras_tuner.HyperParameters, least: int, most: int) -> int:
    """Declares the epochs, unless the tuner has set them (Hyperband)."""
    if "tuner/epochs" in hp.values:
        return hp.values["tuner/epochs"]
    return hp.Int("epochs", least, most, default=most)


def start(preset: str, name: str) -> Any:
    """What a preset of Attend-Fusion has of an argument."""
    builder = inspect.signature(models.AttendFusion).parameters
    return PRESETS["attend_fusion"][preset].get(name, builder[name].default)
