"""Files that list classes: tables, a line each, and JSON."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TextIO

from keras_attend_fusion.files import form, parse_json, reading

# Columns in the order in which they are looked for, as `_plain` has them.
INDEX = ("index", "labelid", "classid", "id", "class", "classindex", "label")
NAME = ("name", "displayname", "labelname", "classname", "label", "class")
CODE = ("knowledgegraphid", "mid")  # what a class without a name goes by
DELIMITERS = (",", "\t", ";")
MOST_CHARACTERS = 1 << 26  # of a file without rows, which is read whole


class Entry(NamedTuple):
    """A class of a list."""

    number: int  # its index
    name: str  # "" where there is none
    where: str  # the place in the file, for errors


def read_entries(path: str, expected: str, named: bool) -> list[Entry]:
    """The classes that a file lists, each once.

    Args:
        path: A `.txt` or `.json` file, else a table; gzipped if its name
            ends in `.gz`.
        expected: What the file is to be, for errors.
        named: Whether names are wanted, or indices alone.

    Raises:
        ValueError: the file is not such a list, or has an index twice.
    """
    with reading(path) as file:
        if form(path) == ".json":
            entries = list(_of_json(path, _whole(path, file), named))
        else:
            head = file.readline()
            if form(path) == ".txt" and not _columns(_header(head)[1], named):
                lines = (head + _whole(path, file)).splitlines()
                entries = list(_of_lines(path, lines, named))
            else:
                entries = list(_of_table(path, head, file, expected, named))
    places: dict[int, str] = {}
    for entry in entries:
        if entry.number in places:
            raise ValueError(
                f"{path} {entry.where}: the Index {entry.number} was on "
                f"{places[entry.number]} already"
            )
        places[entry.number] = entry.where
    return entries


def _of_table(
    path: str, head: str, file: TextIO, expected: str, named: bool
) -> Iterator[Entry]:
    reader = csv.reader(file)
    try:
        delimiter, columns = _header(head)
        chosen = _columns(columns, named)
        if chosen is None:
            raise ValueError(
                f"{path} has the columns {', '.join(columns) or 'none'}: "
                f"{expected} needs Index{' and Name' if named else ''}, or "
                "columns that are called so elsewhere, such as "
                f"{'label_id and label_name' if named else 'label_id or id'}"
            )
        reader = csv.reader(file, delimiter=delimiter)
        index, name, code = chosen
        for cells in reader:
            if not cells:
                continue
            where = f"line {reader.line_num + 1}"
            yield Entry(
                _index(_cell(cells, index), f"{path} {where}", columns[index]),
                _cell(cells, name) or _cell(cells, code) or "",
                where,
            )
    except csv.Error as error:
        line = reader.line_num + 1
        raise ValueError(f"{path} line {line} is not CSV: {error}") from error


def _header(line: str) -> tuple[str, list[str]]:
    """The delimiter of a table, and its columns."""
    readings = [
        (delimiter, next(csv.reader([line], delimiter=delimiter), []))
        for delimiter in DELIMITERS
    ]
    for delimiter, columns in readings:
        if _columns(columns, named=False):
            return delimiter, columns
    return max(readings, key=lambda parts: len(parts[1]))


def _columns(
    columns: list[str], named: bool
) -> tuple[int, int | None, int | None] | None:
    """Where the indices, names and codes are; None in another table."""
    places = {_plain(column): i for i, column in enumerate(columns)}
    index = next((places[c] for c in INDEX if c in places), None)
    names = [places[c] for c in NAME if c in places and places[c] != index]
    if index is None or (named and not names):
        return None
    code = next((places[c] for c in CODE if c in places), None)
    return index, names[0] if names else None, code


def _plain(column: str) -> str:
    return re.sub(r"[\s_-]", "", column).casefold()


def _cell(cells: list[str], place: int | None) -> str | None:
    if place is None or place >= len(cells):
        return None
    return cells[place].strip()


def _index(text: Any, where: str, column: str = "Index") -> int:
    try:
        if text is not None and re.fullmatch(r"[0-9]+", str(text)):
            return int(text)
    except ValueError:  # as of thousands of digits
        text = f"{text[:20]}…"
    raise ValueError(
        f"{where}: the {column} is {text!r}, expected a whole number from 0"
    )


def _whole(path: str, file: TextIO) -> str:
    text = file.read(MOST_CHARACTERS + 1)
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"{path} is too long for a list of classes")
    return text


def _of_lines(path: str, lines: list[str], named: bool) -> Iterator[Entry]:
    """Names, the first of class 0; or indices. A blank is a class unnamed."""
    for number, line in enumerate(lines, 1):
        where = f"line {number}"
        if named:
            yield Entry(number - 1, line.strip(), where)
        elif line.strip():
            yield Entry(_index(line.strip(), f"{path} {where}"), "", where)


def _of_json(path: str, text: str, named: bool) -> Iterator[Entry]:
    """A list of names or of indices; an object of names by index, or back."""
    kind = list if text.lstrip().startswith("[") else dict
    values = parse_json(text, path, kind)
    pairs: Iterable[tuple[Any, Any]]
    if isinstance(values, dict):
        pairs = values.items()
        if values and all(type(value) is int for value in values.values()):
            pairs = [(index, name) for name, index in values.items()]
    else:
        pairs = enumerate(values) if named else ((v, "") for v in values)
    for number, (index, name) in enumerate(pairs, 1):
        where = f"entry {number}"
        if not isinstance(name, str | None):
            raise ValueError(
                f"{path} {where}: the name is {name!r:.60}, expected a text"
            )
        yield Entry(
            _index(index, f"{path} {where}"), (name or "").strip(), where
        )
