"""Videos of an .npz file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from keras_attend_fusion.data.tables import require_columns

FRAMES = "_frames"  # what the name of an array of counts ends in


class NpzRows:
    """The videos of an .npz file, which is held in memory.

    Args:
        path: The file.
        labels: The array of labels; None if there are none.
        id: The array of ids; `"id"` may be called `ids`.
    """

    def __init__(self, path: Path, labels: str | None, id: str) -> None:
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(
                f"{path} cannot be read as .npz of plain arrays: {error}"
            ) from error
        if id == "id" and id not in arrays:
            id = "ids"
        names = list(arrays)
        require_columns(path, names, [id] if labels is None else [id, labels])
        self._ids = arrays.pop(id)
        self._labels = None if labels is None else arrays.pop(labels)
        if self._ids.ndim != 1:
            raise ValueError(
                f"{path}: {id} has the shape {self._ids.shape}, expected one "
                "id a video."
            )
        self.count = len(self._ids)
        self._counts = {
            name: arrays.pop(f"{name}{FRAMES}")
            for name in list(arrays)
            if f"{name}{FRAMES}" in arrays
        }
        self.columns: dict[str, int] = {}
        self.others: list[str] = []
        self._arrays: dict[str, np.ndarray] = {}
        for name, array in arrays.items():
            if array.dtype.kind not in "fiu" or array.ndim not in (2, 3):
                self.others.append(name)
                continue
            self._arrays[name] = array
            self.columns[name] = 2 if name in self._counts else array.ndim - 1
        self._require_lengths(path)

    def _require_lengths(self, path: Path) -> None:
        lengths = {name: len(array) for name, array in self._arrays.items()}
        for name, counts in self._counts.items():
            if name not in self._arrays:
                continue
            whole = counts.ndim == 1 and counts.dtype.kind in "iu"
            if not whole or (counts < 0).any():
                raise ValueError(
                    f"{path}: {name}{FRAMES} has to be a count a video."
                )
            if counts.sum() != len(self._arrays[name]):
                raise ValueError(
                    f"{path}: {name} has {len(self._arrays[name])} frames, but "
                    f"{name}{FRAMES} adds up to {counts.sum()}."
                )
            lengths[name] = len(counts)
        if self._labels is not None:
            lengths["the labels"] = (
                len(self._labels) if self._labels.ndim else 0
            )
        for name, length in lengths.items():
            if length != self.count:
                raise ValueError(
                    f"{path}: {name} are of {length} videos, but there are "
                    f"{self.count} ids."
                )
        if self._labels is not None and self._labels.ndim == 2:
            values = np.unique(self._labels)
            if not np.isin(values, (0, 1)).all():
                raise ValueError(
                    f"{path}: labels of the shape {self._labels.shape} hold "
                    f"{values[~np.isin(values, (0, 1))][0]}, expected 0 and 1."
                )

    def videos(self) -> Iterator[dict[str, Any]]:
        """The videos, as `write` takes them."""
        ends = {name: np.cumsum(n) for name, n in self._counts.items()}
        for row in range(self.count):
            video: dict[str, Any] = {"id": self._ids[row]}
            if self._labels is not None:
                labels = self._labels[row]
                if self._labels.ndim == 2:
                    labels = np.flatnonzero(labels)
                video["labels"] = labels
            for name, array in self._arrays.items():
                if name in ends:
                    end = ends[name][row]
                    start = end - self._counts[name][row]
                    video[name] = array[start:end]
                else:
                    video[name] = array[row]
            yield video
