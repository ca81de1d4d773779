"""The folder that a search leaves: what was searched, and what came of it."""

from __future__ import annotations

import csv
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras_tuner

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.files import read_json, write_json, writing
from keras_attend_fusion.tuning.parallel import PATIENCE, Place
from keras_attend_fusion.tuning.recipe_hyper_model import RecipeHyperModel
from keras_attend_fusion.tuning.search import Search, TrialCallbacks
from keras_attend_fusion.tuning.trials import SCORES

SEARCH = "search.json"
TRIALS = "trials"  # the folder of them
TABLE = "trials.csv"
CONFIG = "config.json"
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


class SearchFolder:
    """A search in a folder, which the same arguments take up again.

    The folder gets `search.json` (what was searched), `trials.csv` (a row a
    trial), `config.json` (the best trial, as `kaf.runs.TrainSettings` and
    `attend-fusion train --config` take it) and `trials/`, see `Search`.

    Args:
        path: the folder.
        hypermodel: what is searched.
        facts: what else may not change from one process to the next, such as
            how many videos there are.
        config: what the best config has beside the settings of its trial.
        tuner: "hyperband", "bayesian" or "random".
        objective: "gap_at_20" or "f1_micro".
        max_trials: int, the most trials, those done included.
        seed: int, fixes the choices.
        place: whether this process is alone, chief or worker.

    Attributes:
        search: the search, whose trials lie in the folder.

    Raises:
        ArgumentError: the folder is of another search, or a worker's chief
            does not come.
    """

    def __init__(
        self,
        path: str | Path,
        hypermodel: RecipeHyperModel,
        facts: dict[str, Any],
        config: dict[str, Any],
        *,
        tuner: str = "random",
        objective: str = "gap_at_20",
        max_trials: int = 20,
        seed: int = 0,
        place: Place | None = None,
    ) -> None:
        self.path = Path(path)
        self.config = config
        facts = {
            "model": hypermodel.name,
            "tuner": tuner,
            "objective": objective,
            "max_parameters": hypermodel.max_parameters,
            "epochs": hypermodel.epochs[1],
            "dtype_policy": hypermodel.dtype_policy,
            "seed": seed,
            **facts,
            "space": _space(hypermodel),
        }
        if place is not None and place.role == "worker":
            _wait_for_chief(self.path)
        if is_search(self.path):
            _check_unchanged(self.path, facts)
        else:
            write_json(self.path / SEARCH, facts)
        self.search = Search(
            hypermodel,
            self.path / TRIALS,
            tuner,
            f"val_{objective}",
            max_trials,
            seed,
            place,
        )

    def run(
        self,
        train: Any,
        validation: Any,
        trial_ended: Callable[[dict[str, Any]], None] = lambda row: None,
        verbose: int = 0,
        callbacks: TrialCallbacks = lambda *_: [],
    ) -> list[dict[str, Any]]:
        """Tries what is left to be tried, and writes what comes of it.

        Args:
            train: as for `Search.run`, as are `validation`, `verbose` and
                `callbacks`.
            validation: as for `Search.run`.
            trial_ended: called with the row of each trial that ends.
            verbose: as for `Search.run`.
            callbacks: as for `Search.run`.

        Returns:
            `read_trials` of all of them.

        Raises:
            ValueError: as `Search.run` does.
        """
        seen = {row["trial"] for row in self.search.trials()}

        def report() -> None:
            rows = self.search.trials()
            _write_results(self.path, rows, self.config)
            for row in sorted(rows, key=lambda row: int(row["trial"])):
                if row["trial"] not in seen:
                    seen.add(row["trial"])
                    trial_ended(row)

        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Your input ran out of data")
            rows = self.search.run(
                train, validation, report, verbose, callbacks
            )
        if self.search.place.role != "worker":
            report()
        return rows


def is_search(folder: Path) -> bool:
    """Whether a search has begun in a folder."""
    return (folder / SEARCH).is_file()


def _space(hypermodel: RecipeHyperModel) -> dict[str, list[Any]]:
    """The values that each open setting may have, or their ends."""
    hp = keras_tuner.HyperParameters()
    hypermodel.declare_hyperparameters(hp)
    return {
        setting["config"]["name"]: setting["config"].get("values")
        or [setting["config"]["min_value"], setting["config"]["max_value"]]
        for setting in hp.get_config()["space"]
    }


def _check_unchanged(folder: Path, facts: dict[str, Any]) -> None:
    """Raises `ArgumentError` if a folder is of another search."""
    # Searches of 0.1.0 say nothing of their model: there was one.
    before = {"model": "attend_fusion", **read_json(folder / SEARCH)}
    for name, value in facts.items():
        was = before.get(name)
        if isinstance(value, dict) and isinstance(was, dict):
            for part in [*was, *value]:
                if was.get(part) != value.get(part):
                    name, was, value = part, was.get(part), value.get(part)
                    break
        if was != value:
            raise ArgumentError(
                f"{folder} is a search with {name} {was!r}, now it is "
                f"{value!r}: go on with the same, or search afresh into "
                "another `out`"
            )


def _wait_for_chief(folder: Path) -> None:
    """Waits for the chief's file; `ArgumentError` if it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not is_search(folder):
        if time.monotonic() > deadline:
            raise ArgumentError(
                f"{folder} has no {SEARCH}: start the chief, with the same "
                "`out`, in a folder that every worker sees"
            )
        time.sleep(0.5)


def _write_results(
    folder: Path, rows: list[dict[str, Any]], config: dict[str, Any]
) -> None:
    """Writes the table and the best config.

    Args:
        folder: The folder.
        rows: The trials, the best first.
        config: What every config has.
    """
    arguments = sorted({key for row in rows for key in row["arguments"]})
    with writing(str(folder / TABLE)) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*COLUMNS, *arguments, "message"])
        for row in rows:
            values = [row.get(name) for name in COLUMNS]
            values += [row["arguments"].get(name) for name in arguments]
            writer.writerow([*values, row.get("message")])
    if rows and rows[0]["status"] == "COMPLETED":
        write_json(folder / CONFIG, _best_config(rows[0], config))


def _best_config(row: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The settings of a training that repeats a trial."""
    names = ("preset", "arguments", "epochs", "batch_size", "learning_rate")
    return {
        **{name: row[name] for name in names},
        "weight_decay": row["weight_decay"],
        **config,
        "found": {
            name: row[name]
            for name in ("trial", *(f"val_{s}" for s in SCORES), "parameters")
        },
    }
