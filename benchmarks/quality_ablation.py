"""What each part of Attend-Fusion is worth: one changed at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import keras
from quality_report import row_of

from keras_attend_fusion import layers
from keras_attend_fusion.models import blocks

if TYPE_CHECKING:
    from quality_runs import Grid, Runs

ROW = "attend_fusion:base"
# What is changed of the job; the widths keep the number of parameters.
PARTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "one wide member": {
        "changes": {"members": 1, "trunk_units": 2944, "hidden_units": 4640}
    },
    "two members": {
        "changes": {"members": 2, "trunk_units": 1856, "hidden_units": 2944}
    },
    "eight members": {
        "changes": {"members": 8, "trunk_units": 704, "hidden_units": 1056}
    },
    "members learn together": {"changes": {"independence": 0.0}},
    "no joint token": {"changes": {"joint_token": False, "hidden_units": 2368}},
    "no attention between the modalities": {
        "changes": {"attention": False, "hidden_units": 1984}
    },
    "a gate": {"changes": {"gating_rank": 256, "hidden_units": 1696}},
    "trunks of two layers": {
        "changes": {"trunk_depth": 2, "hidden_units": 1280}
    },
    "no dropout": {"setting": {"dropout": 0.0}},
    "dropout 0.4": {"setting": {"dropout": 0.4}},
    "average of the weights (EMA 0.98)": {"recipe": {"ema": 0.98}},
    "mixup 0.2": {"recipe": {"mixup": 0.2}},
    "label smoothing 0.05": {"recipe": {"smoothing": 0.05}},
}
SOFT = "half of each label from models that never saw the video"


def ablation(
    runs: Runs, grid: Grid, seeds: list[int], soft: str | None
) -> list[dict[str, Any]]:
    """A row for each part, in the setting that the table chose for `ROW`."""
    tuned = runs.tuned(ROW, grid, "gap_at_20")
    if tuned is None:
        return []
    parts = dict(PARTS)
    if soft:
        parts[SOFT] = {"recipe": {"soft": 0.5}, "soft_data": soft}
    found = []
    for name, change in parts.items():
        setting = {**tuned[0]["setting"], **change.get("setting", {})}
        job = {"group": "ablation" if change else "plain", **change}
        results = runs.seeds(ROW, seeds, {**job, "setting": setting})
        if results:
            found.append({"part": name, **row_of(results, tuned[1])})
    return found


def without_attention(
    num_classes: int,
    *,
    members: int = 4,
    trunk_units: int = 1152,
    trunk_dropout: float,
    hidden_units: int,
    dropout: float,
) -> keras.Model:
    """Attend-Fusion `base` at video level, its vectors joined as they are."""
    sizes = {"rgb": 1024, "audio": 128}
    inputs, branches = blocks.open_branches("video", sizes, None)
    vectors = {one.modality: one.features for one in branches}
    vectors["joint"] = blocks.join(list(vectors.values()))
    odds = blocks.CLASS_PRIOR / (1.0 - blocks.CLASS_PRIOR)
    prior = keras.initializers.Constant(math.log(odds))
    logits = []
    for i in range(1, members + 1):
        tokens = [
            blocks.trunk(vector, trunk_units, 1, trunk_dropout, f"{name}_{i}")
            for name, vector in vectors.items()
        ]
        hidden = keras.layers.Concatenate()(tokens)
        hidden = keras.layers.Dense(hidden_units, use_bias=False)(hidden)
        hidden = keras.layers.BatchNormalization()(hidden)
        hidden = keras.layers.Activation("relu")(hidden)
        hidden = keras.layers.Dropout(dropout)(hidden)
        classify = keras.layers.Dense(num_classes, bias_initializer=prior)
        logits.append(classify(hidden))
    scores = layers.EnsembleMean(name="scores")(logits)
    return keras.Model(inputs, scores, name="attend_fusion")
