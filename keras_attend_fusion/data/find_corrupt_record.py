"""Finding the record that stopped a reader."""

from __future__ import annotations

import dataclasses

from keras_attend_fusion.data.check import find_corrupt
from keras_attend_fusion.data.errors import CorruptRecordError
from keras_attend_fusion.data.levels import choose_schema
from keras_attend_fusion.data.plan import make_plan
from keras_attend_fusion.data.schema import Schema
from keras_attend_fusion.data.shards import Pattern, list_shards


def find_corrupt_record(
    pattern: Pattern,
    level: str = "auto",
    *,
    num_classes: int | None = None,
    max_frames: int | None = None,
    with_id: bool = False,
    schema: Schema | None = None,
    rated: bool = False,
) -> CorruptRecordError | None:
    """Finds the first record that `load` with these arguments fails at.

    Errors raised while a dataset is iterated do not say where; this walks
    the shards in order, which takes about as long as reading them once.

    Args:
        pattern: As in `load`, like the other arguments.
        level: As in `load`.
        num_classes: As in `load`.
        max_frames: As in `load`.
        with_id: As in `load`.
        schema: As in `load`.
        rated: Whether it is `load_segments` that fails.

    Returns:
        An error naming the file, the record and the reason; `None` if every
        record is sound.

    Example:

    >>> import tempfile
    >>> import tensorflow as tf
    >>> path = f"{tempfile.mkdtemp()}/a.tfrecord"
    >>> with tf.io.TFRecordWriter(path) as writer:
    ...     writer.write(b"garbage!")
    >>> find_corrupt_record(path, "video").reason
    '8 bytes are not a tf.train.Example'
    """
    paths = list_shards(pattern)
    try:
        schema = choose_schema(paths, level, schema)
    except CorruptRecordError as error:
        return error
    plan = make_plan(schema, num_classes, max_frames, with_id=with_id)
    return find_corrupt(paths, dataclasses.replace(plan, rated=rated))
