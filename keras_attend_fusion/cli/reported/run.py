"""What a run left in its folder, and what it is held against."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import any_model, reports, run_folder
from keras_attend_fusion.cli.threshold import WEIGHTS

BEST = "val_gap_at_20"


@dataclass(frozen=True)
class Run:
    """A run folder, as far as the training came.

    Attributes:
        name: The folder's.
        config: Its settings.
        metrics: Those of the best epoch; empty before the end.
        history: A row an epoch.
    """

    name: str
    config: dict[str, Any]
    metrics: dict[str, Any]
    history: list[dict[str, float]]

    @property
    def best(self) -> dict[str, float] | None:
        """The epoch with the highest validation GAP, the first of equals."""
        rows = [row for row in self.history if BEST in row]
        return max(rows, key=lambda row: row[BEST], default=None)


def read_run(path: str) -> Run:
    """Reads a run folder.

    Raises:
        ValueError: if it is none, or a file of it is damaged.
    """
    config = run_folder.read_json(path, run_folder.CONFIG)
    if not config:
        raise ValueError(
            f"{path} holds no run: it has no {run_folder.CONFIG}; pass a "
            "folder that `attend-fusion train` wrote"
        )
    return Run(
        Path(path).resolve().name,
        config,
        run_folder.read_json(path, run_folder.METRICS),
        reports.read_history(path),
    )


def read_export(path: str, run: Run) -> dict[str, Any]:
    """What `export` measured of the files in its folder.

    Raises:
        ValueError: if it is no export folder, or that of another model.
    """
    report = run_folder.read_json(path, any_model.REPORT)
    files = report.get("files")
    if not isinstance(files, list) or not all(map(_is_file, files)):
        raise ValueError(
            f"--export {path} is no export folder: it has no whole "
            f"{any_model.REPORT}; pass one that `attend-fusion export` wrote"
        )
    there, here = report.get(WEIGHTS), run.metrics.get(WEIGHTS)
    if there and here and there != here:
        raise ValueError(
            f"--export {path} is of another model (the weights {there}, those "
            f"of this run are {here}): export this one, or pass its folder"
        )
    return report


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("file"), str)


def read_baselines(path: str) -> list[dict[str, Any]]:
    """The rows of a file in the form of the project's docs/results.json.

    Each has a `model`, and metrics by key: a number, or its mean and standard
    deviation, `{"mean": …, "std": …}`.

    Raises:
        ValueError: if the file is something else.
    """
    try:
        rows = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"--baselines {path} is not JSON: {error}") from error
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and isinstance(row.get("model"), str)
        for row in rows
    ):
        raise ValueError(
            f"--baselines {path}: expected a list of objects with a model and "
            "its metrics, as docs/results.json has it"
        )
    return rows


def mean_of(value: Any) -> float | None:
    """A metric of a baseline: the mean, where there were several runs."""
    if isinstance(value, dict):
        value = value.get("mean")
    return float(value) if isinstance(value, (int, float)) else None


def spread_of(value: Any) -> float | None:
    """Its standard deviation over several runs; None for one run."""
    if not isinstance(value, dict):
        return None
    std = value.get("std")
    return float(std) if isinstance(std, (int, float)) else None
