"""Kaggle's file of predictions: VideoId,LabelConfidencePairs."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from typing import NamedTuple

from keras_attend_fusion.cli.text import reading

HEADER = ["VideoId", "LabelConfidencePairs"]


class Row(NamedTuple):
    """What a line predicts for a video."""

    line: int
    video: str
    classes: list[int]
    scores: list[float]


def read(path: str, num_classes: int) -> Iterator[Row]:
    """Reads a file of `id,class score class score …`, row by row.

    Args:
        path: CSV, gzipped if its name ends in `.gz`.
        num_classes: Classes have to be below it.

    Raises:
        ValueError: at a line that is not of this form.
    """
    with reading(path) as file:
        reader = csv.reader(file)
        try:
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
                    raise ValueError(
                        f"{path} line {reader.line_num}: {error}"
                    ) from error
                yield row
        except csv.Error as error:
            raise ValueError(
                f"{path} line {reader.line_num} is not CSV: {error}"
            ) from error


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
            f"class {text}, but there are {num_classes}: pass --num-classes "
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
