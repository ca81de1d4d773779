"""Train a model on labelled shards and validate it on others, exactly, after
every epoch. The epoch with the highest validation GAP@20 becomes the model."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_attend_fusion import models
from keras_attend_fusion.cli import (
    config_file,
    examples,
    processes,
    recipe,
    resume,
    shards,
)
from keras_attend_fusion.cli.agreement import check_agreement
from keras_attend_fusion.cli.common import (
    Flags,
    new_folder,
    no_positional,
    required,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.cli.fitting import fit
from keras_attend_fusion.cli.run_plan import plan

if TYPE_CHECKING:
    from keras_attend_fusion.training import Processes

USAGE = "--train GLOB --validate GLOB --out DIR [flags]"


def define(add: Flags) -> None:
    examples.add_flags(add)
    add.string("out", None, "folder to write; it must not exist")
    add.string(
        "config",
        None,
        "file of settings, as `tune` and `train` write; flags go before it",
    )
    add.choice("model", "attend_fusion", models.names(), "model name")
    add.string("preset", "base", "size of the model, such as small or mobile")
    recipe.add_flags(add)
    add.boolean(
        "bucket",
        False,
        "at frame level: batches of videos of like length, padded less",
    )
    add.string(
        "cache",
        None,
        "keep the training records: memory, or a folder on a fast disk",
    )
    add.string(
        "initial",
        None,
        "run folder, or .keras file, whose weights to start from; classes "
        "may be others",
    )
    add.boolean(
        "segments",
        False,
        "train and validate on the rated segments of frame-level shards",
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
    shards.add_flags(add)
    processes.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    arguments = config_file.apply(flag) if flag["config"] else {}
    _check(flag)
    with processes.joined(flag) as team:
        if flag["dry-run"]:
            from keras_attend_fusion.cli.dry_run import dry_run

            run = plan(flag, shards.Shards(flag), arguments, team)
            with run.examples.named_errors():
                dry_run(run)
        else:
            _train(flag, arguments, team)
    return 0


def _train(flag: Flags, arguments: dict[str, Any], team: Processes) -> None:
    from keras_attend_fusion import training

    out = Path(flag["out"])
    started = resume.has_started(out)
    if flag["resume"] and team.first:
        resume.tidy(out)
    if not (flag["resume"] and started):
        new_folder(str(out), ", or go on with --resume" if started else "")
    run = plan(flag, shards.Shards(flag), arguments, team)
    if started:
        resume.check_unchanged(run.config, out)
    elif flag["resume"]:
        print(f"{out} holds no run to resume: training starts")
    done = resume.checkpoints(out)
    check_agreement(run.config, done[-1][0] if done else 0, team)
    with (
        _kept_or_removed(out, started or not team.first),
        training.lost_peers(team),
        run.examples.named_errors(),
    ):
        fit(run, out)


def _check(flag: Flags) -> None:
    """Raises `UsageError` if flags do not go together."""
    places = ("train", "validate", "out")
    required(flag, *places[: 2 if flag["dry-run"] else 3])
    recipe.check(flag)
    if flag["segments"] and (flag["bucket"] or flag["cache"]):
        raise UsageError("--segments goes without --bucket and --cache")
    sizes = models.presets(flag["model"])
    if flag["preset"] not in sizes:
        raise UsageError(
            f"--preset is {flag['preset']!r}: {flag['model']} comes as "
            f"{', '.join(sizes)}"
        )


@contextlib.contextmanager
def _kept_or_removed(out: Path, keep: bool) -> Iterator[None]:
    """Removes a folder if the run ends early with nothing to go on from.

    `keep` is for a run that had started before, or that is another's.
    """
    existed = out.exists()
    try:
        yield
    except BaseException as error:
        explained = resume.explained(error, out)
        if not keep and not resume.checkpoints(out):
            shutil.rmtree(out, ignore_errors=True)
            if existed:
                out.mkdir()
        if explained is not None:
            raise explained from error
        raise
