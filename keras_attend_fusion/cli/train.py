"""Train a model on labelled shards and validate it on others, exactly, after
every epoch. The epoch with the highest validation GAP@20 becomes the model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from keras_attend_fusion.cli import processes, setting_flags
from keras_attend_fusion.cli.common import Flags, no_positional

USAGE = "--train GLOB --validate GLOB --out DIR [flags]"


def define(add: Flags) -> None:
    setting_flags.add_flags(add)
    add.string("out", None, "folder to write; it must not exist")
    add.string(
        "config",
        None,
        "file of settings, as `tune` and `train` write; flags go before it",
    )
    add.boolean(
        "resume",
        False,
        "go on after the last whole epoch in --out, if there is one",
    )
    add.boolean(
        "dry-run",
        False,
        "print the model, the steps and about how long they take; write "
        "nothing",
    )
    processes.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    from keras_attend_fusion import training
    from keras_attend_fusion.runs import resume, train
    from keras_attend_fusion.runs.estimate import estimate
    from keras_attend_fusion.runs.plan import plan

    no_positional(positional)
    needed = () if flag["dry-run"] else ("out",)
    settings = setting_flags.settings_of(flag, needed)
    training.keep_freed_memory()
    with processes.joined(flag) as team:
        if not flag["dry-run"]:
            train(
                settings,
                out=flag["out"],
                resume=flag["resume"],
                processes=team,
            )
            return 0
        if flag["resume"] and flag["out"]:
            out = Path(flag["out"])
            if resume.has_started(out):
                settings = resume.resumed(settings, out)
        # A cache would be filled.
        made = plan(dataclasses.replace(settings, cache=None), team)
        with made.data.named_errors():
            estimate(made)
    return 0
