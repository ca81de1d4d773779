"""KerasTuner's oracles, which choose the trials, made safe.

What of KerasTuner 1.4.8 is worked round, here and nowhere else:

- Its `Tuner.run_trial` needs the package tensorboard on TensorFlow, copies
  callbacks and their datasets for each trial, and takes any error, of a
  shard, too, for a bad choice. `search.Search` has a loop of its own.
- It writes its state in place, so a kill may leave half of it; and a kill
  between two of its files leaves a trial that never ends. A trial that has
  ended is written as one that runs, and would be run again.
- A seed of 0 means a random one.
- Three failed trials in a row raise an error, in a chief under a lock that is
  never released then.
- Bayesian search begins with three random trials for each thing searched, 39
  here, and may propose what has been tried.
- The defaults are never tried.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras_tuner

from keras_attend_fusion.files import beside
from keras_attend_fusion.private import private

TUNERS = ("hyperband", "bayesian", "random")
DRAWS = 200  # of choices too large, before giving up
PRIVATE = (  # of KerasTuner's oracle, called or replaced here
    "_duplicate",
    "_get_oracle_fname",
    "_get_trial_dir",
    "_random_values",
    "_save_trial",
    "_set_project_dir",
)


class _Careful(keras_tuner.Oracle):
    """What all three do in another way than KerasTuner's.

    Attributes:
        fits: Whether a choice may be tried.
        refused: How many were not.
    """

    fits: Callable[[dict[str, Any]], bool]
    refused = 0

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """As KerasTuner's, but never what does not fit or has been tried."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn's, of few points
            answer = super().populate_space(trial_id)
        values = answer.get("values")
        if values and (self._duplicate(values) or not self._may_try(values)):
            values = self._random_values()
            status = "RUNNING" if values else "STOPPED"
            return {"status": status, "values": values}
        return answer

    def _random_values(self) -> dict[str, Any] | None:
        if not self.trials:
            return self.get_space().values  # the defaults
        for _ in range(DRAWS):
            values = super()._random_values()
            if values is None or self._may_try(values):
                return values
        return None

    def _may_try(self, values: dict[str, Any]) -> bool:
        may = self.fits(values)
        self.refused += not may
        return may

    def save(self) -> None:
        """Writes the state, atomically."""
        _write(Path(self._get_oracle_fname()), self.get_state())

    def _save_trial(self, trial: Any) -> None:
        folder = Path(self._get_trial_dir(trial.trial_id))
        _write(folder / "trial.json", trial.get_state())

    def reload(self) -> None:
        """Goes on from what `save` wrote."""
        super().reload()
        for unknown in set(self.trials) - set(self.start_order):
            del self.trials[unknown]  # a kill came before `save`
        self._retry_queue[:] = [
            trial
            for trial in self._retry_queue
            if self.trials[trial].status == "RUNNING"
        ]


class _Hyperband(_Careful, keras_tuner.oracles.HyperbandOracle):
    pass


class _Bayesian(_Careful, keras_tuner.oracles.BayesianOptimizationOracle):
    pass


class _Random(_Careful, keras_tuner.oracles.RandomSearchOracle):
    pass


def make_oracle(
    tuner: str,
    objective: str,
    max_trials: int,
    epochs: int,
    seed: int,
    folder: Path,
) -> Any:
    """Makes an oracle, or takes up the one whose state a folder has.

    Args:
        tuner: One of `TUNERS`.
        objective: What is to become large, such as `val_gap_at_20`.
        max_trials: The most trials.
        epochs: The most epochs of a trial, for Hyperband.
        seed: Fixes the choices.
        folder: Where the trials go.

    Raises:
        ValueError: `tuner` is unknown.
        UntriedVersionError: KerasTuner's oracles work in another way.
    """
    for name in PRIVATE:
        private(keras_tuner.Oracle, name, "keras-tuner")
    common: dict[str, Any] = {
        "objective": keras_tuner.Objective(objective, "max"),
        "seed": seed + 1,
        "max_consecutive_failed_trials": sys.maxsize,
    }
    if tuner == "hyperband":
        oracle = _Hyperband(
            max_epochs=epochs, hyperband_iterations=max_trials, **common
        )
        oracle.max_trials = max_trials
    elif tuner == "bayesian":
        oracle = _Bayesian(
            max_trials=max_trials,
            num_initial_points=min(10, max(3, max_trials // 3)),
            **common,
        )
    elif tuner == "random":
        oracle = _Random(max_trials=max_trials, **common)
    else:
        raise ValueError(
            f"There is no tuner {tuner!r}; the tuners are {', '.join(TUNERS)}."
        )
    private(oracle, "_retry_queue", "keras-tuner")
    oracle.verbose = 0
    oracle._set_project_dir(folder.parent, folder.name)
    if (folder / "oracle.json").is_file():
        oracle.reload()
    return oracle


def _write(path: Path, state: Any) -> None:
    with beside(path) as unfinished:
        unfinished.write_text(json.dumps(state))
