"""What each part of Attend-Fusion is worth: one changed at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .tables import row_of

if TYPE_CHECKING:
    from .rows import Grid
    from .runs import Runs

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
    rows = []
    for name, change in parts.items():
        setting = {**tuned[0]["setting"], **change.get("setting", {})}
        job = {"group": "ablation" if change else "plain", **change}
        results = runs.seeds(ROW, seeds, {**job, "setting": setting})
        if results:
            rows.append({"part": name, **row_of(results, tuned[1])})
    return rows
