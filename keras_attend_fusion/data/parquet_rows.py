"""Videos of a Parquet table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from keras_attend_fusion.data.tables import require_columns
from keras_attend_fusion.extras import require

AT_ONCE = 64  # rows


class ParquetRows:
    """The rows of a Parquet file.

    Args:
        path: The file.
        labels: The column of labels; None if there are none.
        id: The column of ids.
    """

    def __init__(self, path: Path, labels: str | None, id: str) -> None:
        self._arrow = require("pyarrow", "Reading Parquet needs pyarrow")
        self._parquet = require("pyarrow.parquet", "Reading Parquet needs it")
        self._path, self._labels, self._id = path, labels, id
        with self._opened() as file:
            schema = file.schema_arrow
            self.count = int(file.metadata.num_rows)
        names = list(schema.names)
        beside = [id] if labels is None else [id, labels]
        require_columns(path, names, beside)
        dimensions = {
            name: self._dimensions(schema.field(name).type)
            for name in names
            if name not in beside
        }
        self.columns = {name: n for name, n in dimensions.items() if n}
        self.others = [name for name, n in dimensions.items() if not n]

    def _opened(self) -> Any:
        try:
            return self._parquet.ParquetFile(self._path)
        except self._arrow.ArrowException as error:
            reason = str(error).split("\n")[0]
            raise ValueError(
                f"{self._path} cannot be read as Parquet: {reason}"
            ) from error

    def _dimensions(self, kind: Any) -> int:
        """1 of lists of numbers, 2 of lists of those, 0 of all else."""
        depth = 0
        while self._is_list(kind):
            kind, depth = kind.value_type, depth + 1
        types = self._arrow.types
        number = types.is_floating(kind) or types.is_integer(kind)
        return depth if number and depth in (1, 2) else 0

    def _is_list(self, kind: Any) -> bool:
        types = self._arrow.types
        return bool(
            types.is_list(kind)
            or types.is_large_list(kind)
            or types.is_fixed_size_list(kind)
        )

    def videos(self) -> Iterator[dict[str, Any]]:
        """The rows, as `write` takes them."""
        wanted = [self._id, *self.columns]
        if self._labels is not None:
            wanted.append(self._labels)
        row = 0
        with self._opened() as file:
            batches = file.iter_batches(AT_ONCE, columns=wanted)
            while True:
                try:
                    batch = next(batches, None)
                except (self._arrow.ArrowException, OSError) as error:
                    reason = str(error).split("\n")[0]
                    raise ValueError(
                        f"{self._path} cannot be read from row {row} on: "
                        f"{reason}"
                    ) from error
                if batch is None:
                    return
                yield from self._rows(batch, row)
                row += batch.num_rows

    def _rows(self, batch: Any, row: int) -> Iterator[dict[str, Any]]:
        ids = batch.column(self._id).to_pylist()
        labels = [None] * len(ids)
        if self._labels is not None:
            labels = batch.column(self._labels).to_pylist()
        cells = {name: batch.column(name) for name in self.columns}
        for index, name in enumerate(ids):
            video = {"id": name, "labels": labels[index]}
            for column, array in cells.items():
                try:
                    video[column] = self._cell(array[index])
                except ValueError as error:
                    raise ValueError(
                        f"{self._path}: video {name!r} (row {row + index}): "
                        f"{column} {error}"
                    ) from error
            yield video

    def _cell(self, cell: Any) -> np.ndarray | None:
        if not cell.is_valid:
            return None
        values = cell.values
        if not self._is_list(values.type):
            return self._numbers(values)
        if values.null_count:
            raise ValueError("has a frame that is null")
        if not len(values):
            return None
        numbers = self._numbers(values.flatten())
        if hasattr(values.type, "list_size"):
            return numbers.reshape(len(values), values.type.list_size)
        sizes = np.diff(values.offsets.to_numpy())
        if (sizes != sizes[0]).any():
            other = int(np.flatnonzero(sizes != sizes[0])[0])
            raise ValueError(
                f"is ragged: frame {other} has {sizes[other]} values, frame 0 "
                f"has {sizes[0]}"
            )
        return numbers.reshape(len(values), int(sizes[0]))

    def _numbers(self, values: Any) -> np.ndarray:
        if values.null_count:
            raise ValueError("has values that are null")
        return np.asarray(values.to_numpy(zero_copy_only=False))
