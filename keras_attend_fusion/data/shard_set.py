"""Shards, with how they are to be read, as one value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import tensorflow as tf

from keras_attend_fusion.data.arguments import (
    integer,
    on_corrupt_mode,
    process_pair,
)
from keras_attend_fusion.data.choose import check_classes
from keras_attend_fusion.data.count import count
from keras_attend_fusion.data.count_batches import count_batches
from keras_attend_fusion.data.errors import CorruptRecordError
from keras_attend_fusion.data.find_corrupt_record import find_corrupt_record
from keras_attend_fusion.data.inspect import ShardStats, inspect
from keras_attend_fusion.data.levels import resolve_schema
from keras_attend_fusion.data.plan import class_count
from keras_attend_fusion.data.reader import load
from keras_attend_fusion.data.schema import Schema
from keras_attend_fusion.data.segments import count_segments, load_segments
from keras_attend_fusion.data.shards import Pattern, list_shards


@dataclass(frozen=True)
class ShardSet:
    """Shards and their layout, said once and read in every way.

    The methods are the functions of `kaf.data` by the same names, with what
    is given here filled in; what is left are the arguments of one reading,
    such as `batch_size` and `shuffle`. Making one reads nothing.

    Args:
        pattern: A path, a glob, or a list of them.
        level: `"video"`, `"frame"`, `"segment"`, or `"auto"`.
        num_classes: int, how many classes the labels have; None for those
            that the schema names, YouTube-8M's 3862 if it names none.
        classes: Indices of those to deliver; None for all.
        schema: The layout of other records than YouTube-8M's; None for the
            `schema.json` beside the shards, if there is one.
        on_corrupt: `"error"` or `"skip"`.
        modalities: Names of those to deliver; None for all.
        max_frames: Frames kept of a video; None for the schema's.
        process: `(index, processes)`: the share of the records to deliver.
            `count` and `count_batches` are of all records.

    Raises:
        ValueError: An argument is out of range.

    Example:

    >>> import tempfile
    >>> from keras_attend_fusion.data import synthesize
    >>> folder = tempfile.mkdtemp()
    >>> _ = synthesize(folder, "video", videos=20, shards=2, classes=4)
    >>> shards = ShardSet(f"{folder}/train-*", num_classes=4)
    >>> shards.count(), shards.count_batches(batch_size=8)
    (20, 3)
    >>> features, labels = next(iter(shards.load(batch_size=8)))
    >>> features["rgb"].shape, labels.shape
    (TensorShape([8, 1024]), TensorShape([8, 4]))
    """

    pattern: Pattern
    level: str = "auto"
    num_classes: int | None = None
    classes: Sequence[int] | None = None
    schema: Schema | None = None
    on_corrupt: str = "error"
    modalities: Sequence[str] | None = None
    max_frames: int | None = None
    process: tuple[int, int] = (0, 1)

    def __post_init__(self) -> None:
        if self.num_classes is not None:
            integer("num_classes", self.num_classes)
            check_classes(self.classes, self.num_classes)
        on_corrupt_mode(self.on_corrupt)
        process_pair(self.process)
        if self.max_frames is not None:
            integer("max_frames", self.max_frames)
        # A list of the caller's may change; what is frozen does not.
        for name in ("pattern", "classes", "modalities"):
            value = getattr(self, name)
            if isinstance(value, list | range):
                object.__setattr__(self, name, tuple(value))

    def paths(self) -> list[str]:
        """The files, sorted."""
        return list_shards(self.pattern)

    def resolved(self) -> ShardSet:
        """The same with a schema and a number of classes.

        They are those that the methods read with: see `resolve_schema`. Looks
        at the first records.
        """
        schema = resolve_schema(self.pattern, self.level, self.schema)
        classes = self.num_classes
        return replace(
            self,
            level=schema.level,
            schema=schema,
            num_classes=class_count(schema) if classes is None else classes,
        )

    def load(self, batch_size: int = 512, **reading: Any) -> tf.data.Dataset:
        """Batches of `(features, labels)`; see `kaf.data.load`.

        Args:
            batch_size: int, videos in a batch.
            **reading: `shuffle`, `seed`, `repeat`, `drop_remainder`,
                `with_id`, `report`, `bucket`, `cache` and `service`.
        """
        return load(
            self.pattern,
            self.level,
            batch_size,
            num_classes=self.num_classes,
            classes=self.classes,
            max_frames=self.max_frames,
            modalities=self.modalities,
            on_corrupt=self.on_corrupt,
            schema=self.schema,
            process=self.process,
            **reading,
        )

    def load_segments(
        self, batch_size: int = 512, **reading: Any
    ) -> tf.data.Dataset:
        """Batches of rated segments; see `kaf.data.load_segments`.

        Args:
            batch_size: int, segments in a batch.
            **reading: `shuffle`, `seed`, `repeat`, `drop_remainder`,
                `with_id` and `report`.
        """
        return load_segments(
            self.pattern,
            batch_size,
            num_classes=self.num_classes,
            classes=self.classes,
            max_frames=self.max_frames,
            modalities=self.modalities,
            on_corrupt=self.on_corrupt,
            schema=self.schema,
            process=self.process,
            **reading,
        )

    def count(self, digests: dict[str, str] | None = None) -> int:
        """Records, by their framing; see `kaf.data.count`."""
        return count(self.pattern, self.on_corrupt, digests)

    def count_batches(
        self,
        batch_size: int = 512,
        *,
        drop_remainder: bool = False,
        bucket: bool = False,
    ) -> int:
        """Batches of all records; see `kaf.data.count_batches`."""
        return count_batches(
            self.pattern,
            self.level,
            batch_size,
            max_frames=self.max_frames,
            drop_remainder=drop_remainder,
            on_corrupt=self.on_corrupt,
            schema=self.schema,
            bucket=bucket,
        )

    def count_segments(self) -> int:
        """Rated segments, read once; see `kaf.data.count_segments`."""
        return count_segments(
            self.pattern,
            num_classes=self.num_classes,
            max_frames=self.max_frames,
            on_corrupt=self.on_corrupt,
            schema=self.schema,
            process=self.process,
        )

    def inspect(
        self, progress: Callable[[int, int], None] | None = None
    ) -> list[ShardStats]:
        """What each shard holds; see `kaf.data.inspect`."""
        return inspect(
            self.pattern,
            self.num_classes,
            progress,
            self.level,
            self.schema,
            self.max_frames,
        )

    def find_corrupt_record(
        self, *, with_id: bool = False, rated: bool = False
    ) -> CorruptRecordError | None:
        """The first record that cannot be used, or None.

        Args:
            with_id: Whether ids are asked for, too.
            rated: Whether `load_segments` is to use it.
        """
        return find_corrupt_record(
            self.pattern,
            self.level,
            num_classes=self.num_classes,
            max_frames=self.max_frames,
            with_id=with_id,
            schema=self.schema,
            rated=rated,
        )
