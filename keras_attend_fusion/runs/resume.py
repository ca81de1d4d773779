"""Going on with a run where its folder says that it stopped."""

from __future__ import annotations

import dataclasses
import errno
import json
from pathlib import Path
from typing import Any

from keras_attend_fusion.arguments import ArgumentError, spell
from keras_attend_fusion.data.fingerprint import CONTENTS, difference
from keras_attend_fusion.files import beside, remove_unfinished
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs.config_file import read_settings
from keras_attend_fusion.runs.keras_file import check_keras_file
from keras_attend_fusion.runs.plan import Plan
from keras_attend_fusion.runs.settings import (
    TrainSettings,
    defaults,
    fixed_names,
)
from keras_attend_fusion.runs.values import read_config
from keras_attend_fusion.training.checkpoints import BEST, epochs_in
from keras_attend_fusion.training.processes import all_gather_bytes

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
ADVICE = "resume with the same, or train afresh into another `out`"


def has_started(out: Path) -> bool:
    """Whether a folder holds a run, if only the start of one."""
    return (out / run_folder.CONFIG).is_file()


def tidy(out: Path) -> None:
    """Removes what a kill left in a run folder that nothing goes on from."""

    folder = out / run_folder.CHECKPOINTS
    for path in (
        out / run_folder.CONFIG,
        out / run_folder.HISTORY,
        out / run_folder.MODEL,
        out / run_folder.METRICS,
        folder / "*.keras",
    ):
        remove_unfinished(path)
    if not checkpoints(out):  # the first epoch's is copied before it is there
        (folder / BEST).unlink(missing_ok=True)


def resumed(settings: TrainSettings, out: Path) -> TrainSettings:
    """Settings with what the run in `out` has, where they say nothing.

    That is how its shards are to be read, and its learning rate.
    """
    config = read_settings(out / run_folder.CONFIG, type(settings))
    names = ("schema", "modalities", "learning_rate")
    return dataclasses.replace(
        settings,
        **{
            name: config[name]
            for name in names
            if getattr(settings, name) is None and name in config
        },
    )


def check_unchanged(plan: Plan, out: Path) -> None:
    """Raises `ValueError` if the run in `out` was started with another plan."""
    kind = type(plan.settings)
    config, before = plan.config(), defaults(kind) | read_config(out)
    before.setdefault("schema", config["schema"])  # older runs have none
    for name in fixed_names(kind):
        if before.get(name) != config[name]:
            raise ValueError(
                f"{out} was trained with {name} {before.get(name)!r}, now it "
                f"is {config[name]!r}: resume with the same"
            )
    shards = before.get("shards") or {}  # older runs have none
    for name, current in config["shards"].items():
        recorded = shards.get(name) or {}
        if CONTENTS not in recorded:
            compared = (
                "names, sizes and first bytes are" if recorded else "nothing is"
            )
            print(
                f"{out} is of an earlier version: {compared} compared of the "
                f"shards to {name}"
            )
        change = difference(recorded, current)
        if change:
            raise ArgumentError(
                f"{out} was trained with `{name}` of {change}: {ADVICE}"
            )


def check_agreement(plan: Plan, epoch: int) -> None:
    """Raises `ValueError` if a process was started with something else.

    Nothing may be written before all processes have come by here.

    Args:
        plan: What this process is to train; each calls this with its own.
        epoch: After which one this process goes on.
    """

    config, names = plan.config(), fixed_names(type(plan.settings))
    own = {name: config[name] for name in (*names, "backend", "versions")}
    for name, shards in config["shards"].items():
        own[f"shards to {name}"] = shards
    own["epochs done in the folder"] = epoch
    sent = all_gather_bytes(json.dumps(own).encode(), plan.processes)
    first, *others = (json.loads(text) for text in sent)
    for index, other in enumerate(others, 1):
        for name, value in first.items():
            if other[name] != value:
                raise ArgumentError(
                    f"process {index} has {name} {other[name]!r}, but process "
                    f"0 has {value!r}: start all with the same flags, "
                    "shards and `out`"
                )


def checkpoints(out: Path) -> list[tuple[int, Path]]:
    """The numbered checkpoints of a run, in order."""

    return epochs_in(out / run_folder.CHECKPOINTS)


def go_on(
    model: Any, out: Path, epochs: int, write: bool
) -> tuple[int, list[dict[str, Any]]]:
    """Takes a compiled model to where its run stopped.

    Args:
        model: The model.
        out: The run folder.
        epochs: Those of the whole run.
        write: False for a process that leaves it to another to write.

    Returns:
        The epochs that are done, and their history.

    Raises:
        ValueError: if a checkpoint is not one of this model, or the history
            is not that of the checkpoints.
    """
    from keras_attend_fusion.training import checked_history
    from keras_attend_fusion.training.checkpoints import check_fits, restore
    from keras_attend_fusion.training.history import write_history

    done = checkpoints(out)
    if not done:
        return 0, []
    epoch, path = done[-1]
    best, history = path.with_name(BEST), out / run_folder.HISTORY
    if not 0 < epoch <= epochs:
        raise ValueError(
            f"{path} is not of this run, which has {epochs} epochs: remove it"
        )
    # The best epoch becomes the model in the end: a stranger is found now.
    _check_bounds(best)
    check_fits(model, best)
    try:
        _check_bounds(path)
        restore(model, path)
    except ValueError as error:
        raise ArgumentError(f"{error}; {_instead(done, best)}") from error
    rows = checked_history.checked_history(history, path, epoch)
    checked_history.check_best(rows, path, write)
    if write:
        if not history.is_file():
            print(f"{history} is missing: written again from {path.name}")
        with beside(history) as unfinished:
            write_history(unfinished, rows)
    return epoch, rows


def _check_bounds(path: Path) -> None:
    """Raises `ValueError` if a checkpoint would take too much to read."""
    from keras_attend_fusion.training.checkpoints import ADVICE

    if path.is_file():  # that it is missing is said otherwise
        try:
            check_keras_file(path)
        except ValueError as error:
            raise ValueError(
                f"{path} is not a checkpoint, or was cut off: {ADVICE}"
            ) from error


def _instead(done: list[tuple[int, Path]], best: Path) -> str:
    """What else there is to go on from, where the last checkpoint is bad."""
    if len(done) > 1:
        return f"or remove it, and `resume` goes on after epoch {done[-2][0]}"
    return f"`initial`={best} would start from the best epoch's weights"


def explained(error: BaseException, out: Path) -> BaseException | None:
    """The end of a training, said with what `resume` does; None if as it is.

    Args:
        error: What ended the training.
        out: Its folder.
    """
    from keras_attend_fusion import training

    done = checkpoints(out)
    hint = f"`resume` goes on after epoch {done[-1][0]}" if done else ""
    hint = spell(hint)
    if isinstance(error, KeyboardInterrupt) and hint:
        return KeyboardInterrupt(f"{str(error) or 'interrupted'}; {hint}")
    if isinstance(error, training.PeerError):
        return training.PeerError(
            f"{error}; start all processes again{hint and f': {hint}'}"
        )
    if isinstance(error, OSError):
        where = f"writing {out}: " if error.errno in FULL else ""
        hint = hint and f"; {hint}, once that is mended"
        return OSError(f"{where}{error}{hint}")
    return None
