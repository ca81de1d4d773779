"""Whether the history and the checkpoints of a folder are of one training."""

from __future__ import annotations

import shutil
from pathlib import Path

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.files import beside
from keras_attend_fusion.training.checkpoints import ADVICE, BEST, copy_whole
from keras_attend_fusion.training.history import (
    Rows,
    add_history,
    best_epoch,
    first_difference,
    history_within,
    read_history,
)


def checked_history(history: Path, path: Path, epoch: int) -> Rows:
    """The rows of the epochs up to a checkpoint's, which holds them too.

    Rows behind it are left out: a kill between two writes leaves one.

    Args:
        history: The CSV file, which may be missing where the checkpoint has
            its rows.
        path: The checkpoint, which is whole.
        epoch: The one that its name says.

    Raises:
        ValueError: File and checkpoint are not of one training, or not of
            that epoch.
    """
    within = history_within(path)
    if within is not None and len(within) != epoch:
        raise ArgumentError(
            f"{path} is the checkpoint of epoch {len(within)}: give it its "
            "name back, or remove it"
        )
    advice = ADVICE
    if within is not None:
        if not history.is_file():
            return within
        advice = f"remove it, and `resume` writes it again from {path.name}"
    if not history.is_file():
        raise ArgumentError(f"{history} is missing: {advice}")
    try:
        rows = read_history(history, epoch)
    except ValueError as error:
        raise ArgumentError(f"{error}; {advice}") from error
    if len(rows) < epoch:
        raise ArgumentError(
            f"{history} has {len(rows)} rows, but {path.name} is of epoch "
            f"{epoch}: {advice}"
        )
    number = first_difference(rows, within or [])
    if number is not None:
        raise ArgumentError(
            f"{history}: row {number} differs from what {path.name} holds of "
            f"that epoch: {advice}"
        )
    return rows


def check_best(rows: Rows, path: Path, write: bool) -> None:
    """Sees to it that `best.keras` is of the best epoch of a history.

    A kill may have come before the last epoch's checkpoint was copied to it.

    Args:
        rows: The history up to the last checkpoint.
        path: That checkpoint. It and `best.keras` are whole.
        write: False for a process that leaves it to another to write.

    Raises:
        ValueError: `best.keras` is of another epoch or training.
    """
    best, expected = path.with_name(BEST), best_epoch(rows)
    within = history_within(best)
    if within is None and history_within(path) is None:
        if write:  # written by an earlier version: checked from here on
            with beside(best) as unfinished:
                shutil.copyfile(best, unfinished)
                add_history(unfinished, rows[:expected])
        return
    stranger = within is None or first_difference(within, rows) is not None
    epoch = len(within or [])
    if not stranger and epoch == expected:
        return
    if not stranger and epoch < expected == len(rows):
        if write:
            copy_whole(path, best)
        return
    source = "another training" if stranger else f"epoch {epoch}"
    raise ValueError(
        f"{best} is of {source}, but the best epoch of the history is "
        f"{expected}: {ADVICE}"
    )
