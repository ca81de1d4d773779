"""What an evaluation leaves besides its table: classes and plots."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from keras_attend_fusion.cli import plots, run_folder
from keras_attend_fusion.cli.figures import save
from keras_attend_fusion.cli.text import writing
from keras_attend_fusion.metrics import ClassScores, Evaluator

COLUMNS = [
    "index",
    "name",
    "positives",
    "predicted",
    "average_precision",
    "average_precision_top_20",
    "precision",
    "recall",
    "f1",
]


def write_classes(path: str, classes: list[ClassScores]) -> None:
    """Writes a row a class; what a class has not stays blank."""
    with writing(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(classes)


def write_plots(
    folder: Path,
    form: str,
    evaluator: Evaluator,
    metrics: dict[str, Any],
    classes: list[ClassScores],
    history: list[dict[str, float]],
) -> list[str]:
    """Writes the figures that there are; returns their files' names."""
    top_k = evaluator.top_k
    average = metrics[f"gap_at_{top_k}"]
    drawn = {
        "precision_recall": plots.precision_recall(
            *evaluator.precision_recall(),
            top_k=top_k,
            average=average,
            chosen=metrics["threshold"],
        )
    }
    drawn["class_frequency"] = _class_frequency(classes, evaluator)
    if "calibration_error" in metrics:
        bins = evaluator.calibration()
        drawn["calibration"] = plots.calibration(
            *bins, top_k=top_k, error=bins.error
        )
    if history:
        columns = {name: [r[name] for r in history] for name in history[0]}
        epochs = [int(epoch) for epoch in columns.pop("epoch")]
        drawn["training"] = plots.training_curves(epochs, columns)
    for name, figure in drawn.items():
        save(figure, folder / f"{name}.{form}")
    return [f"{name}.{form}" for name in drawn]


def _class_frequency(classes: list[ClassScores], evaluator: Evaluator) -> Any:
    seen = [one for one in classes if one.positives]
    if evaluator.ranking == "all":
        precision = [one.average_precision for one in seen]
        ranking = "every score ranked"
    else:
        precision = [one.average_precision_top for one in seen]
        ranking = f"each video's top {evaluator.top_k} ranked"
    positives = np.array([one.positives for one in seen])
    return plots.class_frequency(positives, np.array(precision), ranking)


def read_history(model: str | None) -> list[dict[str, float]]:
    """The epochs of a run folder; none for a bare `.keras` file.

    Raises:
        ValueError: if its history.csv is not one that `train` writes.
    """
    path = Path(model or "") / run_folder.HISTORY
    if not model or not path.is_file():
        return []
    try:
        with path.open(newline="") as file:
            rows = [
                {name: float(value) for name, value in row.items()}
                for row in csv.DictReader(file)
            ]
    except (ValueError, TypeError, AttributeError, csv.Error) as error:
        raise ValueError(f"{path} is not one of train's: {error}") from error
    if rows and not {"epoch", "loss"} <= set(rows[0]):
        raise ValueError(f"{path} is not one of train's: it lacks epoch, loss")
    return rows
