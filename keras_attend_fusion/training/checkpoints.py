"""Checkpoints that survive a kill, and a history beside them."""

from __future__ import annotations

import re
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from keras_attend_fusion.files import beside, open_archive
from keras_attend_fusion.training.history import (
    MONITOR,
    add_history,
    write_history,
)
from keras_attend_fusion.training.mirrored import as_on_one_device
from keras_attend_fusion.training.processes import on_this_process
from keras_attend_fusion.training.random_state import (
    add_random_state,
    restore_random_state,
)

BEST = "best.keras"
ADVICE = "put back the run's own, or train afresh into another folder"


class Checkpoints(keras.callbacks.Callback):
    """Keeps the last epoch and the best one, and writes the history.

    After every epoch: `history.csv`, then `epoch-0001.keras` with the states
    of the optimiser and of dropout and with the history up to there, then
    `best.keras`, a copy of it, if the validation GAP is the highest so far,
    after which the previous epoch's is removed. Each is renamed into place
    when it is whole, so a kill at any moment leaves a folder to resume from.

    Args:
        folder: where the checkpoints go.
        history: the path of the CSV.
        rows: the history of earlier epochs, when resuming.
        write: False for a process that leaves it to another to write.
        finish: called with each file before it is renamed into place.
    """

    def __init__(
        self,
        folder: Path,
        history: Path,
        rows: list[dict[str, Any]] | None = None,
        write: bool = True,
        finish: Callable[[Path], None] = lambda path: None,
    ) -> None:
        super().__init__()
        self.folder = folder
        self.history_path = history
        self.rows = list(rows or [])
        self.write = write
        self.finish = finish

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        logs = {k: float(v) for k, v in logs.items()}
        before = max((float(r[MONITOR]) for r in self.rows), default=-1.0)
        self.rows.append({"epoch": epoch + 1, **logs})
        if not self.write:
            return
        with beside(self.history_path) as path:
            write_history(path, self.rows)
        last, best = self.folder / name_of(epoch + 1), self.folder / BEST
        first = not best.exists()
        with beside(last) as path:
            # Saving makes variables of its own.
            with on_this_process(), as_on_one_device(self.model):
                self.model.save(path)
                add_random_state(self.model, path)
            add_history(path, self.rows)
            self.finish(path)
            if first:  # there is never a checkpoint without a best one
                copy_whole(path, best)
        if not first and logs[MONITOR] > before:
            copy_whole(last, best)
        for number, older in epochs_in(self.folder):
            if number != epoch + 1:
                older.unlink()


def epochs_in(folder: Path) -> list[tuple[int, Path]]:
    """The numbered checkpoints of a folder, in order."""
    numbered = []
    for path in folder.glob("epoch-*.keras"):
        match = re.fullmatch(r"epoch-([0-9]+)\.keras", path.name)
        if match:
            numbered.append((int(match[1]), path))
    return sorted(numbered)


def name_of(epoch: int) -> str:
    """The file name of an epoch's checkpoint."""
    return f"epoch-{epoch:04d}.keras"


def check_fits(model: keras.Model, path: Path) -> None:
    """Raises `ValueError` unless a file holds the weights of such a model."""
    if not path.is_file():
        raise ValueError(f"{path} is missing: {ADVICE}")
    try:
        with open_archive(path) as archive:
            damaged = archive.testzip()
        if damaged:
            raise ValueError(f"{damaged} is damaged")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stored = keras.saving.load_model(path, compile=False)
    except Exception as error:  # zip, JSON, HDF5 and Keras each have theirs
        raise ValueError(
            f"{path} is not a checkpoint, or was cut off: {ADVICE}"
        ) from error
    stored_shapes, expected = (
        sorted(tuple(weight.shape) for weight in network.weights)
        for network in (stored, model)
    )
    if stored_shapes != expected:
        raise ValueError(
            f"{path} is a checkpoint of another model: it holds "
            f"{stored.name} with {stored.count_params():,} parameters, but "
            f"this run trains {model.name} with {model.count_params():,}: "
            f"{ADVICE}"
        )


def restore(model: keras.Model, path: Path) -> None:
    """Puts a compiled model where it was when a checkpoint was saved.

    Take one that is compiled afresh: a saved optimiser does not say which
    weights it leaves without decay.

    Raises:
        ValueError: if the checkpoint is of another model, or lacks the
            optimiser's state. The model is then not fit to go on.
    """
    check_fits(model, path)
    model.optimizer.build(model.trainable_variables)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Skipping nested container")
            warnings.filterwarnings("error", "Skipping variable loading")
            model.load_weights(path)
        restore_random_state(model, path)
    except Exception as error:
        raise ValueError(
            f"{path} does not fit this training, its optimiser included: "
            f"{ADVICE}"
        ) from error


def copy_whole(path: Path, to: Path) -> None:
    """Copies a file atomically: the copy is complete or absent."""
    with beside(to) as unfinished:
        shutil.copyfile(path, unfinished)
