"""The folder that `tune` leaves: what was searched, and what was found."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

from keras_attend_fusion.extras import MissingPackageError, install
from keras_attend_fusion.files import write_json, writing
from keras_attend_fusion.runs import folder as run_folder

SEARCH = "search.json"
TRIALS = "trials"  # the folder of them
TABLE = "trials.csv"
PLOT = "trials.png"
SCORES = ("gap_at_20", "f1_micro", "hit_at_1")
NAMES = {"gap_at_20": "GAP@20", "f1_micro": "F1 (micro)"}
COLUMNS = (
    "trial",
    "status",
    *(f"val_{name}" for name in SCORES),
    "parameters",
    "seconds",
    "epoch",
    "preset",
    "batch_size",
    "epochs",
    "learning_rate",
    "weight_decay",
)


def check_unchanged(out: Path, facts: dict[str, Any]) -> None:
    """Raises `ValueError` if a folder is of another search."""
    before = run_folder.read_json(out, SEARCH)
    for name, value in facts.items():
        was = before.get(name)
        if isinstance(value, dict) and isinstance(was, dict):
            for part in [*was, *value]:
                if was.get(part) != value.get(part):
                    name, was, value = part, was.get(part), value.get(part)
                    break
        if was != value:
            raise ValueError(
                f"{out} is a search with {name} {was!r}, now it is {value!r}: "
                "go on with the same, or search afresh into another --out"
            )


def wait_for_chief(out: Path, seconds: float) -> None:
    """Waits for the chief's file; `ValueError` if it does not come."""
    deadline = time.monotonic() + seconds
    while not (out / SEARCH).is_file():
        if time.monotonic() > deadline:
            raise ValueError(
                f"{out} has no {SEARCH}: start the chief, with the same "
                "--out, in a folder that every worker sees"
            )
        time.sleep(0.5)


def write_results(
    out: Path, rows: list[dict[str, Any]], common: dict[str, Any]
) -> None:
    """Writes the table and the best config.

    Args:
        out: The folder.
        rows: The trials, the best first.
        common: What every config has.
    """
    arguments = sorted({key for row in rows for key in row["arguments"]})
    with writing(str(out / TABLE)) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*COLUMNS, *arguments, "message"])
        for row in rows:
            values = [row.get(name) for name in COLUMNS]
            values += [row["arguments"].get(name) for name in arguments]
            writer.writerow([*values, row.get("message")])
    if rows and rows[0]["status"] == "COMPLETED":
        write_json(out / run_folder.CONFIG, best_config(rows[0], common))


def best_config(row: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    """What `train --config` takes to repeat a trial."""
    names = ("preset", "arguments", "epochs", "batch_size", "learning_rate")
    return {
        "model": "attend_fusion",
        **{name: row[name] for name in names},
        "weight_decay": row["weight_decay"],
        **common,
        "found": {
            name: row[name]
            for name in ("trial", *(f"val_{s}" for s in SCORES), "parameters")
        },
    }


def write_plot(
    out: Path, rows: list[dict[str, Any]], objective: str
) -> str | None:
    """Writes the plot; returns why there is none, or None."""
    from keras_attend_fusion.reports import plots
    from keras_attend_fusion.reports.figures import require_matplotlib, save

    done = [row for row in rows if row["status"] == "COMPLETED"]
    done.sort(key=lambda row: int(row["trial"]))
    try:
        require_matplotlib()
    except MissingPackageError:
        return f"{PLOT} needs matplotlib: {install('matplotlib')}"
    figure = plots.trials(
        [row[f"val_{objective}"] for row in done],
        [row["parameters"] for row in done],
        NAMES[objective],
    )
    save(figure, out / PLOT)
    return None


def table(rows: list[dict[str, Any]]) -> str:
    """The trials, a line each."""
    lines = [("trial", *SCORES, "parameters", "seconds", "settings")]
    for row in rows:
        if row["status"] != "COMPLETED":
            lines.append((row["trial"], *"-----", row["message"]))
            continue
        scores = [f"{row[f'val_{name}']:.5f}" for name in SCORES]
        size, seconds = f"{row['parameters']:,}", f"{row['seconds']:.0f}"
        lines.append((row["trial"], *scores, size, seconds, settings(row)))
    widths = [max(len(line[i]) for line in lines) for i in range(6)]
    return "\n".join(
        "  ".join(
            [cell.rjust(w) for cell, w in zip(line, widths, strict=False)]
        )
        + f"  {line[-1]}"
        for line in lines
    )


def settings(row: dict[str, Any]) -> str:
    """What a trial changed, in one line: factors, recipe, batches."""
    parts = []
    for name, value in sorted(row["values"].items()):
        as_preset = isinstance(value, float) and value == 1.0
        if name.startswith("tuner/") or name == "epochs" or as_preset:
            continue
        shown = f"{value:.3g}" if isinstance(value, float) else str(value)
        parts.append(f"{name}={shown}")
    parts.append(f"epochs={row['epochs']}")
    return " ".join(parts)
