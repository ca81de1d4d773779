"""The serialised records of many shards, in the order they are wanted."""

from __future__ import annotations

import os
from pathlib import Path

import tensorflow as tf

from keras_attend_fusion.data.caching import cached
from keras_attend_fusion.data.count import record_bytes
from keras_attend_fusion.data.errors import CorruptRecordError
from keras_attend_fusion.data.framing import opened
from keras_attend_fusion.data.plan import Plan
from keras_attend_fusion.data.shard_bytes import compression_of
from keras_attend_fusion.data.sharing import RecordRange
from keras_attend_fusion.data.skipping import SkipReport, valid_records

PARALLEL = min(4, os.cpu_count() or 1)
# Shards read by turns: fixed, for the order of records depends on it; more
# when shuffling, so that a batch mixes several.
SHARDS_AT_ONCE, SHUFFLED_SHARDS = 4, 16
SHUFFLE_BUFFER = {"video": 16384, "frame": 512}  # Records, about 75 MB.


def read_records(
    ranges: list[RecordRange],
    plan: Plan,
    *,
    shuffle: bool,
    seed: int | None,
    on_corrupt: str,
    report: SkipReport,
    cache: str | Path | None,
    here: bool,
) -> tf.data.Dataset:
    """Reads ranges of shards by turns, and shuffles what comes.

    Args:
        ranges: What to read.
        plan: What a sound record holds.
        shuffle: As in `load`, like the next four.
        seed: See `shuffle`.
        on_corrupt: See `shuffle`.
        report: See `shuffle`.
        cache: See `shuffle`.
        here: Whether this process reads. The framing is then looked at when
            a shard is opened, else at once.
    """
    compressions: dict[str, str] = {}  # of shards whose framing is whole

    def checked(path: str) -> str:
        if path not in compressions:
            if not sum(1 for _ in record_bytes(path)):
                raise CorruptRecordError(path, 0, 0, "the file is empty")
            with opened(path) as read:
                compressions[path] = compression_of(read)
        return compressions[path]

    def of_range(
        path: tf.Tensor,
        compression: tf.Tensor,
        first: tf.Tensor,
        records: tf.Tensor,
    ) -> tf.data.Dataset:
        if on_corrupt == "skip":
            dataset = valid_records(path, plan, report)
        else:
            if here:
                compression = tf.numpy_function(
                    lambda path: checked(os.fsdecode(path)), [path], tf.string
                )
                compression = tf.ensure_shape(compression, [])
            dataset = tf.data.TFRecordDataset(path, compression)
        return dataset.skip(first).take(records)

    paths = [part.path for part in ranges]
    parts = tf.data.Dataset.from_tensor_slices(
        (
            # Names of files need not be text.
            [os.fsencode(path) for path in paths],
            ["" if here else checked(path) for path in paths],
            tf.constant([part.first for part in ranges], tf.int64),
            tf.constant([part.records for part in ranges], tf.int64),
        )
    )
    if shuffle:
        parts = parts.shuffle(len(ranges), seed)
    records = parts.interleave(
        of_range,
        cycle_length=SHUFFLED_SHARDS if shuffle else SHARDS_AT_ONCE,
        num_parallel_calls=PARALLEL,
        deterministic=True,
    )
    if cache is not None:
        records = cached(records, cache, ranges)
    if shuffle:
        records = records.shuffle(SHUFFLE_BUFFER[plan.schema.level], seed)
    return records
