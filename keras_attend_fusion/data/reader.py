"""One reader for every level of YouTube-8M."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tensorflow as tf

from keras_attend_fusion.data.check import find_corrupt
from keras_attend_fusion.data.count import count
from keras_attend_fusion.data.parse import parse_batch
from keras_attend_fusion.data.plan import Plan, make_plan, schema_of
from keras_attend_fusion.data.schema import Schema, detect_level
from keras_attend_fusion.data.shards import (
    CorruptRecordError,
    expand,
    size_of,
    walk,
    without_autotune,
)
from keras_attend_fusion.data.skipping import SkipReport, sound_records

PARALLEL = min(4, os.cpu_count() or 1)
PREFETCH = 2
# Shards read by turns: fixed, for the order of records depends on it; more
# when shuffling, so that a batch mixes several.
SHARDS_AT_ONCE, SHUFFLED_SHARDS = 4, 16
SHUFFLE_BUFFER = {"video": 16384, "frame": 512}  # Records, about 75 MB.

Pattern = str | Path | Sequence[str | Path]


def load(
    pattern: Pattern,
    level: str = "auto",
    batch_size: int = 512,
    *,
    num_classes: int = 3862,
    max_frames: int = 300,
    shuffle: bool = False,
    seed: int | None = None,
    repeat: bool = False,
    drop_remainder: bool = False,
    modalities: Sequence[str] | None = None,
    with_id: bool = False,
    on_corrupt: str = "error",
    report: SkipReport | None = None,
    schema: Schema | None = None,
) -> tf.data.Dataset:
    """Reads shards into batches of `(features, labels)`.

    Features at video level:

    - `rgb`: float32, `(batch, 1024)`, and `audio`: float32, `(batch, 128)`.
      A modality that a record lacks is a row of zeros; a row of zeros in a
      record counts as lacking too. Models mask such rows out.

    Features at frame level, and of segment records:

    - `rgb`: uint8, `(batch, T, 1024)`, and `audio`: uint8,
      `(batch, T, 128)`, as stored: the model dequantises them.
    - `rgb_mask` and `audio_mask`: bool, `(batch, T)`, True on the frames the
      video has. Padding is at the end; a modality that a record lacks has a
      mask of False throughout, and the two may differ in length.

    T is the longest video of the batch, rounded up to a multiple of
    `FRAME_MULTIPLE` (60) and at most `max_frames`; later frames are cut.

    Labels are multi-hot, uint8, `(batch, num_classes)`: zeros for a record
    without labels, as in the test partition.

    Every buffer and thread count is fixed and tf.data's autotuner is off.

    The lengths of a shard's records are looked at before TensorFlow reads it
    for the first time: it takes a cut within the 12 bytes before a record for
    the end of the shard, and asks for whatever memory a length claims.

    Args:
        pattern: A path, a glob, or a list of them; any scheme that
            `tf.io.gfile` knows.
        level: `"video"`, `"frame"`, `"segment"`, or `"auto"` to look at the
            first record that can be read.
        batch_size: Videos in a batch.
        num_classes: Width of the labels.
        max_frames: Frames kept of a video.
        shuffle: Whether shards and records come in another order each
            epoch. Records are shuffled in a buffer of about 75 MB. Without
            it the order is always the same.
        seed: Fixes the shuffled order of each epoch, together with
            TensorFlow's global seed.
        repeat: Whether the dataset starts again at its end, for ever.
        drop_remainder: Whether the last, smaller batch is left out, so that
            the batch size is static.
        modalities: Names of those to deliver, such as `("rgb",)`. Records
            are checked for all of them; one that lacks those asked for but
            has another stays, with a row of zeros or an empty mask.
        with_id: Adds `features["id"]`, strings of shape `(batch,)`.
        on_corrupt: `"error"` stops at a record that can not be used;
            `"skip"` passes over it, on to the next that can be found, and
            notes it in `report`.
        report: Where skips are noted. Without one each is logged.
        schema: The layout of other records than YouTube-8M's; `level` is
            then the schema's.

    Raises:
        ValueError: An argument is out of range; no shard matches
            (`NoShardsError`); a shard is empty, or no first record can be
            read (`CorruptRecordError`).
        tf.errors.OpError: While iterating with `on_corrupt="error"`, at a
            record that can not be used: `diagnose` finds which.

    Example:

    >>> import tempfile
    >>> from keras_attend_fusion.data import synthesize
    >>> folder = tempfile.mkdtemp()
    >>> _ = synthesize(folder, "video", videos=20, shards=2, classes=4)
    >>> train = load(f"{folder}/train-*", batch_size=8, num_classes=4)
    >>> features, labels = next(iter(train))
    >>> features["rgb"].shape, features["audio"].shape, labels.shape
    (TensorShape([8, 1024]), TensorShape([8, 128]), TensorShape([8, 4]))
    """
    if batch_size < 1:
        raise ValueError(f"batch_size has to be positive, got {batch_size}.")
    if on_corrupt not in ("error", "skip"):
        raise ValueError(
            f"on_corrupt has to be 'error' or 'skip', got {on_corrupt!r}."
        )
    paths = expand(pattern)
    if on_corrupt == "error":
        _reject_empty(paths)
    schema = _choose_schema(paths, level, schema)
    plan = make_plan(schema, num_classes, max_frames, modalities, with_id)
    records = _records(paths, plan, shuffle, seed, on_corrupt, report)
    if repeat:
        records = records.repeat()
    batches = (
        records.batch(batch_size, drop_remainder)
        .map(
            lambda serialized: parse_batch(serialized, plan),
            num_parallel_calls=PARALLEL,
            deterministic=True,
        )
        .prefetch(PREFETCH)
    )
    return without_autotune(batches)


def diagnose(
    pattern: Pattern,
    level: str = "auto",
    *,
    num_classes: int = 3862,
    with_id: bool = False,
    schema: Schema | None = None,
) -> CorruptRecordError | None:
    """Finds the first record that `load` with these arguments fails at.

    Errors raised while a dataset is iterated do not say where; this walks
    the shards in order, which takes about as long as reading them once.

    Args:
        pattern: As in `load`, like the other arguments.
        level: As in `load`.
        num_classes: As in `load`.
        with_id: As in `load`.
        schema: As in `load`.

    Returns:
        An error naming the file, the record and the reason; `None` if every
        record is sound.

    Example:

    >>> import tempfile
    >>> path = f"{tempfile.mkdtemp()}/a.tfrecord"
    >>> with tf.io.TFRecordWriter(path) as writer:
    ...     writer.write(b"garbage!")
    >>> diagnose(path, "video").reason
    '8 bytes are no tf.train.Example'
    """
    paths = expand(pattern)
    try:
        schema = _choose_schema(paths, level, schema)
    except CorruptRecordError as error:
        return error
    plan = make_plan(schema, num_classes, with_id=with_id)
    return find_corrupt(paths, plan)


def _records(
    paths: list[str],
    plan: Plan,
    shuffle: bool,
    seed: int | None,
    on_corrupt: str,
    report: SkipReport | None,
) -> tf.data.Dataset:
    """The serialised records of all shards."""
    if report is None:
        report = SkipReport(log=True)

    known: set[bytes] = set()  # shards whose framing is whole

    def checked(path: bytes) -> bytes:
        if path not in known:
            count(path.decode())
            known.add(path)
        return path

    def of_shard(path: tf.Tensor) -> tf.data.Dataset:
        if on_corrupt == "skip":
            return sound_records(path, plan, report)
        path = tf.numpy_function(checked, [path], tf.string)
        return tf.data.TFRecordDataset(tf.ensure_shape(path, []))

    shards = tf.data.Dataset.from_tensor_slices(paths)
    if shuffle:
        shards = shards.shuffle(len(paths), seed)
    records = shards.interleave(
        of_shard,
        cycle_length=SHUFFLED_SHARDS if shuffle else SHARDS_AT_ONCE,
        num_parallel_calls=PARALLEL,
        deterministic=True,
    )
    if shuffle:
        records = records.shuffle(SHUFFLE_BUFFER[plan.schema.level], seed)
    return records


def _reject_empty(paths: list[str]) -> None:
    with ThreadPoolExecutor(16) as pool:  # Remote files answer slowly.
        for path, size in zip(paths, pool.map(size_of, paths), strict=True):
            if size == 0:
                raise CorruptRecordError(path, 0, 0, "the file is empty")


def _choose_schema(
    paths: list[str], level: str, schema: Schema | None
) -> Schema:
    if schema is not None:
        if level not in ("auto", schema.level):
            raise ValueError(
                f"level is {level!r}, but the schema is for {schema.level!r}:"
                " leave level out."
            )
        return schema
    return schema_of(_first_level(paths) if level == "auto" else level)


def _first_level(paths: list[str]) -> str:
    """The level of the first record that can be read."""
    problem: CorruptRecordError | None = None
    for path in paths:
        try:
            for offset, record in walk(path):
                try:
                    return detect_level(record)
                except ValueError as error:
                    reason = str(error)
                    problem = problem or CorruptRecordError(
                        path, offset, 0, reason
                    )
                    break
        except CorruptRecordError as error:
            problem = problem or error
    assert problem is not None
    raise problem
