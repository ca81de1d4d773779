"""Joining a file of predictions with the labels of shards, by id."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.files import unguard
from keras_attend_fusion.metrics import Evaluator
from keras_attend_fusion.predictions import kaggle
from keras_attend_fusion.predictions.ids import raw_of, text_of
from keras_attend_fusion.runs.class_subset import ClassList

AT_ONCE = 1024  # rows that are scored together
SHOWN = 5


class Labels:
    """The labels of many videos by id, about 150 bytes a video."""

    def __init__(self) -> None:
        self.rows: dict[bytes, int] = {}
        self._classes = array("i")
        self._ends = array("q", [0])

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> list[int]:
        """The labels of a video."""
        return self._classes[self._ends[row] : self._ends[row + 1]].tolist()

    def find(self, written: str) -> int | None:
        """The row of the video whose id a file has, None if there is none.

        An id may be as this package writes it, or as it is in the shards.
        """
        row = self.rows.get(raw_of(unguard(written)))
        return self.rows.get(written.encode()) if row is None else row

    def add(self, ids: Iterable[bytes], labels: np.ndarray) -> None:
        """Adds a batch of ids and multi-hot labels.

        Raises:
            ValueError: an id comes twice, so that a row of the file would
                not say which video it is about.
        """
        for video, row in zip(ids, labels, strict=True):
            if video in self.rows:
                raise ArgumentError(
                    f"`data` holds the video id {text_of(video)} twice: pass "
                    "each shard once"
                )
            self.rows[video] = len(self.rows)
            self._classes.extend(np.flatnonzero(row).tolist())
            self._ends.append(len(self._classes))


def read_labels(dataset: Any, update: Callable[[int], None]) -> Labels:
    """The labels of a dataset with ids."""
    from keras_attend_fusion import training

    known = Labels()
    for features, labels in training.as_numpy(dataset):
        known.add(features["id"].tolist(), labels)
        update(len(known))
    return known


def score(
    evaluator: Evaluator,
    path: str,
    classes: ClassList,
    labels: Labels,
    update: Callable[[int], None],
) -> int:
    """Feeds the rows of a file to an evaluator, and then the videos left.

    Args:
        evaluator: One that ranks the top of each video.
        path: The file, of which a batch of rows is held at a time.
        classes: Those that are scored: what the file says of others does not
            count.
        labels: Labels of all videos to score, by the place of the class.
        update: Called with the rows done.

    Returns:
        How many videos the file lacks: they count as predicted nothing.

    Raises:
        ValueError: a line that is none, an id that comes twice, or ids that
            `labels` lacks.
    """
    lines = array("q", [0]) * len(labels)  # the line of each video
    done = 0
    for batch in _batches(_known(path, classes, labels)):
        for row, predicted in batch:
            if lines[row]:
                raise ValueError(
                    f"{path} line {predicted.line}: the id {predicted.video} "
                    f"was on line {lines[row]} already"
                )
            lines[row] = predicted.line
        named, scores = _padded([predicted for _, predicted in batch])
        evaluator.update_top(named, scores, [labels[row] for row, _ in batch])
        done += len(batch)
        update(done)
    missing = [row for row, line in enumerate(lines) if not line]
    for batch_rows in _batches(missing):
        nothing = np.full((len(batch_rows), 1), -1)
        evaluator.update_top(
            nothing, np.zeros(nothing.shape), [labels[r] for r in batch_rows]
        )
    return len(missing)


def _known(
    path: str, classes: ClassList, labels: Labels
) -> Iterator[tuple[int, kaggle.Row]]:
    """The lines of a file, each with the row of its video.

    At its end, an error if some are of no video.
    """
    place = classes.place if classes.some else None
    unknown: list[str] = []
    count = first = 0
    for predicted in kaggle.read(path, classes.of):
        row = labels.find(predicted.video)
        if row is not None:
            if place is not None:
                predicted = _placed(predicted, place)
            yield row, predicted
            continue
        first = first or predicted.line
        count += 1
        if len(unknown) < SHOWN:
            unknown.append(predicted.video)
    if count:
        more = ", …" if count > len(unknown) else ""
        raise ArgumentError(
            f"{path} line {first}: {count} ids are not those of a video in "
            f"`data` ({', '.join(unknown)}{more}): pass the shards that were "
            "predicted"
        )


def _placed(row: kaggle.Row, place: dict[int, int]) -> kaggle.Row:
    """A row of some classes alone, each by its place among them."""
    kept = [
        (place[index], score)
        for index, score in zip(row.classes, row.scores, strict=True)
        if index in place
    ]
    return row._replace(
        classes=[index for index, _ in kept],
        scores=[score for _, score in kept],
    )


def _batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    values = iter(values)
    while batch := list(islice(values, AT_ONCE)):
        yield batch


def _padded(rows: list[kaggle.Row]) -> tuple[np.ndarray, np.ndarray]:
    """Classes, -1 for none, and scores of rows of differing lengths."""
    width = max(1, *(len(row.classes) for row in rows))
    classes = np.full((len(rows), width), -1)
    scores = np.zeros((len(rows), width))
    for i, row in enumerate(rows):
        classes[i, : len(row.classes)] = row.classes
        scores[i, : len(row.scores)] = row.scores
    return classes, scores
