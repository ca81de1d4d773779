"""Counts what shards hold, and what is wrong with them."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from keras_attend_fusion.data.arguments import integer
from keras_attend_fusion.data.check import (
    NoFramesError,
    RecordFacts,
    check_record,
)
from keras_attend_fusion.data.detect_level import detect_level
from keras_attend_fusion.data.errors import (
    CorruptRecordError,
    UnreadableShardError,
)
from keras_attend_fusion.data.find_schema import schema_beside
from keras_attend_fusion.data.levels import choose_schema
from keras_attend_fusion.data.plan import Plan, make_plan, schema_of
from keras_attend_fusion.data.quantisation import dequantised
from keras_attend_fusion.data.schema import Schema
from keras_attend_fusion.data.shard_bytes import size_of
from keras_attend_fusion.data.shards import Pattern, iter_records, list_shards


@dataclass
class ShardStats:
    """What one shard holds.

    Attributes:
        path: The file.
        level: `"video"`, `"frame"` or `"segment"`, as its first readable
            record has it; `"unknown"` if there is none.
        bytes: The size of the file.
        videos: Records that `load` can use; the counts below are of these.
        frames_min: Frames of the shortest video; None at video level.
        frames_mean: Frames of a video in the mean; None at video level.
        frames_max: Frames of the longest video; None at video level.
        cut: Videos that have more frames than `load` keeps of them.
        labels_total: Labels of all videos together.
        classes: Distinct labels.
        label_max: The highest label; None if there is none.
        without_labels: Videos without labels, as in the test partition.
        without_rgb: Videos whose rgb is absent, if the schema has rgb.
        without_audio: Videos whose audio is absent, if the schema has audio.
        no_frames: Records with no modality; they are among `corrupt` too.
        without_id: Videos whose id is absent, or not stored as bytes.
        without: Videos that lack each modality of the schema, by its name.
        ranges: The least and the largest stored value of each modality: bytes
            where it is stored as uint8, else floats.
        values: The same as real values: what the bytes of uint8 stand for.
        duplicate_audio: Videos whose audio is, byte for byte, that of
            another video of the shard: most likely silence.
        duplicates: The same of each modality.
        corrupt: `(offset in bytes, reason)` of each record that `load`
            cannot use. A range with broken framing is one entry, and a
            shard that cannot be read.
    """

    path: str
    level: str = "unknown"
    bytes: int = 0
    videos: int = 0
    frames_min: int | None = None
    frames_mean: float | None = None
    frames_max: int | None = None
    cut: int = 0
    labels_total: int = 0
    classes: int = 0
    label_max: int | None = None
    without_labels: int = 0
    without_rgb: int = 0
    without_audio: int = 0
    without_id: int = 0
    without: dict[str, int] = field(default_factory=dict)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    values: dict[str, tuple[float, float]] = field(default_factory=dict)
    no_frames: int = 0
    duplicate_audio: int = 0
    duplicates: dict[str, int] = field(default_factory=dict)
    corrupt: list[tuple[int, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The attributes as a dict that `json` can write."""
        return asdict(self)


def inspect(
    pattern: Pattern,
    num_classes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    level: str = "auto",
    schema: Schema | None = None,
    max_frames: int | None = None,
) -> list[ShardStats]:
    """Reads shards through and counts what they hold.

    A record that fails its checks is noted and reading goes on.

    Args:
        pattern: A path, a glob, or a list of them.
        num_classes: If given, a label from it on makes a record corrupt.
        progress: Called with `(shards done, shards in all)`.
        level: `"video"`, `"frame"`, `"segment"`, or `"auto"` to go by the
            first record of each shard that can be read.
        schema: The layout of other records than YouTube-8M's; None for the
            `schema.json` beside the shards, if there is one. Labels beyond
            its classes then make a record corrupt.
        max_frames: As in `load`, for `cut`.

    Returns:
        One `ShardStats` a shard, in order.

    Raises:
        NoShardsError: No file matches.
        ValueError: `level` is none of these, or contradicts the
            `schema.json` beside the shards, or that the records.

    Example:

    >>> import tempfile
    >>> from keras_attend_fusion.data import synthesize
    >>> folder = tempfile.mkdtemp()
    >>> _ = synthesize(folder, "frame", videos=8, shards=2, classes=4)
    >>> [one.videos for one in inspect(f"{folder}/*.tfrecord")]
    [4, 4, 2]
    """
    paths = list_shards(pattern)
    if level != "auto" and schema is None:
        schema_of(level)  # raises if no level has that name
    if schema is not None or schema_beside(paths) is not None:
        schema = choose_schema(paths, level, schema)
    classes = sys.maxsize
    if num_classes is not None:
        classes = integer("num_classes", num_classes)
    elif schema is not None and schema.classes is not None:
        classes = len(schema.classes)
    plan = None
    if schema is not None or level != "auto":
        plan = make_plan(schema or schema_of(level), classes, max_frames)
        level = level if level == "segment" or not schema else schema.level
    stats = []
    for path in paths:
        stats.append(_inspect_shard(path, classes, level, plan, max_frames))
        if progress is not None:
            progress(len(stats), len(paths))
    return stats


def _inspect_shard(
    path: str,
    num_classes: int,
    level: str,
    plan: Plan | None,
    max_frames: int | None,
) -> ShardStats:
    stats = ShardStats(path)
    with contextlib.suppress(UnreadableShardError):  # noted by `iter_records`
        stats.bytes = size_of(path)
    if plan is not None:
        stats.level = level
    sound: list[RecordFacts] = []
    digests: dict[str, Counter[bytes]] = {}

    def on_broken(error: CorruptRecordError, after: int) -> None:
        stats.corrupt.append((error.offset, error.reason))

    for offset, record in iter_records(path, on_broken):
        try:
            if plan is None:
                stats.level = detect_level(record)
                schema = schema_of(stats.level)
                plan = make_plan(schema, num_classes, max_frames)
            facts = check_record(record, plan)
        except ValueError as error:
            stats.no_frames += isinstance(error, NoFramesError)
            stats.corrupt.append((offset, str(error)))
            continue
        for name, vectors in facts.vectors.items():
            counter = digests.setdefault(name, Counter())
            if facts.frames[name]:
                counter[hashlib.blake2b(vectors, digest_size=16).digest()] += 1
        _widen(stats.ranges, facts, plan)
        facts.vectors.clear()  # A shard of frames would fill the memory.
        sound.append(facts)
    _count(stats, sound, plan)
    stats.duplicates = {
        name: sum(n for n in counter.values() if n > 1)
        for name, counter in digests.items()
    }
    stats.duplicate_audio = stats.duplicates.get("audio", 0)
    if plan is not None:
        stats.values = _real_values(stats.ranges, plan)
    return stats


def _count(
    stats: ShardStats, sound: list[RecordFacts], plan: Plan | None
) -> None:
    labels = [label for facts in sound for label in facts.labels]
    stats.videos = len(sound)
    stats.labels_total = len(labels)
    stats.classes = len(set(labels))
    stats.label_max = max(labels, default=None)
    stats.without_id = sum(not facts.id for facts in sound)
    stats.without_labels = sum(not facts.labels for facts in sound)
    if plan is not None:
        stats.without = {
            name: sum(not facts.frames[name] for facts in sound)
            for name in plan.schema.names
        }
    stats.without_rgb = stats.without.get("rgb", 0)
    stats.without_audio = stats.without.get("audio", 0)
    if sound and stats.level != "video":
        frames = [max(facts.frames.values()) for facts in sound]
        stats.frames_min = min(frames)
        stats.frames_mean = sum(frames) / len(frames)
        stats.frames_max = max(frames)
        assert plan is not None  # a sound record has one
        stats.cut = sum(count > plan.max_frames for count in frames)


def _widen(
    ranges: dict[str, tuple[float, float]], facts: RecordFacts, plan: Plan
) -> None:
    """Takes a record's values into the ranges of its modalities."""
    dtypes = {part.name: part.stored_dtype for part in plan.schema.modalities}
    for name, vectors in facts.vectors.items():
        values = np.frombuffer(vectors, dtypes[name])
        if len(values):
            least, most = float(values.min()), float(values.max())
            before = ranges.get(name, (least, most))
            ranges[name] = min(before[0], least), max(before[1], most)


def _real_values(
    ranges: dict[str, tuple[float, float]], plan: Plan
) -> dict[str, tuple[float, float]]:
    """Ranges of stored values as what those stand for."""
    values = {}
    for modality in plan.schema.modalities:
        if modality.name not in ranges:
            continue
        stored = ranges[modality.name]
        if modality.dtype == "uint8":
            least, most = dequantised(np.array(stored), modality.value_range)
            values[modality.name] = float(least), float(most)
        else:
            values[modality.name] = stored
    return values
