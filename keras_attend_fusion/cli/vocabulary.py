"""Files that list classes by index: the vocabulary, the rated segments'."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from keras_attend_fusion.cli.text import reading

SHOWN = 5


def read_vocabulary(path: str | None) -> dict[int, str]:
    """Class names by index, from YouTube-8M's vocabulary.csv.

    Args:
        path: The file; None for no names.

    Raises:
        ValueError: if the file is not UTF-8, lacks the columns `Index` and
            `Name`, or has an index twice or one that is no whole number.
    """
    if path is None:
        return {}
    return {
        index: row["Name"] or ""
        for index, row in _rows(path, "a vocabulary", ["Index", "Name"])
    }


def require_names(
    names: dict[int, str], path: str | None, classes: Sequence[int]
) -> None:
    """Raises `ValueError` if the vocabulary of a file lacks a class."""
    missing = [c for c in classes if c not in names]
    if path is not None and missing:
        raise ValueError(
            f"{path} lacks {len(missing)} of the {len(classes)} classes "
            f"(Index {_some(missing)}): pass the vocabulary of the classes "
            "that the model was trained on"
        )


def read_classes(path: str | None, known: Sequence[int]) -> list[int]:
    """Class indices in rising order, from a file with a column `Index`.

    Args:
        path: The file; None for all classes.
        known: The classes that there are, rising.

    Raises:
        ValueError: as `read_vocabulary` does, at an index that is no class,
            and if there is none.
    """
    if path is None:
        return list(known)
    classes = sorted(i for i, _ in _rows(path, "a list of classes", ["Index"]))
    there = set(known)
    lacking = [c for c in classes if c not in there]
    if lacking:
        some = f"{known[0]} to {known[-1]}"
        if len(known) < known[-1] - known[0] + 1:
            some = f"the model's {len(known)}, from {some}"
        raise ValueError(
            f"{path} names {len(lacking)} unknown classes (Index "
            f"{_some(lacking)}): expected some of {some}"
        )
    if not classes:
        raise ValueError(f"{path} names no class: expected an Index a line")
    return classes


def _some(indices: list[int]) -> str:
    more = ["…"] if len(indices) > SHOWN else []
    return ", ".join([str(one) for one in indices[:SHOWN]] + more)


def _rows(
    path: str, what: str, needed: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their `Index`, which may come once."""
    lines: dict[int, int] = {}
    with reading(path) as file:
        reader = csv.DictReader(file)
        try:
            columns = reader.fieldnames or []
            if not set(needed) <= set(columns):
                raise ValueError(
                    f"{path} has the columns {', '.join(columns) or 'none'}: "
                    f"{what} needs {' and '.join(needed)}"
                )
            for row in reader:
                index = _index(row["Index"], f"{path} line {reader.line_num}")
                if index in lines:
                    raise ValueError(
                        f"{path} line {reader.line_num}: the Index {index} "
                        f"was on line {lines[index]} already"
                    )
                lines[index] = reader.line_num
                yield index, row
        except csv.Error as error:
            raise ValueError(
                f"{path} line {reader.reader.line_num} is not CSV: {error}"
            ) from error


def _index(text: str | None, where: str) -> int:
    try:
        index = int(text or "")
    except ValueError:
        index = -1
    if index < 0:
        raise ValueError(
            f"{where}: the Index is {text!r}, expected a whole number from 0"
        )
    return index
