"""Trial after trial, in one process or in many."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import keras_tuner

from keras_attend_fusion import training
from keras_attend_fusion.files import beside
from keras_attend_fusion.training.history import MONITOR
from keras_attend_fusion.tuning import parallel
from keras_attend_fusion.tuning.history import HISTORY, History
from keras_attend_fusion.tuning.oracles import make_oracle
from keras_attend_fusion.tuning.parallel import Place
from keras_attend_fusion.tuning.recipe_hyper_model import RecipeHyperModel
from keras_attend_fusion.tuning.trials import RESULT, read_trials

TrialCallbacks = Callable[
    [Any, Path, training.ValidationScores], list[keras.callbacks.Callback]
]


class Search:
    """A search that goes on where it was stopped.

    Every trial is a whole training, its schedule included; under Hyperband,
    too, a longer trial begins afresh, so that a score is what a training
    with the same settings gives. It is that of the epoch with the highest
    validation GAP, which `attend-fusion train` keeps.

    The folder gets KerasTuner's own state and, for each trial, a folder
    with `trial.json` (KerasTuner's), `history.csv` with a row an epoch, and
    `result.json`.

    Args:
        hypermodel: what is searched.
        folder: where the trials go; one that all processes see.
        tuner: "hyperband", "bayesian" or "random".
        objective: "val_gap_at_20" or "val_f1_micro".
        max_trials: int, the most trials, those of earlier processes
            included.
        seed: int, fixes the choices.
        place: whether this process is alone, chief or worker.

    Raises:
        ValueError: `tuner` is unknown.
    """

    def __init__(
        self,
        hypermodel: RecipeHyperModel,
        folder: str | Path,
        tuner: str = "random",
        objective: str = MONITOR,
        max_trials: int = 20,
        seed: int = 0,
        place: Place | None = None,
    ) -> None:
        self.hypermodel = hypermodel
        self.folder = Path(folder)
        self.objective = objective
        self.max_trials = max_trials
        self.place = place or Place()
        self.oracle = make_oracle(
            tuner,
            objective,
            max_trials,
            hypermodel.epochs[1],
            seed,
            self.folder,
        )
        space = self.oracle.get_space()
        hypermodel.declare_hyperparameters(space)
        self.oracle.update_space(space)
        self.oracle.fits = self._fits

    def run(
        self,
        train: Any,
        validation: Any,
        report: Callable[[], None] = lambda: None,
        verbose: int = 0,
        callbacks: TrialCallbacks = lambda *_: [],
    ) -> list[dict[str, Any]]:
        """Tries what is left to be tried.

        Args:
            train: as `x` of `AttendFusionHyperModel.fit`.
            validation: what `training.ValidationScores` takes, or a function
                that makes it from the batch size.
            report: called when a trial has ended, in the chief or the
                process that is alone.
            verbose: as for `keras.Model.fit`.
            callbacks: makes those of a trial, from the trial, its folder
                and what scores it.

        Returns:
            `read_trials` of all of them.

        Raises:
            ValueError: no trial was completed; or as `parallel.serve` and
                `parallel.connect` do.
        """
        if self.place.role == "chief":
            if not self._is_over():
                self.oracle.save()
                parallel.serve(self.oracle, self.place, report)
                report()
            return self._completed()
        oracle = self.oracle
        if self.place.role == "worker":
            oracle = parallel.connect(oracle, self.place, self._is_over)
            report = lambda: None  # noqa: E731
        while oracle is not None:
            trial = oracle.create_trial(self.place.tuner_id)
            if trial.status == "STOPPED":
                break
            if trial.status == "IDLE":  # Hyperband waits for other workers
                time.sleep(0.5)
                continue
            result = self._result(trial, train, validation, verbose, callbacks)
            trial.status = result["status"]
            if trial.status == "COMPLETED":
                metrics = {self.objective: result[self.objective]}
                oracle.update_trial(trial.trial_id, metrics)
            oracle.end_trial(trial)
            report()
        if self.place.role == "worker":  # others may still be training
            return self.trials()
        return self._completed()

    def trials(self) -> list[dict[str, Any]]:
        """The trials that have ended, the best first."""
        return read_trials(self.folder, self.objective)

    def _completed(self) -> list[dict[str, Any]]:
        """The trials; `ValueError` if none of them was completed."""
        trials = self.trials()
        if not any(trial["status"] == "COMPLETED" for trial in trials):
            first = min(trials, key=lambda trial: int(trial["trial"]))
            raise ValueError(
                f"no trial of {self.folder} was completed, of {len(trials)} "
                f"that were tried; trial {first['trial']} failed: "
                f"{first['message']}"
            )
        return trials

    def _is_over(self) -> bool:
        return len(self.trials()) >= self.max_trials

    def _fits(self, values: dict[str, Any]) -> bool:
        most = self.hypermodel.max_parameters
        if most is None:
            return True
        hp = self.oracle.get_space()
        hp.values = dict(values)
        return self.hypermodel.parameters(hp) <= most

    def _result(
        self,
        trial: Any,
        train: Any,
        validation: Any,
        verbose: int,
        callbacks: TrialCallbacks,
    ) -> dict[str, Any]:
        """What a trial comes to, which its folder may know already."""
        values = trial.hyperparameters.values
        folder = self.folder / f"trial_{trial.trial_id}"
        path = folder / RESULT
        if path.is_file():
            known = json.loads(path.read_text())
            if known["values"] == values:  # killed before it was noted
                return known
        result = {
            "trial": trial.trial_id,
            "worker": self.place.tuner_id,
            "values": values,
            **self.hypermodel.settings(trial.hyperparameters),
        }
        size = result["batch_size"]
        if callable(validation):
            validation = validation(size)
        scores = training.ValidationScores(validation, batch_size=size)
        watching = [
            scores,
            History(folder / HISTORY),
            *callbacks(trial, folder, scores),
        ]
        try:
            result |= self._train(
                trial.hyperparameters, train, verbose, watching
            )
            result["status"] = "COMPLETED"
        except (training.LostError, keras_tuner.errors.FailedTrialError) as e:
            result |= {"status": "FAILED", "message": str(e)}
        with beside(path) as unfinished:
            unfinished.write_text(json.dumps(result, indent=2) + "\n")
        return result

    def _train(
        self, hp: Any, train: Any, verbose: int, callbacks: list[Any]
    ) -> dict[str, Any]:
        keras.utils.clear_session()  # the memory of the trial before
        model = self.hypermodel.build(hp)
        started = time.perf_counter()
        history = self.hypermodel.fit(
            hp, model, train, callbacks=callbacks, verbose=verbose
        ).history
        gaps = history[MONITOR]
        best = max(range(len(gaps)), key=lambda epoch: gaps[epoch])
        scores = {
            name: float(values[best])
            for name, values in history.items()
            if name == "loss" or name.startswith("val_")
        }
        factor = self.hypermodel.settings(hp)["learning_rate_factor"]
        return {
            **scores,
            "epoch": best + 1,
            "parameters": model.count_params(),
            "learning_rate": training.default_learning_rate(model) * factor,
            "seconds": round(time.perf_counter() - started, 2),
        }
