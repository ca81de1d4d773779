"""Videos of a .csv file, whose features are in .npy files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from keras_attend_fusion.data.tables import require_columns
from keras_attend_fusion.files import reading, unguard

BETWEEN = ";"  # labels of a video
ARRAY = ".npy"


class CsvRows:
    """The rows of a .csv file.

    Args:
        path: The file.
        labels: The column of labels; None if there are none.
        id: The column of ids.
    """

    def __init__(self, path: Path, labels: str | None, id: str) -> None:
        self._path, self._labels, self._id = path, labels, id
        self._rows: list[tuple[int, dict[str, str]]] = []
        with reading(str(path)) as file:
            reader = csv.reader(file)
            try:
                names = next(reader, [])
                beside = [id] if labels is None else [id, labels]
                require_columns(path, names, beside)
                for cells in reader:
                    if not cells:
                        continue
                    if len(cells) != len(names):
                        raise ValueError(
                            f"{path} line {reader.line_num}: {len(cells)} "
                            f"cells, expected {len(names)}."
                        )
                    row = dict(zip(names, map(unguard, cells), strict=True))
                    self._rows.append((reader.line_num, row))
            except csv.Error as error:
                raise ValueError(
                    f"{path} line {reader.line_num}: {error}"
                ) from error
        self.count = len(self._rows)
        self.columns: dict[str, int] = {}
        self.others: list[str] = []
        for name in names:
            if name in beside:
                continue
            cells = [row[name] for _, row in self._rows if row[name]]
            if not cells or not cells[0].lower().endswith(ARRAY):
                self.others.append(name)
                continue
            line = next(line for line, row in self._rows if row[name])
            self.columns[name] = self._array(line, name, cells[0]).ndim
        self._indices = labels is not None and all(
            label.isdecimal()
            for _, row in self._rows
            for label in self._texts(row[labels])
        )

    def videos(self) -> Iterator[dict[str, Any]]:
        """The rows, as `write` takes them."""
        for line, row in self._rows:
            video: dict[str, Any] = {"id": row[self._id]}
            if self._labels is not None:
                labels: list[Any] = self._texts(row[self._labels])
                video["labels"] = (
                    list(map(int, labels)) if self._indices else labels
                )
            for name in self.columns:
                if row[name]:
                    video[name] = self._array(line, name, row[name])
            yield video

    def _texts(self, cell: str) -> list[str]:
        parts = (part.strip() for part in cell.split(BETWEEN))
        return [part for part in parts if part]

    def _array(self, line: int, name: str, cell: str) -> np.ndarray:
        path = self._path.parent / cell
        try:
            array = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise ValueError(
                f"{self._path} line {line}: {name}: {path} cannot be read as "
                f"an array: {error}"
            ) from error
        if not isinstance(array, np.ndarray):
            raise ValueError(
                f"{self._path} line {line}: {name}: {path} is not one array."
            )
        return array
