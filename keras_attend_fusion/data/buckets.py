"""Batches of videos of like length, so that the short ones cost less."""

from __future__ import annotations

from collections import Counter

import tensorflow as tf

from keras_attend_fusion.data.parse import FRAME_MULTIPLE
from keras_attend_fusion.data.plan import Plan


def in_buckets(
    records: tf.data.Dataset, plan: Plan, batch_size: int, drop_remainder: bool
) -> tf.data.Dataset:
    """Batches of serialised records, each of one bucket.

    There is one for every `FRAME_MULTIPLE` frames, which batches are padded
    to. A record's frames are told by its bytes.
    """
    limits = bucket_limits(plan)
    return records.bucket_by_sequence_length(
        lambda record: tf.strings.length(record),
        bucket_boundaries=limits,
        bucket_batch_sizes=[batch_size] * (len(limits) + 1),
        drop_remainder=drop_remainder,
        no_padding=True,
    )


def batches_in_buckets(
    lengths: list[int], plan: Plan, batch_size: int, drop_remainder: bool
) -> int:
    """How many batches `in_buckets` makes of records of those bytes."""
    limits = bucket_limits(plan)
    sizes = Counter(sum(n >= limit for limit in limits) for n in lengths)
    if drop_remainder:
        return sum(n // batch_size for n in sizes.values())
    return sum(-(-n // batch_size) for n in sizes.values())


def bucket_limits(plan: Plan) -> list[int]:
    """Bytes from which on a record is of the next bucket."""
    # Each frame has nine bytes of framing around its own.
    second = sum(
        modality.stored_bytes + 9 for modality in plan.schema.modalities
    )
    frames = range(FRAME_MULTIPLE, plan.max_frames, FRAME_MULTIPLE)
    context = 100  # about: the id, the labels and the names of the features
    return [count * second + second // 2 + context for count in frames]
