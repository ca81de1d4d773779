"""The plot of a search: its trials, in order and by size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_attend_fusion.extras import require
from keras_attend_fusion.reports import plots
from keras_attend_fusion.reports.figures import save

NAMES = {"gap_at_20": "GAP@20", "f1_micro": "F1 (micro)"}


def write_search_plot(
    path: Path, rows: list[dict[str, Any]], objective: str
) -> None:
    """Writes the scores of the trials that were completed.

    Args:
        path: The file.
        rows: The trials, as `kaf.tuning.read_trials` gives them.
        objective: The score that was searched for, one of `NAMES`.

    Raises:
        MissingPackageError: matplotlib is not installed.
    """
    require("matplotlib.figure", f"{path.name} needs matplotlib")
    completed = [row for row in rows if row["status"] == "COMPLETED"]
    completed.sort(key=lambda row: int(row["trial"]))
    figure = plots.trials(
        [row[f"val_{objective}"] for row in completed],
        [row["parameters"] for row in completed],
        NAMES[objective],
    )
    save(figure, path)
