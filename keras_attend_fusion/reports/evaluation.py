"""What an evaluation leaves besides its table: classes and plots."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np

from keras_attend_fusion.files import form as form_of
from keras_attend_fusion.files import reading, write_row, writing
from keras_attend_fusion.metrics import ClassScores, Evaluator
from keras_attend_fusion.predictions import Evaluation
from keras_attend_fusion.reports import plots
from keras_attend_fusion.reports.figures import (
    FORMS,
    require_matplotlib,
    save,
)
from keras_attend_fusion.reports.series import loss_line, score_lines
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs.run import Run
from keras_attend_fusion.runs.settings import SettingError

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


def write_classes(path: str | Path, evaluation: Evaluation) -> None:
    """Writes a row a class; what a class has not stays blank.

    A name that a spreadsheet would run as a formula is guarded by a `'`.

    Args:
        path: The file, ending in `.csv` or `.csv.gz`.
        evaluation: What `kaf.predictions.evaluate_model` or `evaluate_file`
            returned.

    Raises:
        ValueError: The file has another ending.
    """
    if form_of(path) != ".csv":
        raise SettingError(
            f"`path` is {path}: it has to end in .csv or .csv.gz"
        )
    with writing(path) as file:
        write_row(file, COLUMNS)
        for scores in evaluation.per_class():
            write_row(file, scores)


def write_plots(
    folder: str | Path,
    evaluation: Evaluation,
    *,
    form: str = "png",
    run: str | Path | Run | None = None,
) -> list[Path]:
    """Writes plots: precision and recall, classes, calibration, training.

    Scores that are not probabilities have no calibration.

    Args:
        folder: The folder to write them to.
        evaluation: What `kaf.predictions.evaluate_model` or `evaluate_file`
            returned.
        form: "png", "pdf" or "svg".
        run: The run, or its folder, whose training curves are drawn too.

    Returns:
        The files.

    Raises:
        ValueError: `folder` is a file, `form` is another one, or the run's
            history is damaged.
        MissingPackageError: matplotlib is not installed.
    """
    if form not in FORMS:
        raise SettingError(f"`form` is {form!r}: expected {', '.join(FORMS)}")
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: name a folder")
    require_matplotlib("write_plots")
    history = read_history(run.folder if isinstance(run, Run) else run)
    evaluator, metrics = evaluation.evaluator, evaluation.metrics
    top_k = evaluator.top_k
    average = metrics[f"gap_at_{top_k}"]
    drawn = {
        "precision_recall": plots.precision_recall(
            *evaluator.precision_recall(),
            top_k=top_k,
            average=average,
            chosen=evaluation.threshold,
        )
    }
    drawn["class_frequency"] = _class_frequency(
        evaluation.per_class(), evaluator
    )
    if "calibration_error" in metrics:
        drawn["calibration"] = plots.calibration(
            evaluator.calibration(), top_k=top_k
        )
    if history:
        drawn["training"] = plots.training_curves(
            loss_line(history), score_lines(history)
        )
    files = {folder / f"{name}.{form}": drawn[name] for name in drawn}
    for path, figure in files.items():
        save(figure, path)
    return list(files)


def _class_frequency(classes: list[ClassScores], evaluator: Evaluator) -> Any:
    seen = [scores for scores in classes if scores.positives]
    if evaluator.ranking == "all":
        precision = [scores.average_precision for scores in seen]
        ranking = "every score ranked"
    else:
        precision = [scores.average_precision_top for scores in seen]
        ranking = f"each video's top {evaluator.top_k} ranked"
    positives = np.array([scores.positives for scores in seen])
    return plots.class_frequency(positives, np.array(precision), ranking)


def read_history(model: str | Path | None) -> list[dict[str, float]]:
    """The epochs of a run folder; none for a bare `.keras` file.

    Raises:
        ValueError: if its history.csv is not one that `train` writes.
    """
    path = Path(model or "") / run_folder.HISTORY
    if not model or not path.is_file():
        return []
    try:
        with reading(path) as file:
            rows = [dict(row) for row in csv.DictReader(file)]
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{path} is not one of train's: {error}") from error
    if rows and not {"epoch", "loss"} <= set(rows[0]):
        raise ValueError(f"{path} is not one of train's: it lacks epoch, loss")
    return [_numbers(row, i, path) for i, row in enumerate(rows, 1)]


def _numbers(row: dict[str, Any], number: int, path: Path) -> dict[str, float]:
    """The values of a row of a history."""
    values = {}
    for name, value in row.items():
        try:
            values[name] = float(value)
        except (TypeError, ValueError):
            values[name] = math.nan
        epoch = name == "epoch"
        if not math.isfinite(values[name]) or (epoch and values[name] % 1):
            raise ValueError(
                f"{path} is not one of train's: row {number} has {value!r} in "
                f"column {name}: expected a {'whole' if epoch else 'finite'} "
                "number"
            )
    return values
