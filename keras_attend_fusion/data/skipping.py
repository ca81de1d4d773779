"""Reading on past records that can not be used, and keeping count of them."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from absl import logging

from keras_attend_fusion.data.check import check_record
from keras_attend_fusion.data.parse import parse_batch
from keras_attend_fusion.data.plan import Plan
from keras_attend_fusion.data.shards import (
    FRAMING_BYTES,
    broken_framing,
    records_between,
    size_of,
)


@dataclass(frozen=True)
class Skip:
    """A stretch of a shard that was passed over.

    Attributes:
        path: The shard.
        offset: Where the stretch starts, in bytes.
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
            f"Skipped {len(entries)} stretch{'es' * (len(entries) > 1)} "
            f"({lost} bytes) in {shards} shard{'s' * (shards > 1)}:"
        ]
        lines += [f"  {entry}" for entry in entries[:most]]
        if len(entries) > most:
            lines.append(f"  and {len(entries) - most} more")
        return "\n".join(lines)


def sound_records(
    path: tf.Tensor, plan: Plan, report: SkipReport
) -> tf.data.Dataset:
    """The serialised records of one shard that parse, in order.

    A record that does not parse is dropped, and known by the gap that it
    leaves between the offsets of its neighbours. Broken framing ends the
    shard early; what is left of the file then is one entry of the report.
    """
    end = tf.data.Dataset.from_tensors((tf.constant(b""), True))
    records = (
        tf.data.TFRecordDataset(path)
        .ignore_errors()
        .map(lambda record: (record, False))
        .concatenate(end)
        .scan(tf.constant(0, tf.int64), _with_offsets)
        .map(functools.partial(_checked, plan))
        .ignore_errors()
    )

    def account(
        reached: tf.Tensor, entry: tuple[tf.Tensor, ...]
    ) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        record, is_end, start, stop = entry
        noted = tf.cond(
            is_end | (start > reached),
            lambda: tf.numpy_function(
                functools.partial(_note, plan, report),
                [path, reached, start, is_end],
                tf.int64,
            ),
            lambda: tf.constant(0, tf.int64),
        )
        with tf.control_dependencies([noted]):
            return stop, (tf.identity(record), is_end)

    return (
        records.scan(tf.constant(0, tf.int64), account)
        .filter(lambda record, is_end: ~is_end)
        .map(lambda record, is_end: record)
    )


def _with_offsets(
    start: tf.Tensor, entry: tuple[tf.Tensor, tf.Tensor]
) -> tuple[tf.Tensor, tuple[tf.Tensor, ...]]:
    record, is_end = entry
    stop = start + FRAMING_BYTES + tf.cast(tf.strings.length(record), tf.int64)
    return stop, (record, is_end, start, stop)


def _checked(
    plan: Plan,
    record: tf.Tensor,
    is_end: tf.Tensor,
    start: tf.Tensor,
    stop: tf.Tensor,
) -> tuple[tf.Tensor, ...]:
    def parse() -> tf.Tensor:
        _, labels = parse_batch(record[None], plan)
        return tf.reduce_any(labels > 0)

    parsed = tf.cond(is_end, lambda: tf.constant(False), parse)
    with tf.control_dependencies([parsed]):
        return tf.identity(record), is_end, start, stop


def _note(
    plan: Plan,
    report: SkipReport,
    path: bytes,
    reached: np.int64,
    start: np.int64,
    is_end: np.bool_,
) -> np.int64:
    """Notes the records from `reached` to `start`, and a broken rest."""
    name = path.decode()
    for offset, record in records_between(name, int(reached), int(start)):
        length = FRAMING_BYTES + len(record)
        report.add(Skip(name, offset, length, _reason(record, plan)))
    if is_end:
        size = size_of(name)
        if size == 0:
            report.add(Skip(name, 0, 0, "the file is empty"))
        elif size > start:
            reason = broken_framing(name, int(start), size)
            report.add(Skip(name, int(start), size - int(start), reason))
    return np.int64(0)


def _reason(record: bytes, plan: Plan) -> str:
    try:
        check_record(record, plan)
    except ValueError as error:
        return str(error)
    return "the record does not parse"
