"""Search sizes and recipe of Attend-Fusion, every trial trained and scored as
by `train`. The same command goes on where a search stopped, also with a higher
--max-trials. The best becomes config.json, which `train --config` takes.

In several processes: set KERASTUNER_TUNER_ID to chief in one, and to a name of
its own in each of the others, and KERASTUNER_ORACLE_IP and
KERASTUNER_ORACLE_PORT to the chief's address in all of them. They share --out.
A worker that was stopped goes on under its name."""

from __future__ import annotations

import contextlib
import sys
import warnings
from pathlib import Path
from typing import Any

from keras_attend_fusion import models
from keras_attend_fusion.cli import (
    class_list,
    examples,
    run_folder,
    shards,
    tune_folder,
)
from keras_attend_fusion.cli.common import (
    Flags,
    new_folder,
    no_positional,
    patterns,
    required,
    write_json,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.cli.run_plan import machine

USAGE = "--train GLOB --validate GLOB --out DIR [flags]"
MODEL = "attend_fusion"


def define(add: Flags) -> None:
    examples.add_flags(add)
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
    add.integer(
        "epochs",
        6,
        "the most passes over the training shards; hyperband begins with "
        "fewer, the others try from half as many",
    )
    shards.add_flags(
        add, "videos in a batch; half and twice as many are tried, too"
    )


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    required(flag, "train", "validate", "out")
    presets = _presets(flag["presets"])
    try:
        from keras_attend_fusion import tuning
    except ImportError as error:
        raise ValueError(str(error)) from error
    place = tuning.Place.from_environment()
    out = Path(flag["out"])
    if not (out / tune_folder.SEARCH).is_file() and place.role != "worker":
        new_folder(str(out))
    reader = shards.Shards(flag)
    found = examples.Examples(flag, reader, MODEL, presets[0])
    hypermodel = _hypermodel(flag, found, presets)
    facts = _facts(flag, found, hypermodel)
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
    with found.named_errors():
        _run(search, found, out, flag)
    return 0


def _presets(text: str) -> list[str]:
    """The presets that a flag names, which all take the same modalities."""
    presets, known = patterns(text), models.presets(MODEL)
    for preset in presets:
        if preset not in known:
            raise UsageError(
                f"--presets has {preset!r}: {MODEL} comes as {', '.join(known)}"
            )
    if len({tuple(models.modalities(MODEL, one)) for one in presets}) != 1:
        raise UsageError(
            f"--presets is {text!r}: name sizes that take the same modalities"
        )
    return presets


def _hypermodel(
    flag: Flags, found: examples.Examples, presets: list[str]
) -> Any:
    from keras_attend_fusion import tuning

    batch, epochs = flag["batch-size"], flag["epochs"]
    least = epochs if flag["tuner"] == "hyperband" else -(-epochs // 2)
    return tuning.AttendFusionHyperModel(
        len(found.classes.indices),
        found.level,
        videos=found.count,
        presets=presets,
        batch_sizes=list(dict.fromkeys([batch, -(-batch // 2), 2 * batch])),
        epochs=(least, epochs),
        max_parameters=flag["max-parameters"],
        dtype_policy=examples.dtype_policy(flag),
        seed=flag["seed"],
        **found.sizes,
    )


def _facts(
    flag: Flags, found: examples.Examples, hypermodel: Any
) -> dict[str, Any]:
    """What may not change in a search."""
    import keras_tuner

    space = keras_tuner.HyperParameters()
    hypermodel.declare_hyperparameters(space)
    return {
        "tuner": flag["tuner"],
        "objective": flag["objective"],
        "max_parameters": flag["max-parameters"],
        "epochs": flag["epochs"],
        "dtype_policy": hypermodel.dtype_policy,
        "seed": flag["seed"],
        "level": found.level,
        "num_classes": found.num_classes,
        **found.classes.facts,
        "sizes": found.sizes,
        "train_videos": found.count,
        "validation_videos": found.validation_videos,
        "backend": machine()["backend"],
        "space": {
            one["config"]["name"]: one["config"].get("values")
            or [one["config"]["min_value"], one["config"]["max_value"]]
            for one in space.get_config()["space"]
        },
    }


def _run(search: Any, found: examples.Examples, out: Path, flag: Flags) -> None:
    hypermodel = search.hypermodel
    objective = flag["objective"]
    common = {
        "dtype_policy": hypermodel.dtype_policy,
        "num_classes": found.num_classes,
        "classes": found.classes.facts.get(class_list.INDICES),
        "seed": flag["seed"],
        "train": flag["train"],
        "validate": flag["validate"],
        "level": found.level,
        "sizes": found.sizes,
        "train_videos": found.count,
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

    _announce(search, found)
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", "Your input ran out of data")
        stack.enter_context(_interrupted(search))
        rows = search.run(
            found.training,
            found.validation,
            report,
            verbose=1 if sys.stdout.isatty() else 0,
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
    if rows[0]["status"] != "COMPLETED":
        raise ValueError(
            f"no trial of {out} came to an end: {rows[0]['message']}"
        )
    missing = tune_folder.write_plot(out, rows, objective)
    if missing:
        print(missing)
    written = [run_folder.CONFIG, tune_folder.TABLE]
    written += [] if missing else [tune_folder.PLOT]
    print(f"Wrote {out}: {', '.join(written)}, …")


def _announce(search: Any, found: examples.Examples) -> None:
    place = search.place
    where = "" if place.role == "alone" else f"; {place.role} {place.address}"
    print(
        f"{MODEL}, {found.level} level, {len(found.classes.indices)} classes; "
        f"{found.count} videos; {search.hypermodel.dtype_policy} on "
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
            "interrupted; the same command goes on, trials done: "
            f"{len(search.trials())}"
        ) from error
