"""Search sizes and recipe of Attend-Fusion, or the recipe of a model of your
own, every trial trained and scored as by `train`. The same command goes on
where a search stopped, also with a higher --max-trials. The best becomes
config.json, which `train --config` takes.

In several processes: set KERASTUNER_TUNER_ID to chief in one, and to a name of
its own in each of the others, and KERASTUNER_ORACLE_IP and
KERASTUNER_ORACLE_PORT to the chief's address in all of them. They share --out.
A worker that was stopped goes on under its name."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.cli import setting_flags
from keras_attend_fusion.cli.common import (
    Flags,
    no_positional,
    required,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.extras import MissingPackageError
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs import out_folder
from keras_attend_fusion.runs.out_folder import new_folder
from keras_attend_fusion.runs.settings import split_words

if TYPE_CHECKING:
    from keras_attend_fusion.runs.training_data import TrainingData
    from keras_attend_fusion.tuning import SearchFolder

USAGE = "--train GLOB --validate GLOB --out DIR [flags]"
MODEL = "attend_fusion"
PRESETS = "base,small,mobile"
PLOT = "trials.png"
SETTINGS = (
    *("train", "validate", "model", "num_classes", "classes", "schema"),
    *("modalities", "epochs", "batch_size", "dtype_policy", "seed"),
    "on_corrupt",
)


def define(add: Flags) -> None:
    setting_flags.add_flags(
        add,
        SETTINGS,
        {
            "model": f"{MODEL}, or package.module:function, which builds one "
            "of your own, and of which the recipe alone is searched",
            "batch_size": "videos in a batch; half and twice as many are "
            "tried, too",
            "epochs": "the most passes over the training shards; hyperband "
            "begins with fewer, the others try from half as many",
        },
    )
    add.string("out", None, "folder to write, or of a search to go on with")
    add.choice(
        "tuner",
        "hyperband",
        ["hyperband", "bayesian", "random"],
        "how the next trial is chosen",
    )
    add.integer("max-trials", 20, "the most trials, those done included")
    add.choice(
        "objective",
        "gap_at_20",
        ["gap_at_20", "f1_micro"],
        "score on the validation videos that is to become high",
    )
    add.integer(
        "max-parameters", None, "larger models are passed over, not trained"
    )
    add.string("presets", PRESETS, f"sizes of {MODEL} to start from")


def main(flag: Flags, positional: list[str]) -> int:
    from keras_attend_fusion import training

    no_positional(positional)
    required(flag, "train", "validate", "out")
    presets = _presets(flag)
    try:
        from keras_attend_fusion import tuning
    except ImportError as error:
        raise ValueError(str(error)) from error
    from keras_attend_fusion.runs import searched
    from keras_attend_fusion.runs.training_data import look_at
    from keras_attend_fusion.tuning.trials import result_line

    training.keep_freed_memory()
    place = tuning.Place.from_environment()
    with _claimed(Path(flag["out"]), place.role):
        settings = setting_flags.settings_of(flag, preset=presets[0])
        videos = look_at(settings)
        folder = tuning.SearchFolder(
            flag["out"],
            _hypermodel(flag, videos, presets),
            searched.fixed_facts(videos),
            searched.config(videos),
            tuner=flag["tuner"],
            objective=flag["objective"],
            max_trials=flag["max-trials"],
            seed=flag["seed"],
            place=place,
        )
        _announce(folder, videos)
        with videos.named_errors(), _interrupted(folder):
            rows = folder.run(
                videos.training,
                videos.validation,
                lambda row: print(
                    result_line(row, flag["objective"]), flush=True
                ),
                verbose=1 if sys.stdout.isatty() else 2,
                callbacks=lambda *trial: _callbacks(folder, *trial),
            )
        if place.role == "worker":
            print(f"No trial is left for {place.tuner_id}")
        else:
            _tell(folder, rows, flag["objective"])
    return 0


def _presets(flag: Flags) -> list[str]:
    """The presets that a flag names, which all take the same modalities."""
    from keras_attend_fusion import models
    from keras_attend_fusion.models.own_builder import is_own

    model, text = flag["model"], flag["presets"]
    if is_own(model):
        if flag.given("presets"):
            raise UsageError(
                f"--presets is of {MODEL}: leave it out, {model} comes in one "
                "size"
            )
        return models.presets(model)
    if model != MODEL:
        raise UsageError(
            f"--model={model}: tune searches {MODEL}, or a builder of your "
            "own, package.module:function"
        )
    presets, sizes = split_words(text), models.presets(MODEL)
    for preset in presets:
        if preset not in sizes:
            raise UsageError(
                f"--presets has {preset!r}: {MODEL} comes as {', '.join(sizes)}"
            )
    if len({tuple(models.modalities(MODEL, name)) for name in presets}) != 1:
        raise UsageError(
            f"--presets is {text!r}: name sizes that take the same modalities"
        )
    return presets


@contextlib.contextmanager
def _claimed(out: Path, role: str) -> Iterator[None]:
    """Has --out to itself, unless several processes share the search."""
    from keras_attend_fusion.tuning.folder import is_search

    def check() -> None:
        if role != "worker" and not is_search(out):
            new_folder(str(out))

    if role == "alone":
        with out_folder.claimed(out, check):
            yield
    else:
        check()
        yield


def _hypermodel(flag: Flags, videos: TrainingData, presets: list[str]) -> Any:
    from keras_attend_fusion import tuning

    batch, epochs = flag["batch-size"], flag["epochs"]
    least = epochs if flag["tuner"] == "hyperband" else -(-epochs // 2)
    space: dict[str, Any] = {
        "num_classes": len(videos.classes.indices),
        "level": videos.level,
        "videos": videos.count,
        "batch_sizes": list(dict.fromkeys([batch, -(-batch // 2), 2 * batch])),
        "epochs": (least, epochs),
        "max_parameters": flag["max-parameters"],
        "dtype_policy": videos.settings.precision,
        "seed": flag["seed"],
        **videos.sizes,
    }
    if flag["model"] == MODEL:
        return tuning.AttendFusionHyperModel(presets=presets, **space)
    return tuning.BuilderHyperModel(flag["model"], **space)


def _callbacks(
    folder: SearchFolder, trial: Any, trial_folder: Path, scores: Any
) -> list[Any]:
    """Announces a trial; what writes its log for TensorBoard."""
    from keras_attend_fusion.runs.tensorboard import TensorBoardLog
    from keras_attend_fusion.tuning.trials import as_line

    values = trial.hyperparameters.values
    row = folder.search.hypermodel.settings(trial.hyperparameters)
    line = as_line({"values": values, **row})
    print(f"Training trial {trial.trial_id}: {line}", flush=True)
    logs = trial_folder / run_folder.LOGS
    shutil.rmtree(logs, ignore_errors=True)  # if it was stopped before
    return [TensorBoardLog(logs, scores)]


def _announce(folder: SearchFolder, videos: TrainingData) -> None:
    from keras_attend_fusion.runs.plan import machine

    completed = len(folder.search.trials())
    if completed:
        print(f"Going on in {folder.path}, trials done: {completed}")
    place, hypermodel = folder.search.place, folder.search.hypermodel
    where = "" if place.role == "alone" else f"; {place.role} {place.address}"
    print(
        f"{hypermodel.name}, {videos.level} level, {hypermodel.num_classes} "
        f"classes; {videos.count} videos; {hypermodel.dtype_policy} on "
        f"{machine()['backend']}; up to {folder.search.max_trials} "
        f"trials{where}",
        flush=True,
    )


def _tell(
    folder: SearchFolder, rows: list[dict[str, Any]], objective: str
) -> None:
    """The table of the trials, the plot, and what was written."""
    from keras_attend_fusion.reports.search import write_search_plot
    from keras_attend_fusion.tuning.folder import CONFIG, TABLE
    from keras_attend_fusion.tuning.trials import as_table

    refused = folder.search.oracle.refused
    if refused:
        print(
            f"Passed over {refused} larger than --max-parameters="
            f"{folder.search.hypermodel.max_parameters}, untrained"
        )
    print(as_table(rows))
    written = [CONFIG, TABLE]
    try:
        write_search_plot(folder.path / PLOT, rows, objective)
        written.append(PLOT)
    except MissingPackageError as error:
        print(error)
    print(f"Wrote {folder.path}: {', '.join(written)}, …")


@contextlib.contextmanager
def _interrupted(folder: SearchFolder) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(
            f"{str(error) or 'interrupted'}; the same command goes on, trials "
            f"done: {len(folder.search.trials())}"
        ) from error
