"""Search sizes and recipe of Attend-Fusion, every trial trained and scored as
by `train`. The same command goes on where a search stopped, also with a higher
--max-trials. The best becomes config.json, which `train --config` takes.

In several processes: set KERASTUNER_TUNER_ID to chief in one, and to a name of
its own in each of the others, and KERASTUNER_ORACLE_IP and
KERASTUNER_ORACLE_PORT to the chief's address in all of them. They share --out.
A worker that was stopped goes on under its name."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.cli import setting_flags, tune_folder
from keras_attend_fusion.cli.common import (
    Flags,
    no_positional,
    required,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.files import write_json
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs import out_folder
from keras_attend_fusion.runs.out_folder import new_folder
from keras_attend_fusion.runs.settings import split_words

if TYPE_CHECKING:
    from keras_attend_fusion.runs.training_data import TrainingData

USAGE = "--train GLOB --validate GLOB --out DIR [flags]"
MODEL = "attend_fusion"
SETTINGS = (
    *("train", "validate", "num_classes", "classes", "schema", "modalities"),
    *("epochs", "batch_size", "dtype_policy", "seed", "on_corrupt"),
)


def define(add: Flags) -> None:
    setting_flags.add_flags(
        add,
        SETTINGS,
        {
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
        list(tune_folder.NAMES),
        "score on the validation videos that is to become high",
    )
    add.integer(
        "max-parameters", None, "larger models are passed over, not trained"
    )
    add.string("presets", "base,small,mobile", "sizes to start from")


def main(flag: Flags, positional: list[str]) -> int:
    from keras_attend_fusion import training

    no_positional(positional)
    required(flag, "train", "validate", "out")
    training.keep_freed_memory()
    out = Path(flag["out"])

    def check() -> None:
        if not (out / tune_folder.SEARCH).is_file():
            new_folder(str(out))

    with contextlib.ExitStack() as stack:
        # The processes of one search share its folder.
        if not any(name.startswith("KERASTUNER_") for name in os.environ):
            stack.enter_context(out_folder.claimed(out, check))
        return _tune(flag)


def _tune(flag: Flags) -> int:
    from keras_attend_fusion.runs.training_data import look_at

    presets = _presets(flag["presets"])
    try:
        from keras_attend_fusion import tuning
    except ImportError as error:
        raise ValueError(str(error)) from error
    place = tuning.Place.from_environment()
    out = Path(flag["out"])
    if not (out / tune_folder.SEARCH).is_file() and place.role != "worker":
        new_folder(str(out))
    settings = setting_flags.settings_of(flag, model=MODEL, preset=presets[0])
    videos = look_at(settings)
    hypermodel = _hypermodel(flag, videos, presets)
    facts = _facts(flag, videos, hypermodel)
    if place.role == "worker":
        tune_folder.wait_for_chief(out, tuning.parallel.PATIENCE)
    if (out / tune_folder.SEARCH).is_file():
        tune_folder.check_unchanged(out, facts)
    else:
        write_json(out / tune_folder.SEARCH, facts)
    search = tuning.Search(
        hypermodel,
        out / tune_folder.TRIALS,
        flag["tuner"],
        f"val_{flag['objective']}",
        flag["max-trials"],
        flag["seed"],
        place,
    )
    with videos.named_errors():
        _run(search, videos, out, flag)
    return 0


def _presets(text: str) -> list[str]:
    """The presets that a flag names, which all take the same modalities."""
    from keras_attend_fusion import models

    presets, known = split_words(text), models.presets(MODEL)
    for preset in presets:
        if preset not in known:
            raise UsageError(
                f"--presets has {preset!r}: {MODEL} comes as {', '.join(known)}"
            )
    if len({tuple(models.modalities(MODEL, name)) for name in presets}) != 1:
        raise UsageError(
            f"--presets is {text!r}: name sizes that take the same modalities"
        )
    return presets


def _hypermodel(flag: Flags, videos: TrainingData, presets: list[str]) -> Any:
    from keras_attend_fusion import tuning

    batch, epochs = flag["batch-size"], flag["epochs"]
    least = epochs if flag["tuner"] == "hyperband" else -(-epochs // 2)
    return tuning.AttendFusionHyperModel(
        len(videos.classes.indices),
        videos.level,
        videos=videos.count,
        presets=presets,
        batch_sizes=list(dict.fromkeys([batch, -(-batch // 2), 2 * batch])),
        epochs=(least, epochs),
        max_parameters=flag["max-parameters"],
        dtype_policy=videos.settings.precision,
        seed=flag["seed"],
        **videos.sizes,
    )


def _facts(
    flag: Flags, videos: TrainingData, hypermodel: Any
) -> dict[str, Any]:
    """What may not change in a search."""
    import keras_tuner

    from keras_attend_fusion.runs import layout
    from keras_attend_fusion.runs.plan import machine

    space = keras_tuner.HyperParameters()
    hypermodel.declare_hyperparameters(space)
    return {
        "tuner": flag["tuner"],
        "objective": flag["objective"],
        "max_parameters": flag["max-parameters"],
        "epochs": flag["epochs"],
        "dtype_policy": hypermodel.dtype_policy,
        "seed": flag["seed"],
        "level": videos.level,
        "num_classes": videos.num_classes,
        **videos.classes.facts,
        "sizes": videos.sizes,
        "schema": layout.as_json(videos.reader.schema),
        "train_videos": videos.count,
        "validation_videos": videos.validation_videos,
        "backend": machine()["backend"],
        "space": {
            setting["config"]["name"]: setting["config"].get("values")
            or [setting["config"]["min_value"], setting["config"]["max_value"]]
            for setting in space.get_config()["space"]
        },
    }


def _run(search: Any, videos: TrainingData, out: Path, flag: Flags) -> None:
    from keras_attend_fusion.runs import class_subset as class_list
    from keras_attend_fusion.runs import layout
    from keras_attend_fusion.runs.plan import machine

    hypermodel = search.hypermodel
    objective = flag["objective"]
    common = {
        "dtype_policy": hypermodel.dtype_policy,
        "num_classes": videos.num_classes,
        "classes": videos.classes.facts.get(class_list.INDICES),
        "seed": flag["seed"],
        "train": flag["train"],
        "validate": flag["validate"],
        "level": videos.level,
        "sizes": videos.sizes,
        "schema": layout.as_json(videos.reader.schema),
        "modalities": flag["modalities"],
        "train_videos": videos.count,
        **machine(),
    }
    seen = {row["trial"] for row in search.trials()}
    if seen:
        print(f"Going on in {out}, trials done: {len(seen)}")

    def report() -> None:
        rows = search.trials()
        tune_folder.write_results(out, rows, common)
        for row in sorted(rows, key=lambda row: int(row["trial"])):
            if row["trial"] not in seen:
                seen.add(row["trial"])
                print(_line(row, objective), flush=True)

    _announce(search, videos)
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", "Your input ran out of data")
        stack.enter_context(_interrupted(search))
        rows = search.run(
            videos.training,
            videos.validation,
            report,
            verbose=1 if sys.stdout.isatty() else 2,
            callbacks=lambda *trial: _callbacks(hypermodel, *trial),
        )
    if search.place.role == "worker":
        print(f"No trial is left for {search.place.tuner_id}")
        return
    report()
    refused = search.oracle.refused
    if refused:
        print(
            f"Passed over {refused} larger than --max-parameters="
            f"{hypermodel.max_parameters}, untrained"
        )
    print(tune_folder.table(rows))
    missing = tune_folder.write_plot(out, rows, objective)
    if missing:
        print(missing)
    written = [run_folder.CONFIG, tune_folder.TABLE]
    written += [] if missing else [tune_folder.PLOT]
    print(f"Wrote {out}: {', '.join(written)}, …")


def _callbacks(
    hypermodel: Any, trial: Any, folder: Path, scores: Any
) -> list[Any]:
    """Announces a trial; what writes its log for TensorBoard."""
    from keras_attend_fusion.runs.tensorboard import TensorBoardLog

    row = {
        "values": trial.hyperparameters.values,
        **hypermodel.settings(trial.hyperparameters),
    }
    print(
        f"Training trial {trial.trial_id}: {tune_folder.settings(row)}",
        flush=True,
    )
    logs = folder / run_folder.LOGS
    shutil.rmtree(logs, ignore_errors=True)  # if it was stopped before
    return [TensorBoardLog(logs, scores)]


def _announce(search: Any, videos: TrainingData) -> None:
    from keras_attend_fusion.runs.plan import machine

    place = search.place
    where = "" if place.role == "alone" else f"; {place.role} {place.address}"
    print(
        f"{MODEL}, {videos.level} level, {len(videos.classes.indices)} "
        f"classes; {videos.count} videos; {search.hypermodel.dtype_policy} on "
        f"{machine()['backend']}; up to {search.max_trials} trials{where}",
        flush=True,
    )


def _line(row: dict[str, Any], objective: str) -> str:
    if row["status"] != "COMPLETED":
        return f"Trial {row['trial']} failed: {row['message']}"
    return (
        f"Trial {row['trial']}: {objective} {row[f'val_{objective}']:.5f}, "
        f"{row['parameters']:,} parameters, {row['seconds']:.0f} s: "
        f"{tune_folder.settings(row)}"
    )


@contextlib.contextmanager
def _interrupted(search: Any) -> Any:
    try:
        yield
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(
            f"{str(error) or 'interrupted'}; the same command goes on, trials "
            f"done: {len(search.trials())}"
        ) from error
