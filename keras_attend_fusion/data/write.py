"""Own features to native shards."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_attend_fusion.data import encoding
from keras_attend_fusion.data.arguments import integer
from keras_attend_fusion.data.class_labels import ClassLabels
from keras_attend_fusion.data.find_schema import NAME
from keras_attend_fusion.data.given_video import GivenVideo, given_video
from keras_attend_fusion.data.layout_writer import LayoutWriter
from keras_attend_fusion.data.schema import TASKS, Schema
from keras_attend_fusion.data.shard_file import BUFFER, ShardFile
from keras_attend_fusion.data.synthesize import OutputExistsError
from keras_attend_fusion.data.tables import Table
from keras_attend_fusion.data.write_report import WriteReport
from keras_attend_fusion.files import beside, write_json

# All shards are open at once, and hold some bytes back.
MOST_SHARDS, MOST_BUFFERED = 500, 64 << 20
# Of an iterator, what ranges are fitted to: the first videos, up to as many
# bytes; and by how much of itself a range is widened for what may follow.
FITTED_VIDEOS, FITTED_BYTES, MARGIN = 1000, 64 << 20, 0.1
SPLITS = ("train", "validate")

Ranges = str | tuple[float, float] | Mapping[str, tuple[float, float]]


def write(
    path: str | os.PathLike[str],
    videos: Iterable[Mapping[str, Any]],
    level: str = "frame",
    classes: Iterable[str] | None = None,
    shards: int = 1,
    validate: float = 0.0,
    *,
    dtype: str | Mapping[str, str] | None = None,
    ranges: Ranges = "fit",
    task: str = "multi_label",
    max_frames: int | None = None,
    schema: Schema | None = None,
    progress: Callable[[int], None] | None = None,
) -> WriteReport:
    """Writes own features as shards, which all else here reads.

    The folder gets `train-00000-of-00001.tfrecord` and so on, with
    `validate` some `validate-*.tfrecord`, and `schema.json`: the modalities,
    how they are stored, the classes and the task, which `load`, `train` and
    the other subcommands find by themselves. It is written beside its place
    and renamed, so that an error or a Ctrl-C leaves nothing behind.

    Videos are written as they come; memory holds their ids, and some of them
    while ranges are fitted.

    Args:
        path: The folder; it may exist if it is empty.
        videos: An iterable of dicts, or a `read_table`. Each dict has
            `"id"`, text or a number, another one for each video; `"labels"`,
            indices or names of classes, a list or one of them, none or an
            empty list for a video without labels; and by the name of each
            modality an array (NumPy, PyTorch, a list): at frame level floats
            or uint8 `(frames, size)`, or `(size,)` for what a video has one
            vector of, which becomes one frame; at video level `(size,)`. One
            that a video lacks is left out.
        level: `"video"` or `"frame"`.
        classes: Names of the classes, in the order of their indices. None
            goes by the labels: names are collected in the order in which
            they first come, indices are their own names.
        shards: Files of training videos. Those to validate get a share of
            that number, one at least.
        validate: Share of the videos, from 0 to below 1, that are to
            validate; which ones, a hash of the id decides.
        dtype: Of the stored values, of all modalities or by name: `"uint8"`,
            `"float16"` or `"float32"`. None for float32 at video level, and
            uint8 at frame level. Arrays of uint8 are written as they are.
        ranges: Of uint8, what the bytes 0 and 255 stand for: `(least,
            greatest)` of all modalities or by name, or `"fit"`. Fitted are
            the least and the greatest value of all videos, if `videos` is a
            list, a tuple or a table, which is then read twice; of another
            iterable those of the first 1000 videos (or 64 MB), with a tenth
            more on each side. What lies beyond is clipped, and counted.
            Arrays of uint8 have YouTube-8M's `(-2, 2)` unless it is given.
        task: `"multi_label"`, or `"single_label"`: each video has one label.
        max_frames: The schema's; None for the frames of the longest video.
        schema: The layout of shards that were written before, as
            `find_schema` reads it, to write more of them: level, classes,
            dtypes, ranges, task and max_frames are its own, whatever stands
            above. A model of those shards refuses bytes of other ranges.
        progress: Called with the number of videos written, time and again.

    Returns:
        What was written: files, ranges, clipped values, signal over noise.

    Raises:
        ValueError: There are no videos, or a video cannot be written: its
            arrays are ragged, of other sizes than those before, not finite;
            a label is not a class; its id came before. The message names the
            video and the modality. Or another argument is out of range.
        OutputExistsError: `path` is not an empty folder.
        OSError: A file cannot be written, as of a full disk.

    Example:

    >>> import tempfile
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> videos = [
    ...     {
    ...         "id": f"clip {n}",
    ...         "labels": ["cat" if n % 2 else "dog"],
    ...         "rgb": rng.normal(size=(30, 16)),
    ...         "text": rng.normal(size=8),
    ...     }
    ...     for n in range(20)
    ... ]
    >>> folder = f"{tempfile.mkdtemp()}/shards"
    >>> report = write(folder, videos, validate=0.2)
    >>> report.schema.classes, report.schema.sizes
    (('dog', 'cat'), {'rgb': 16, 'text': 8})
    >>> from keras_attend_fusion.data import load
    >>> features, labels = next(iter(load(f"{folder}/train-*")))
    >>> features["rgb"].dtype, labels.shape[1]
    (tf.uint8, 2)
    """
    shards = integer("shards", shards, most=MOST_SHARDS)
    if schema is not None:
        schema = schema.resolved
        level, classes, task = schema.level, schema.classes, schema.task
        dtype = {part.name: str(part.dtype) for part in schema.modalities}
        ranges, max_frames = schema.ranges or "fit", schema.max_frames
    if level not in ("video", "frame"):
        raise ValueError(f"level has to be 'video' or 'frame', got {level!r}.")
    if task not in TASKS:
        raise ValueError(
            f"task has to be one of {', '.join(TASKS)}, got {task!r}."
        )
    if isinstance(validate, bool) or not 0 <= validate < 1:
        raise ValueError(
            f"validate is a share, from 0 to below 1, got {validate!r}."
        )
    if isinstance(videos, Mapping | str | bytes | os.PathLike):
        raise ValueError(
            "videos has to be an iterable of dicts, one a video, got "
            f"{type(videos).__name__}: read_table reads a file."
        )
    if max_frames is not None:
        max_frames = integer("max_frames", max_frames)
    layout = LayoutWriter(level, dtype, ranges)
    labels = ClassLabels(classes)
    out = Path(path)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputExistsError(
            f"{out} exists and is not an empty folder: remove it or name "
            "another."
        )
    with beside(out) as unfinished:
        unfinished.mkdir()
        splits = _Splits(unfinished, shards, float(validate))
        try:
            _write_records(
                splits, videos, level, layout, labels, task, progress
            )
        except BaseException:
            with contextlib.suppress(OSError):  # the first error counts
                splits.close()
            raise
        splits.close()
        files = splits.rename()
        written = Schema(
            level,
            tuple(column.modality for column in layout.columns.values()),
            max_frames=max_frames
            or (layout.frames if level == "frame" else 300),
            classes=labels.names,
            task=task,
        )
        if schema is not None:
            written = _as_before(schema, written)
        write_json(unfinished / NAME, written.as_json())
    columns = layout.columns
    return WriteReport(
        out,
        written,
        splits.videos,
        files,
        splits.size,
        splits.labels,
        {name: column.videos for name, column in columns.items()},
        {
            name: column.clipped
            for name, column in columns.items()
            if column.modality.dtype == "uint8" and not column.given_bytes
        },
        {name: column.values for name, column in columns.items()},
        {
            name: column.decibels
            for name, column in columns.items()
            if column.decibels is not None
        },
    )


def _as_before(schema: Schema, written: Schema) -> Schema:
    """The earlier schema, if what was written has its sizes.

    Raises:
        ValueError: It has not.
    """
    for name, size in written.sizes.items():
        before = schema.sizes.get(name)
        if size != before:
            raise ValueError(
                f"The videos have {name} of {size} values, but the schema "
                f"that is given has {before or 'no such modality'}."
            )
    parts = {part.name: part for part in written.modalities}
    modalities = tuple(parts.get(part.name, part) for part in schema.modalities)
    return dataclasses.replace(written, modalities=modalities)


def _write_records(
    splits: _Splits,
    videos: Iterable[Mapping[str, Any]],
    level: str,
    layout: LayoutWriter,
    labels: ClassLabels,
    task: str,
    progress: Callable[[int], None] | None,
) -> None:
    rows: dict[str, int] = {}
    for video in _fitted(videos, level, layout):
        first = rows.setdefault(video.id, video.row)
        if first != video.row:
            raise ValueError(
                f"id {video.id!r} is in row {first} and in row {video.row}: "
                "give each video an id of its own."
            )
        try:
            indices = labels.indices(video.labels)
        except ValueError as error:
            raise ValueError(f"{video.name}: {error}") from error
        if task == "single_label" and len(indices) != 1:
            raise ValueError(
                f"{video.name} has {len(indices)} labels, but the task is "
                "single_label: give one"
            )
        context = {
            "id": encoding.bytes_feature(video.id.encode()),
            "labels": encoding.ints_feature(indices),
        }
        features = layout.features(video)
        parts = (
            encoding.example({**context, **features})
            if level == "video"
            else encoding.sequence_example(context, features)
        )
        splits.write(video.id, parts, len(indices))
        if progress is not None:
            progress(video.row + 1)
    if not rows:
        raise ValueError("There are no videos to write.")
    layout.require_all_used()


def _fitted(
    videos: Iterable[Mapping[str, Any]], level: str, layout: LayoutWriter
) -> Iterator[GivenVideo]:
    """The videos, once ranges are fitted to all of them or to the first."""

    def checked() -> Iterator[GivenVideo]:
        for row, values in enumerate(videos):
            yield given_video(row, values, level)

    if isinstance(videos, Sequence | Table):
        if layout.may_fit:
            for video in checked():
                layout.look(video)
            layout.fit(0.0)
        yield from checked()
        return
    rest = checked()
    first: list[GivenVideo] = []
    held = 0
    for video in rest if layout.may_fit else ():
        layout.look(video)
        first.append(video)
        held += sum(array.nbytes for array in video.vectors.values())
        if len(first) >= FITTED_VIDEOS or held >= FITTED_BYTES:
            layout.fit(MARGIN)
            break
    else:
        layout.fit(0.0)
    while first:
        yield first.pop(0)
    yield from rest


class _Splits:
    """The files of both splits, all of them open."""

    def __init__(self, folder: Path, shards: int, validate: float) -> None:
        self._folder, self._validate = folder, validate
        self._buffer = min(BUFFER, MOST_BUFFERED // shards)
        self._most = {
            "train": shards,
            "validate": max(1, round(shards * validate)),
        }
        self._files: dict[str, list[ShardFile]] = {
            split: [] for split in SPLITS
        }
        self._counts = dict.fromkeys(SPLITS, 0)
        self.labels = 0

    @property
    def videos(self) -> dict[str, int]:
        """Videos by split, of splits that have any."""
        return {split: n for split, n in self._counts.items() if n}

    @property
    def size(self) -> int:
        """The size of all files."""
        files = itertools.chain.from_iterable(self._files.values())
        return sum(file.bytes for file in files)

    def write(self, video_id: str, parts: encoding.Parts, labels: int) -> None:
        split = SPLITS[is_to_validate(video_id, self._validate)]
        files = self._files[split]
        number = self._counts[split] % self._most[split]
        if number == len(files):
            files.append(
                ShardFile(self._folder / f"{split}-{number}", self._buffer)
            )
        files[number].write(parts)
        self._counts[split] += 1
        self.labels += labels

    def close(self) -> None:
        for file in itertools.chain.from_iterable(self._files.values()):
            file.close()

    def rename(self) -> dict[str, list[str]]:
        """Gives the files their names, which tell how many there are."""
        total = sum(self._counts.values())
        train, validate = (self._counts[split] for split in SPLITS)
        if not train or (self._validate and not validate):
            lack = "train" if not train else "validate"
            raise ValueError(
                f"validate is {self._validate}: of {total} videos none is to "
                f"{lack}. Give another share, or more videos."
            )
        if train < self._most["train"]:
            raise ValueError(
                f"shards is {self._most['train']}, but there are {train} "
                f"videos to train: pass {train} at most."
            )
        names: dict[str, list[str]] = {}
        for split, files in self._files.items():
            for number, file in enumerate(files):
                name = f"{split}-{number:05d}-of-{len(files):05d}.tfrecord"
                file.path.rename(self._folder / name)
                names.setdefault(split, []).append(name)
        return names


def is_to_validate(video_id: str, share: float) -> bool:
    """Whether a video is among those to validate, told by its id alone.

    Example:

    >>> sum(is_to_validate(f"clip {n}", 0.25) for n in range(1000))
    241
    """
    if not share:
        return False
    digest = hashlib.blake2b(video_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < share * 2**64
