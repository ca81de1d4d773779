"""Kaggle's file of predictions: VideoId,LabelConfidencePairs."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.files import reading, unguard, write_row

HEADER = ["VideoId", "LabelConfidencePairs"]
PAIR = 64  # characters of a class, a score and what separates them, at most
MOST = 1 << 24  # classes, where it is not said how many there are


class Row(NamedTuple):
    """What a line predicts for a video, whose id is as it is written."""

    line: int
    video: str
    classes: list[int]
    scores: list[float]


def write(file: TextIO, video: str, pairs: list[tuple[int, str]]) -> None:
    """Writes a row: a video's classes and scores, best first.

    An id that a spreadsheet would run as a formula is guarded by a `'`.
    """
    write_row(file, [video, " ".join(f"{c} {s}" for c, s in pairs)])


def read_kaggle(
    file: str | Path, num_classes: int | None = None
) -> Iterator[tuple[str, list[tuple[int, float]]]]:
    """Reads a file of predictions in Kaggle's form, row by row.

    Args:
        file: A CSV of `VideoId,LabelConfidencePairs`, gzipped if its name
            ends in `.gz`.
        num_classes: Classes have to be below it; None for any.

    Yields:
        A video's id, without the `'` that guards it from a spreadsheet, and
        its classes with their scores, as they stand in the row.

    Raises:
        ValueError: At a line that is not of this form.

    Example:

    >>> import tempfile
    >>> file = f"{tempfile.mkdtemp()}/p.csv"
    >>> with open(file, "w") as written:
    ...     _ = written.write("VideoId,LabelConfidencePairs\\na1,3 0.5 7 0.25")
    >>> list(read_kaggle(file))
    [('a1', [(3, 0.5), (7, 0.25)])]
    """
    for row in read(str(file), MOST if num_classes is None else num_classes):
        pairs = zip(row.classes, row.scores, strict=True)
        yield unguard(row.video), list(pairs)


def read(path: str, num_classes: int) -> Iterator[Row]:
    """Reads a file of `id,class score class score …`, row by row.

    Args:
        path: CSV, gzipped if its name ends in `.gz`.
        num_classes: Classes have to be below it.

    Raises:
        ValueError: at a line that is not of this form.
    """
    longest = csv.field_size_limit()
    with reading(path) as file:
        reader = csv.reader(file)
        try:
            csv.field_size_limit(longest + PAIR * num_classes)
            header = next(reader, [])
            if [column.strip() for column in header] != HEADER:
                raise ValueError(
                    f"{path} line 1: expected the header {','.join(HEADER)}, "
                    f"got {','.join(header) or 'nothing'!r}"
                )
            for cells in reader:
                if not cells:
                    continue
                try:
                    row = _row(reader.line_num, cells, num_classes)
                except ValueError as error:
                    raise ArgumentError(
                        f"{path} line {reader.line_num}: {error}"
                    ) from error
                yield row
        except csv.Error as error:
            raise ValueError(
                f"{path} line {reader.line_num} is not CSV: {error}"
            ) from error
        finally:
            csv.field_size_limit(longest)


def _row(line: int, cells: list[str], num_classes: int) -> Row:
    if len(cells) != 2 or not cells[0]:
        text = ",".join(cells)
        raise ValueError(
            f"expected an id, a comma and pairs, got {text[:40]!r}"
        )
    video, pairs = cells[0], cells[1].split()
    if len(pairs) % 2:
        raise ValueError(
            f"{len(pairs)} numbers for {video}: expected pairs of class and "
            "score"
        )
    classes = [_class(text, num_classes) for text in pairs[::2]]
    if len(set(classes)) < len(classes):
        twice = next(c for c in classes if classes.count(c) > 1)
        raise ValueError(f"class {twice} comes twice for {video}")
    return Row(line, video, classes, [_score(text) for text in pairs[1::2]])


def _class(text: str, num_classes: int) -> int:
    if not text.isdecimal():
        raise ValueError(f"the class is {text!r}: expected a whole number")
    if int(text) >= num_classes:
        raise ValueError(
            f"class {text}, but there are {num_classes}: pass `num_classes` "
            "if the labels have more"
        )
    return int(text)


def _score(text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise ValueError(f"the score is {text!r}: expected a finite number")
    return score
