"""Rated segments of videos as examples to train on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import tensorflow as tf

from keras_attend_fusion.data.arguments import integer, seed_or_none
from keras_attend_fusion.data.choose import check_classes, choose_classes
from keras_attend_fusion.data.levels import choose_schema
from keras_attend_fusion.data.parse import parse_segments
from keras_attend_fusion.data.plan import class_count, make_plan
from keras_attend_fusion.data.reader import PREFETCH, find_shards
from keras_attend_fusion.data.schema import Schema
from keras_attend_fusion.data.shards import Pattern, without_autotune
from keras_attend_fusion.data.sharing import share
from keras_attend_fusion.data.skipping import SkipReport
from keras_attend_fusion.data.sources import PARALLEL, read_records

VIDEOS_AT_ONCE = 32  # parsed together
SHUFFLE_BUFFER = 8192  # segments, about 50 MB


def load_segments(
    pattern: Pattern,
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
    process: tuple[int, int] = (0, 1),
) -> tf.data.Dataset:
    """Reads the rated segments of shards: `(features, labels, weights)`.

    People were shown five seconds of a video and one class at a time, and
    said whether it is there: `segment_start_times`, `segment_labels` and
    `segment_scores` of a record, three parallel lists. Each start of a video
    is one example here, whatever number of classes it was rated for.

    - Features are those of `load` at frame level with T = 5. Frames beyond
      the end of the video are zeros and False in the masks.
    - Labels: float32, `(batch, num_classes)`, the score (0 to 1) of the
      classes that were rated, 0 elsewhere.
    - Weights: float32, of that shape, 1 for the classes that were rated and 0
      for the others, of which nothing is known. Keras takes them as the
      `sample_weight` of a loss that has one value a class, such as
      `kaf.training.ClasswiseCrossentropy`.

    Videos without a rated segment give nothing.

    Args:
        pattern: As in `load`, like the other arguments.
        batch_size: Segments in a batch.
        num_classes: As in `load`.
        classes: As in `load`, of labels and weights. A segment that was rated
            for none of them stays, with a weight of 0 throughout.
        max_frames: As in `load`; a segment that starts later is an error.
        shuffle: As in `load`; segments are shuffled in a buffer of 8192.
        seed: As in `load`.
        repeat: As in `load`.
        drop_remainder: As in `load`.
        modalities: As in `load`.
        with_id: Adds `features["id"]`, the video's id, and
            `features["start"]`, int64: the second that the segment starts at.
        on_corrupt: As in `load`. A segment that starts beyond the end of its
            video makes its record one that cannot be used.
        report: As in `load`.
        schema: As in `load`.
        process: As in `load`.

    Raises:
        ValueError: As `load`.

    Example:

    >>> import tempfile
    >>> from keras_attend_fusion.data import synthesize
    >>> folder = tempfile.mkdtemp()
    >>> _ = synthesize(folder, "segment", videos=20, shards=2, classes=4)
    >>> rated = load_segments(f"{folder}/train-*", batch_size=8, num_classes=4)
    >>> features, labels, weights = next(iter(rated))
    >>> features["rgb"].shape, labels.shape, weights.shape
    (TensorShape([8, 5, 1024]), TensorShape([8, 4]), TensorShape([8, 4]))

    Reference:
        - [The 3rd YouTube-8M Video Understanding Challenge](
          https://www.kaggle.com/c/youtube8m-2019/data).
    """
    batch_size, seed = integer("batch_size", batch_size), seed_or_none(seed)
    paths = find_shards(pattern, on_corrupt)
    level = "segment" if schema is None else "auto"
    schema = choose_schema(paths, level, schema)
    if schema.level != "frame":
        raise ValueError("Segments are of frames; the schema has none.")
    if num_classes is None:
        num_classes = class_count(schema)
    check_classes(classes, num_classes)
    plan = dataclasses.replace(
        make_plan(schema, num_classes, max_frames, modalities, with_id),
        rated=True,
    )
    records = read_records(
        share(paths, process, on_corrupt),
        plan,
        shuffle=shuffle,
        seed=seed,
        on_corrupt=on_corrupt,
        report=report or SkipReport(log=True),
        cache=None,
        here=True,
    )
    if repeat:
        records = records.repeat()
    segments = (
        records.batch(VIDEOS_AT_ONCE)
        .map(
            lambda serialized: parse_segments(serialized, plan),
            num_parallel_calls=PARALLEL,
            deterministic=True,
        )
        .unbatch()
    )
    if shuffle:
        segments = segments.shuffle(SHUFFLE_BUFFER, seed)
    batches = segments.batch(batch_size, drop_remainder)
    batches = choose_classes(batches, classes)
    return without_autotune(batches.prefetch(PREFETCH))


def count_segments(
    pattern: Pattern,
    *,
    num_classes: int | None = None,
    max_frames: int | None = None,
    on_corrupt: str = "error",
    schema: Schema | None = None,
    process: tuple[int, int] = (0, 1),
) -> int:
    """How many segments `load_segments` with these arguments delivers.

    Reads the shards through once.

    Args:
        pattern: As in `load`, like the other arguments.
        num_classes: As in `load`.
        max_frames: As in `load`.
        on_corrupt: As in `load`.
        schema: As in `load`.
        process: As in `load`.

    Raises:
        ValueError: As `load`.
    """
    segments = load_segments(
        pattern,
        VIDEOS_AT_ONCE,
        num_classes=num_classes,
        max_frames=max_frames,
        on_corrupt=on_corrupt,
        schema=schema,
        process=process,
        with_id=True,
    )
    return sum(
        len(features["start"])
        for features, _, _ in segments.as_numpy_iterator()
    )
