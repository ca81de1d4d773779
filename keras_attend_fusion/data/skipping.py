"""Reading on past records that cannot be used, and keeping count of them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from absl import logging

from keras_attend_fusion.data.check import check_record
from keras_attend_fusion.data.errors import CorruptRecordError
from keras_attend_fusion.data.framing import FRAMING_BYTES
from keras_attend_fusion.data.parse import parse_batch, parse_segments
from keras_attend_fusion.data.plan import Plan
from keras_attend_fusion.data.shards import iter_records

CHECKED_RECORDS, CHECKED_BYTES = 64, 16 << 20  # at once, at most


@dataclass(frozen=True)
class Skip:
    """A range of a shard that was passed over.

    Attributes:
        path: The shard.
        offset: Where the range starts, in bytes.
        bytes: How long it is: one record, or all the rest of a shard whose
            framing is broken.
        reason: What is wrong.
    """

    path: str
    offset: int
    bytes: int
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.path}: skipped {self.bytes} bytes at byte {self.offset}: "
            f"{self.reason}"
        )


class SkipReport:
    """Collects what was skipped; several threads may add to it.

    A dataset that is read for several epochs meets the same records again;
    each counts once.

    Args:
        log: Whether each new skip is logged as a warning as well.

    Example:

    >>> report = SkipReport()
    >>> report.add(Skip("a.tfrecord", 0, 80, "no frames"))
    >>> report.add(Skip("a.tfrecord", 0, 80, "no frames"))
    >>> report.count
    1
    """

    def __init__(self, log: bool = False) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._skips: dict[tuple[str, int], Skip] = {}

    def add(self, skip: Skip) -> None:
        """Adds one skip, unless it is known already."""
        with self._lock:
            known = (skip.path, skip.offset) in self._skips
            self._skips.setdefault((skip.path, skip.offset), skip)
        if self._log and not known:
            logging.warning("%s", skip)

    @property
    def entries(self) -> list[Skip]:
        """What was skipped so far, by file and offset."""
        with self._lock:
            return [self._skips[key] for key in sorted(self._skips)]

    @property
    def count(self) -> int:
        """How many entries there are."""
        with self._lock:
            return len(self._skips)

    def summary(self, most: int = 5) -> str:
        """A few lines: how many skips, and the first `most` of them."""
        entries = self.entries
        if not entries:
            return "No record was skipped."
        lost = sum(entry.bytes for entry in entries)
        shards = len({entry.path for entry in entries})
        lines = [
            f"Skipped {len(entries)} range{'s' * (len(entries) > 1)} "
            f"({lost} bytes) in {shards} shard{'s' * (shards > 1)}:"
        ]
        lines += [f"  {entry}" for entry in entries[:most]]
        if len(entries) > most:
            lines.append(f"  and {len(entries) - most} more")
        return "\n".join(lines)


@tf.autograph.experimental.do_not_convert
def valid_records(
    path: tf.Tensor, plan: Plan, report: SkipReport
) -> tf.data.Dataset:
    """The serialised records of one shard that parse, in order.

    What is broken is noted in the report.
    """

    def sound(path: bytes) -> Iterator[np.ndarray]:
        for piece in valid_pieces(os.fsdecode(path), plan, report):
            yield np.array([record for _, record in piece], object)

    return tf.data.Dataset.from_generator(
        sound, args=(path,), output_signature=tf.TensorSpec([None], tf.string)
    ).unbatch()


Piece = list[tuple[int, bytes]]  # offsets and records


def valid_pieces(path: str, plan: Plan, report: SkipReport) -> Iterator[Piece]:
    """The records of a shard that parse.

    They are checked some at a time; where those do not parse together, one by
    one. What is broken in the framing is passed over up to the next record
    that can be found.
    """
    for piece in _pieces(path, report):
        if _parses([record for _, record in piece], plan):
            yield piece
            continue
        sound = []
        for offset, record in piece:
            if _parses([record], plan):
                sound.append((offset, record))
                continue
            length = FRAMING_BYTES + len(record)
            report.add(Skip(path, offset, length, _reason(record, plan)))
        yield sound


def _parses(records: list[bytes], plan: Plan) -> bool:
    parse = parse_segments if plan.rated else parse_batch
    try:
        parse(tf.constant(records, tf.string), plan)
    except tf.errors.OpError:
        return False
    return True


def _pieces(path: str, report: SkipReport) -> Iterator[Piece]:
    """The records of a shard, some at a time; notes what is broken."""

    def on_broken(error: CorruptRecordError, after: int) -> None:
        length = after - error.offset
        report.add(Skip(path, error.offset, length, error.reason))

    piece: Piece = []
    held = 0
    for offset, record in iter_records(path, on_broken):
        piece.append((offset, record))
        held += len(record)
        if len(piece) == CHECKED_RECORDS or held > CHECKED_BYTES:
            yield piece
            piece, held = [], 0
    yield piece


def _reason(record: bytes, plan: Plan) -> str:
    try:
        check_record(record, plan)
    except ValueError as error:
        return str(error)
    return "the record does not parse"
