"""The history of a training: in a CSV file, and within each checkpoint."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from pathlib import Path
from typing import Any, TextIO

from keras_attend_fusion.files import (
    decode,
    open_archive,
    read_member,
    reading,
)

Rows = list[dict[str, Any]]

EPOCH, MONITOR = "epoch", "val_gap_at_20"
MEMBER = "history.csv"  # of a checkpoint, which is a zip
MOST_BYTES = 64 << 20  # of it


def write_history(path: Path, rows: Rows) -> None:
    """Writes one row an epoch."""
    path.write_text(_text(rows), "utf-8", newline="")


def read_history(path: Path, epochs: int) -> Rows:
    """Reads the rows of the first `epochs` epochs, values as text.

    Raises:
        ValueError: The file is not a history: a row for each epoch from 1
            on, in order, with a finite number in every column.
    """
    with reading(path) as file:
        return _parsed(file, path)[:epochs]


def add_history(path: Path, rows: Rows) -> None:
    """Adds to a checkpoint the history up to its epoch."""
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(MEMBER, _text(rows))


def history_within(path: Path) -> Rows | None:
    """What `add_history` added; None for a checkpoint of earlier versions."""
    with open_archive(path) as archive:
        if MEMBER not in archive.namelist():
            return None
        raw = read_member(archive, MEMBER, MOST_BYTES)
    text = decode(raw, f"{path}: {MEMBER}")
    return _parsed(io.StringIO(text, newline=""), f"{path}: {MEMBER}")


def best_epoch(rows: Rows) -> int:
    """The epoch with the highest validation GAP, the first of equals.

    Example:

    >>> best_epoch([{"val_gap_at_20": gap} for gap in (0.5, 0.7, 0.7)])
    2
    """
    gaps = [float(row[MONITOR]) for row in rows]
    return 1 + gaps.index(max(gaps))


def first_difference(rows: Rows, others: Rows) -> int | None:
    """The number of the first row that two histories do not share.

    Numbers are compared, not how they are written. A history may be longer
    than the other.

    Example:

    >>> first_difference([{"loss": "0.50"}], [{"loss": 0.5}, {"loss": 0.4}])
    >>> first_difference([{"loss": "0.50"}], [{"loss": 0.6}])
    1
    """
    for number, (row, other) in enumerate(zip(rows, others, strict=False), 1):
        if _numbers(row) != _numbers(other):
            return number
    return None


def _parsed(file: TextIO, source: str | Path) -> Rows:
    try:
        rows: Rows = list(csv.DictReader(file))
    except csv.Error as error:
        raise ValueError(f"{source} is not a history: {error}") from error
    for name in (EPOCH, MONITOR):
        if rows and name not in rows[0]:
            raise ValueError(f"{source} has no column {name}")
    for number, row in enumerate(rows, 1):
        for name, value in row.items():
            if not _is_finite(value):
                raise ValueError(
                    f"{source}: row {number} has {value!r} in column {name}: "
                    "expected a finite number"
                )
        if float(row[EPOCH]) != number:
            raise ValueError(
                f"{source}: row {number} is of epoch {row[EPOCH]}: expected "
                "a row for each epoch, in order"
            )
    return rows


def _numbers(row: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in row.items()}


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def _text(rows: Rows) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()
