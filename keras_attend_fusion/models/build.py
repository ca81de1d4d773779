"""Models by name, in the sizes they come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from keras_attend_fusion.models.attend_fusion import AttendFusion
from keras_attend_fusion.models.fully_connected import FullyConnected

BUILDERS: dict[str, Callable[..., keras.Model]] = {
    "attend_fusion": AttendFusion,
    "fully_connected": FullyConnected,
}

PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "attend_fusion": {
        # At 3862 classes: 60.9M parameters at video level, 64.1M at frame
        # level (the paper's budget is 72M), 17.2M / 20M and 4.6M / 5M.
        "base": {},
        "small": {
            "trunk_units": 1024,
            "hidden_units": 2048,
            "key_dim": 64,
            "gating_rank": 256,
        },
        "mobile": {
            "visual_heads": 4,
            "visual_key_dim": 32,
            "trunk_units": 512,
            "hidden_units": 640,
            "num_heads": 4,
            "key_dim": 32,
            "gating_rank": 64,
        },
    },
    "fully_connected": {
        # 341.2M parameters at 3862 classes, as the paper's FC late fusion.
        "base": {},
        "small": {"units": 2048, "depth": 1, "dropout": 0.3},
    },
}


def names() -> list[str]:
    """Every model that `build` knows.

    Example:

    >>> names()
    ['attend_fusion', 'fully_connected']
    """
    return sorted(BUILDERS)


def presets(name: str) -> list[str]:
    """The sizes that the model `name` comes in.

    Example:

    >>> presets("attend_fusion")
    ['base', 'small', 'mobile']
    """
    if name not in BUILDERS:
        raise ValueError(
            f"There is no model {name!r}; the models are {', '.join(names())}."
        )
    return list(PRESETS[name])


def build(
    name: str,
    preset: str = "base",
    level: str = "video",
    num_classes: int = 3862,
    **overrides: Any,
) -> keras.Model:
    """Builds a functional model from its name and preset.

    Args:
        name: one of `names()`.
        preset: one of `presets(name)`.
        level: "video" or "frame".
        num_classes: int, number of classes.
        **overrides: arguments of the model's builder, over the preset.

    Returns:
        A functional `keras.Model`; see its builder for inputs and output.

    Raises:
        ValueError: if the name, the preset or the level is unknown.

    Example:

    >>> model = build("attend_fusion", preset="mobile", num_classes=3862)
    >>> model.count_params() < 5_000_000
    True
    """
    if preset not in presets(name):
        raise ValueError(
            f"The model {name!r} has no preset {preset!r}; it has "
            f"{', '.join(presets(name))}."
        )
    arguments = {**PRESETS[name][preset], **overrides}
    return BUILDERS[name](num_classes=num_classes, level=level, **arguments)
