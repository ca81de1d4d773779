"""One reader for every level of YouTube-8M."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tensorflow as tf

from keras_attend_fusion.data.arguments import (
    integer,
    on_corrupt_mode,
    process_pair,
    seed_or_none,
)
from keras_attend_fusion.data.buckets import (
    bucket_limits,
    in_buckets,
)
from keras_attend_fusion.data.choose import check_classes, choose_classes
from keras_attend_fusion.data.direct.batch_sampler import (
    BatchSampler,
    record_places,
)
from keras_attend_fusion.data.direct.batches import direct_batches
from keras_attend_fusion.data.direct.shards import readable
from keras_attend_fusion.data.direct.valid_records import valid_places
from keras_attend_fusion.data.errors import CorruptRecordError
from keras_attend_fusion.data.levels import choose_schema
from keras_attend_fusion.data.parse import parse_batch
from keras_attend_fusion.data.plan import class_count, make_plan
from keras_attend_fusion.data.schema import Schema
from keras_attend_fusion.data.shard_bytes import size_of
from keras_attend_fusion.data.shards import (
    Pattern,
    list_shards,
    without_autotune,
)
from keras_attend_fusion.data.sharing import share
from keras_attend_fusion.data.skipping import SkipReport
from keras_attend_fusion.data.sources import PARALLEL, read_records

PREFETCH = 2
AT_ONCE = 16  # shards; remote ones answer slowly


def load(
    pattern: Pattern,
    level: str = "auto",
    batch_size: int = 512,
    *,
    num_classes: int | None = None,
    classes: Sequence[int] | None = None,
    max_frames: int | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    repeat: bool = False,
    drop_remainder: bool = False,
    modalities: Sequence[str] | None = None,
    with_id: bool = False,
    on_corrupt: str = "error",
    report: SkipReport | None = None,
    schema: Schema | None = None,
    bucket: bool = False,
    cache: str | Path | None = None,
    process: tuple[int, int] = (0, 1),
    service: str | None = None,
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

    Shards on a local disk are read straight from their bytes, one batch at a
    time, and TensorFlow's parser is asked only about records that are put
    down unusually. With `on_corrupt="skip"` each shard is looked through when
    it is first opened. Remote shards, those compressed with GZIP or ZLIB
    (told by their first bytes, whatever their names), and those read with
    `cache` or `service`, are read and parsed by tf.data: the batches are the
    same, up to their order. The lengths of a shard's records are looked at
    before TensorFlow reads it for the first time: it takes a cut within the
    12 bytes before a record for the end of the shard, and asks for whatever
    memory a length claims.

    Args:
        pattern: A path, a glob, or a list of them, as `list_shards` takes them;
            any scheme that `tf.io.gfile` knows.
        level: `"video"`, `"frame"`, `"segment"`, or `"auto"` to look at the
            first record that can be read.
        batch_size: Videos in a batch.
        num_classes: How many classes there are: labels lie below it. None
            for those that the schema names; YouTube-8M's 3862 if it names
            none.
        classes: Indices of those to deliver, one for each column of the
            labels, which are then `(batch, len(classes))`; None for all. A
            record without any of them stays, and its labels are zeros.
        max_frames: Frames kept of a video, from its start; by default the
            schema's `max_frames`: 300 for YouTube-8M, 10 for AudioSet.
        shuffle: Whether shards and records come in another order each
            epoch: all records of 16 shards at least, and of 16384 records,
            are shuffled together. Where the reader holds records, not their
            places (see above), it is in a buffer of about 75 MB. Without it
            the order is always the same.
        seed: Fixes the shuffled order of each epoch, together with
            TensorFlow's global seed.
        repeat: Whether the dataset starts again at its end, for ever.
        drop_remainder: Whether the last, smaller batch is left out, so that
            the batch size is static.
        modalities: Names of those to deliver, such as `("rgb",)`. Records
            are checked for all of them; one that lacks those asked for but
            has another stays, with a row of zeros or an empty mask.
        with_id: Adds `features["id"]`, strings of shape `(batch,)`. A model
            takes none: pass it `without_id(dataset)`.
        on_corrupt: `"error"` stops at a record that cannot be used, or a
            shard that cannot be read; `"skip"` passes over it, on to the
            next that can be found, and notes it in `report`.
        report: Where skips are noted. Without one each is logged.
        schema: The layout of other records than YouTube-8M's; `level` is
            then the schema's. None for the `schema.json` in the folder of
            the shards, if there is one (`find_schema`).
        bucket: At frame level, whether batches are of videos of like length:
            one bucket for every `FRAME_MULTIPLE` frames. Videos then come in
            another order, and each bucket may end with a smaller batch;
            `count_batches` counts them.
        cache: Keeps the records as they are read the first time: `"memory"`,
            or a folder on a fast disk, for one process.
        process: `(index, processes)`: reads an equal share of the records,
            each in exactly one share, mostly from shards of its own. Every
            process has to name the same shards.
        service: Address of a tf.data service, such as
            `"grpc://host:5000"`, whose workers read and parse; they need to
            see the shards under the same names. Shards are dealt out to the
            workers as they go, so the order is open.

    Raises:
        ValueError: An argument is out of range; `classes` names one twice or
            one that is not there; `process` or `bucket` does
            not go with the others; no shard matches
            (`NoShardsError`); a shard is empty, or no first record can be
            read (`CorruptRecordError`).
        tf.errors.OpError: While iterating with `on_corrupt="error"`, at a
            record that cannot be used. The message names it where shards
            are read straight from their bytes; else `find_corrupt_record`
            finds it.

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
    if service and (on_corrupt == "skip" or process != (0, 1) or cache):
        raise ValueError(
            "A tf.data service deals the shards out by itself and has no way "
            "to report skips: leave out on_corrupt='skip', process and cache."
        )
    batch_size, seed = integer("batch_size", batch_size), seed_or_none(seed)
    if cache is not None and not isinstance(cache, str | os.PathLike):
        raise ValueError(f"cache has to be 'memory' or a path, got {cache!r}.")
    process = process_pair(process)
    paths = find_shards(pattern, on_corrupt)
    schema = choose_schema(paths, level, schema)
    if num_classes is None:
        num_classes = class_count(schema)
    check_classes(classes, num_classes)
    if bucket and schema.level == "video":
        raise ValueError("bucket is for frames; these shards have none.")
    plan = make_plan(schema, num_classes, max_frames, modalities, with_id)
    ranges = share(paths, process, on_corrupt)
    if report is None:
        report = SkipReport(log=True)
    if readable(paths) and not cache and not service:
        find = record_places
        if on_corrupt == "skip":
            find = functools.partial(valid_places, plan=plan, report=report)
        order = BatchSampler(
            ranges,
            find,
            batch_size,
            shuffle=shuffle,
            seed=_numbers(seed),
            repeat=repeat,
            drop_remainder=drop_remainder,
            limits=bucket_limits(plan) if bucket else None,
        )
        size = batch_size if drop_remainder else None
        batches = direct_batches(ranges, order, plan, size)
        batches = choose_classes(batches, classes)
        return without_autotune(batches.prefetch(PREFETCH))
    records = read_records(
        ranges,
        plan,
        shuffle=shuffle,
        seed=seed,
        on_corrupt=on_corrupt,
        report=report,
        cache=cache,
        here=service is None,
    )
    if repeat:
        records = records.repeat()
    if bucket:
        batches = in_buckets(records, plan, batch_size, drop_remainder)
    else:
        batches = records.batch(batch_size, drop_remainder)
    batches = batches.map(
        lambda serialized: parse_batch(serialized, plan),
        num_parallel_calls=PARALLEL,
        deterministic=True,
    )
    if service:
        batches = batches.apply(
            tf.data.experimental.service.distribute(
                tf.data.experimental.service.ShardingPolicy.DYNAMIC, service
            )
        )
    batches = choose_classes(batches, classes)
    return without_autotune(batches.prefetch(PREFETCH))


def _numbers(seed: int | None) -> list[int] | None:
    """What a seed and TensorFlow's global one stand for, as tf.data has it."""
    seeds = tf.compat.v1.get_seed(seed)
    return None if None in seeds else [int(number) % 2**63 for number in seeds]


def find_shards(pattern: Pattern, on_corrupt: str) -> list[str]:
    """The files of a pattern; with `"error"`, none that is empty or gone."""
    on_corrupt_mode(on_corrupt)
    paths = list_shards(pattern)
    if on_corrupt == "error":
        _reject_empty(paths)
    return paths


def _reject_empty(paths: list[str]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for path, size in zip(paths, pool.map(size_of, paths), strict=True):
            if size == 0:
                raise CorruptRecordError(path, 0, 0, "the file is empty")
