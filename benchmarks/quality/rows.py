"""What is trained: the models of the tables, and the settings to tune by."""

from __future__ import annotations

import sys
from typing import Any

# Stages of tuning: settings to try, then changes of the best so far.
Grid = list[list[dict[str, Any]]]
MILD = {"dropout": 0.2, "weight_decay": 0.02}
STRONG = {"dropout": 0.5, "weight_decay": 0.1}


def stages(epochs: int, *more: dict[str, Any]) -> Grid:
    """Tuning: first the learning rate, then `more` that may be better.

    `rate` is a factor: `kaf.training.default_learning_rate` knows the size.
    """
    rates = (0.5, 1.0, 2.0)
    return [[{"rate": r, **MILD, "epochs": epochs} for r in rates], list(more)]


# Every model has as many settings, and so as many trainings, to be tuned by.
GRIDS = {
    "full": stages(6, {"epochs": 12}, STRONG, {**STRONG, "epochs": 12}),
    "quick": stages(3, {"epochs": 6}, {**STRONG, "epochs": 6}),
}
ROWS = (
    "attend_fusion:base",
    "attend_fusion:small",
    "attend_fusion:mobile",
    "attend_fusion:audio",
    "attend_fusion:visual",
    "fully_connected:base",
    "fully_connected:normalized",
    "fully_connected:medium",
    "fully_connected:small",
    "fully_connected:audio",
    "fully_connected:visual",
    "early_fusion:base",
    "early_fusion:normalized",
    "residual:base",
    "residual_gating:base",
    "logistic:base",
    "mixture_of_experts:base",
    "dbof:base",
    "netvlad:base",
    "netvlad:medium",
    "nextvlad:base",
    "nextvlad:medium",
    "lstm:base",
)
CLIP = "clip"  # the preset of models for AudioSet's clips
CURVE_ROWS = ("attend_fusion:base", "fully_connected:base")
SHARES = (1 / 27, 1 / 9, 1 / 3, 1.0)


def model_and_preset(row: str) -> tuple[str, str]:
    """The model and the preset of a row.

    `package.module:function`, a builder of one's own, is a row with the
    preset "base".
    """
    from keras_attend_fusion import models

    name, _, preset = row.partition(":")
    if name in models.names() or preset == CLIP:
        return name, preset
    return row, "base"


def row_of_job(job: dict[str, Any]) -> str:
    """The row that a training belongs to."""
    model, preset = job["model"], job["preset"]
    return model if ":" in model else f"{model}:{preset}"


def buildable(rows: list[str]) -> list[str]:
    """Those rows that this version of the package can build."""
    from keras_attend_fusion import models
    from keras_attend_fusion.models.own_builder import load_builder

    buildable_rows = []
    for row in rows:
        name, preset = model_and_preset(row)
        try:
            if name not in models.names():
                load_builder(name)
            elif preset not in models.presets(name):
                raise ValueError(f"{name} has no preset {preset!r}")
        except ValueError as error:
            print(f"{row}: left out: {error}", file=sys.stderr)
        else:
            buildable_rows.append(row)
    return buildable_rows
