"""The trials of a search, as its folder has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULT = "result.json"
SCORES = ("gap_at_20", "f1_micro", "hit_at_1")  # that are shown


def read_trials(folder: str | Path, objective: str) -> list[dict[str, Any]]:
    """The trials that have ended, the best first and the failed last.

    Args:
        folder: where `Search` put them.
        objective: what makes a trial good, such as `val_gap_at_20`.

    Returns:
        For each what its `result.json` says: `trial`, `status` (`COMPLETED`
        or `FAILED`, with a `message`), `values`, what they stand for,
        `parameters`, `seconds` and the scores of its best epoch.

    Example:

    >>> read_trials("no such folder", "val_gap_at_20")
    []
    """
    trials = [
        json.loads(path.read_text())
        for path in sorted(Path(folder).glob(f"trial_*/{RESULT}"))
    ]
    return sorted(trials, key=lambda trial: -trial.get(objective, -1.0))


def as_table(rows: list[dict[str, Any]]) -> str:
    """The trials as text, a line each."""
    lines = [("trial", *SCORES, "parameters", "seconds", "settings")]
    for row in rows:
        if row["status"] != "COMPLETED":
            lines.append((row["trial"], *"-----", row["message"]))
            continue
        scores = [f"{row[f'val_{name}']:.5f}" for name in SCORES]
        size, seconds = f"{row['parameters']:,}", f"{row['seconds']:.0f}"
        lines.append((row["trial"], *scores, size, seconds, as_line(row)))
    widths = [max(len(line[i]) for line in lines) for i in range(6)]
    return "\n".join(
        "  ".join(
            [cell.rjust(w) for cell, w in zip(line, widths, strict=False)]
        )
        + f"  {line[-1]}"
        for line in lines
    )


def result_line(row: dict[str, Any], objective: str) -> str:
    """What came of a trial, in one line."""
    if row["status"] != "COMPLETED":
        return f"Trial {row['trial']} failed: {row['message']}"
    return (
        f"Trial {row['trial']}: {objective} {row[f'val_{objective}']:.5f}, "
        f"{row['parameters']:,} parameters, {row['seconds']:.0f} s: "
        f"{as_line(row)}"
    )


def as_line(row: dict[str, Any]) -> str:
    """What a trial changed, in one line: factors, recipe, batches.

    Example:

    >>> values = {"batch_size": 32, "learning_rate": 1.0, "weight_decay": 0.01}
    >>> as_line({"values": values, "epochs": 3})
    'batch_size=32 weight_decay=0.01 epochs=3'
    """
    parts = []
    for name, value in sorted(row["values"].items()):
        as_preset = isinstance(value, float) and value == 1.0
        if name.startswith("tuner/") or name == "epochs" or as_preset:
            continue
        shown = f"{value:.3g}" if isinstance(value, float) else str(value)
        parts.append(f"{name}={shown}")
    parts.append(f"epochs={row['epochs']}")
    return " ".join(parts)
