"""What a run left in its folder, and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.export.report import REPORT
from keras_attend_fusion.files import parse_json, read_text
from keras_attend_fusion.reports import evaluation as reports
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs.threshold import WEIGHTS
from keras_attend_fusion.runs.values import (
    WHOLE,
    WORD,
    Kind,
    check_values,
    is_number,
    read_config,
    read_metrics,
)

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


def read_run(path: str | Path) -> Run:
    """Reads a run folder.

    Raises:
        ValueError: if it is none, or a file of it is damaged.
    """
    config = read_config(path)
    if not config:
        raise ValueError(
            f"{path} holds no run: it has no {run_folder.CONFIG}; pass a "
            "folder that `attend-fusion train` wrote"
        )
    return Run(
        Path(path).resolve().name,
        config,
        read_metrics(path),
        reports.read_history(path),
    )


def read_export(path: str | Path, run: Run) -> dict[str, Any]:
    """What `export` measured of the files in its folder.

    Raises:
        ValueError: if it is not an export folder, or that of another model.
    """
    report = run_folder.read_json(path, REPORT)
    files = report.get("files")
    if not isinstance(files, list) or not all(map(_is_file, files)):
        raise ArgumentError(
            f"`export` {path} is not an export folder: it has no whole "
            f"{REPORT}; pass one that `attend-fusion export` wrote"
        )
    exported_weights = report.get(WEIGHTS)
    run_weights = run.metrics.get(WEIGHTS)
    if exported_weights and run_weights and exported_weights != run_weights:
        raise ArgumentError(
            f"`export` {path} is of another model (the weights "
            f"{exported_weights}, those of this run are {run_weights}): export "
            "this one, or pass its folder"
        )
    return report


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("file"), str)


def read_baselines(path: str | Path) -> list[dict[str, Any]]:
    """The rows of a file in the form of the project's docs/results.json.

    Each has a `model`, and metrics by key: a number, or its mean and standard
    deviation, `{"mean": …, "std": …}`.

    Raises:
        ValueError: if the file is something else.
    """
    try:
        return _baselines(read_text(path), f"`baselines` {path}")
    except ValueError as error:
        raise ArgumentError(str(error)) from error


def _baselines(text: str, name: str) -> list[dict[str, Any]]:
    rows = parse_json(text, name, list)
    if not all(
        isinstance(row, dict) and isinstance(row.get("model"), str)
        for row in rows
    ):
        raise ValueError(
            f"{name}: expected a list of objects with a model and its "
            "metrics, as docs/results.json has it"
        )
    for number, row in enumerate(rows, 1):
        where = f"{name}: row {number} ({row['model']}): "
        check_values(row, BASELINE, where)
    return rows


def _is_score(value: Any) -> bool:
    """Whether it is a number, or its mean and maybe standard deviation."""
    if isinstance(value, dict):
        spread = value.get("std")  # None for one run
        mean = value.get("mean")
        return is_number(mean) and (spread is None or is_number(spread))
    return is_number(value)


SCORE: Kind = ('a number, or {"mean": …, "std": …}', _is_score)
BASELINE = {
    **dict.fromkeys(("preset", "group", "level"), WORD),
    "parameters": WHOLE,
    **dict.fromkeys(
        ("videos", "gap_at_20", "map", "hit_at_1", "perr", "f1_micro"), SCORE
    ),
}


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
