"""The serialised records of many shards, in the order they are wanted."""

from __future__ import annotations

import os
from pathlib import Path

import tensorflow as tf

from keras_attend_fusion.data.caching import cached
from keras_attend_fusion.data.count import count
from keras_attend_fusion.data.plan import Plan
from keras_attend_fusion.data.sharing import Stretch
from keras_attend_fusion.data.skipping import SkipReport, sound_records

PARALLEL = min(4, os.cpu_count() or 1)
# Shards read by turns: fixed, for the order of records depends on it; more
# when shuffling, so that a batch mixes several.
SHARDS_AT_ONCE, SHUFFLED_SHARDS = 4, 16
SHUFFLE_BUFFER = {"video": 16384, "frame": 512}  # Records, about 75 MB.


def read_records(
    stretches: list[Stretch],
    plan: Plan,
    *,
    shuffle: bool,
    seed: int | None,
    on_corrupt: str,
    report: SkipReport,
    cache: str | Path | None,
    here: bool,
) -> tf.data.Dataset:
    """Reads stretches of shards by turns, and shuffles what comes.

    Args:
        stretches: What to read.
        plan: What a sound record holds.
        shuffle: As in `load`, like the next four.
        seed: See `shuffle`.
        on_corrupt: See `shuffle`.
        report: See `shuffle`.
        cache: See `shuffle`.
        here: Whether this process reads. The framing is then looked at when
            a shard is opened, else at once.
    """
    known: set[bytes] = set()  # shards whose framing is whole

    def checked(path: bytes) -> bytes:
        if path not in known:
            count(path.decode())
            known.add(path)
        return path

    def of_stretch(
        path: tf.Tensor, first: tf.Tensor, records: tf.Tensor
    ) -> tf.data.Dataset:
        if on_corrupt == "skip":
            found = sound_records(path, plan, report)
        else:
            if here:
                path = tf.numpy_function(checked, [path], tf.string)
                path = tf.ensure_shape(path, [])
            found = tf.data.TFRecordDataset(path)
        return found.skip(first).take(records)

    if not here:
        count([one.path for one in stretches])
    parts = tf.data.Dataset.from_tensor_slices(
        (
            [one.path for one in stretches],
            tf.constant([one.first for one in stretches], tf.int64),
            tf.constant([one.records for one in stretches], tf.int64),
        )
    )
    if shuffle:
        parts = parts.shuffle(len(stretches), seed)
    records = parts.interleave(
        of_stretch,
        cycle_length=SHUFFLED_SHARDS if shuffle else SHARDS_AT_ONCE,
        num_parallel_calls=PARALLEL,
        deterministic=True,
    )
    if cache is not None:
        records = cached(records, cache, stretches)
    if shuffle:
        records = records.shuffle(SHUFFLE_BUFFER[plan.schema.level], seed)
    return records
