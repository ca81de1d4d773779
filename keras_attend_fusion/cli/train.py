"""Train a model on labelled shards and validate it on others, exactly, after
every epoch. The epoch with the highest validation GAP@20 becomes the model."""

from __future__ import annotations

import contextlib
import math
import shutil
from collections.abc import Iterator
from pathlib import Path

from keras_attend_fusion import models
from keras_attend_fusion.cli import config_file, examples, resume, shards
from keras_attend_fusion.cli.common import (
    Flags,
    new_folder,
    no_positional,
    required,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.cli.fitting import fit
from keras_attend_fusion.cli.run_plan import plan

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
    add.integer("epochs", 6, "passes over the training shards")
    add.number(
        "learning-rate",
        None,
        "peak of the schedule; by default what suits the model's size",
    )
    add.number("weight-decay", 0.02, "AdamW's decay of weights, a step")
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
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    arguments = config_file.apply(flag) if flag["config"] else {}
    required(flag, "train", "validate", "out")
    rate, decay = flag["learning-rate"], flag["weight-decay"]
    if rate is not None and not 0.0 < rate < math.inf:
        raise UsageError(f"--learning-rate is {rate}: pass a number above 0")
    if not 0.0 <= decay < math.inf:
        raise UsageError(f"--weight-decay is {decay}: pass 0 or more")
    sizes = models.presets(flag["model"])
    if flag["segments"] and (flag["bucket"] or flag["cache"]):
        raise UsageError("--segments goes without --bucket and --cache")
    if flag["preset"] not in sizes:
        raise UsageError(
            f"--preset is {flag['preset']!r}: {flag['model']} comes as "
            f"{', '.join(sizes)}"
        )
    out, started = Path(flag["out"]), resume.has_started(Path(flag["out"]))
    if flag["resume"]:
        resume.tidy(out)
    if not (flag["resume"] and started):
        new_folder(str(out), ", or go on with --resume" if started else "")
    run = plan(flag, shards.Shards(flag), arguments)
    if started:
        resume.check_unchanged(run.config, out)
    elif flag["resume"]:
        print(f"{out} holds no run to resume: training starts")
    with _kept_or_removed(out, started), run.examples.named_errors():
        fit(run, out)
    return 0


@contextlib.contextmanager
def _kept_or_removed(out: Path, started: bool) -> Iterator[None]:
    """Removes a folder if the run ends early with nothing to go on from."""
    existed = out.exists()
    try:
        yield
    except BaseException as error:
        done = resume.checkpoints(out)
        if not done and not started:
            shutil.rmtree(out, ignore_errors=True)
            if existed:
                out.mkdir()
        hint = resume.with_hint(error, done[-1][0]) if done else None
        if hint is not None:
            raise hint from error
        raise
