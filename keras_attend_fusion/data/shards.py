"""Finding shards and walking over their records."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import tensorflow as tf

from keras_attend_fusion.data.errors import (
    CorruptRecordError as CorruptRecordError,
)
from keras_attend_fusion.data.errors import NoShardsError as NoShardsError
from keras_attend_fusion.data.errors import UnreadableShardError
from keras_attend_fusion.data.framing import (
    CHECKSUM_BYTES,
    FRAMING_BYTES,
    HEADER_BYTES,
    checksum,
)
from keras_attend_fusion.data.patterns import files_of
from keras_attend_fusion.data.remote import check_web, is_list, read_list
from keras_attend_fusion.data.shard_bytes import ShardBytes, shard_bytes
from keras_attend_fusion.data.shard_bytes import size_of as size_of

Place = str | bytes | os.PathLike[str] | os.PathLike[bytes]
Pattern = Place | Sequence[Place]


def list_shards(pattern: Pattern) -> list[str]:
    """Lists the files that one or more patterns name.

    Local paths will do, and every scheme that `tf.io.gfile` knows: `s3://`
    and `http://` through tensorflow-io. An address of the web names one file,
    as it has no globs. A pattern that ends in `.txt`, and the address of a
    download plan, stand for the paths that are listed there. As in a shell,
    `~` is the home folder, and `{a,b}` and `{1..4}` are each of these. Each
    pattern's files are sorted; a file that two patterns name comes once. A
    link that leads nowhere is named too: reading it is an error, or skipped.

    Args:
        pattern: A path, a glob, or a sequence of them: strings, bytes or
            `os.PathLike`.

    Raises:
        NoShardsError: A pattern names no file, or a folder.
        RemoteError: Its scheme needs tensorflow-io, or its server cannot
            send parts of a file.
        ValueError: A pattern is of another type.

    Example:

    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("b.tfrecord", "a.tfrecord"):
    ...     (folder / name).touch()
    >>> [Path(path).name for path in list_shards(folder / "*.tfrecord")]
    ['a.tfrecord', 'b.tfrecord']
    """
    paths: dict[str, None] = {}
    for text in _texts(pattern):
        for path in read_list(text) if is_list(text) else [text]:
            paths.update(dict.fromkeys(files_of(path)))
    check_web(paths)
    return list(paths)


def _texts(pattern: Any) -> list[str]:
    """Patterns as text."""
    if isinstance(pattern, str | bytes | os.PathLike):
        return [text_of(pattern)]
    try:
        texts = [text_of(place) for place in pattern]
    except TypeError:
        return [text_of(pattern)]
    if not texts:
        raise NoShardsError("No shards: the list of patterns is empty.")
    return texts


def text_of(place: Any) -> str:
    """A path or a pattern as text.

    Raises:
        ValueError: It is of another type, or empty.
    """
    if not isinstance(place, str | bytes | os.PathLike):
        raise ValueError(
            "Shards are named by a str, bytes or os.PathLike, or a list of "
            f"them, got {place!r}."
        )
    text = os.fsdecode(place)
    if not text:
        raise NoShardsError("No shards: a path is empty.")
    return text


def without_autotune(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Turns tf.data's autotuner off.

    Its thread can hold an iterator's end for up to a minute, so every
    parallelism and every buffer here is a fixed number.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _raise(error: CorruptRecordError, after: int) -> None:
    raise error


def iter_records(
    path: Place,
    on_broken: Callable[[CorruptRecordError, int], None] = _raise,
) -> Iterator[tuple[int, bytes]]:
    """Yields `(offset, record)` for each record of a shard, in order.

    Checksums are verified. The offset is where the record's framing starts;
    in a shard that is compressed with GZIP or ZLIB, in what it stands for.

    Args:
        path: The shard.
        on_broken: Called with the error of each range that cannot be
            read, and with the offset at which reading goes on: at the next
            record whose header is sound. By default the error is raised.

    Raises:
        CorruptRecordError: The file is empty or cannot be read, or its
            framing is broken at some record.

    Example:

    >>> import tempfile
    >>> path = f"{tempfile.mkdtemp()}/a.tfrecord"
    >>> with tf.io.TFRecordWriter(path) as writer:
    ...     writer.write(b"first")
    ...     writer.write(b"second")
    >>> list(iter_records(path))
    [(0, b'first'), (21, b'second')]
    """
    path = text_of(path)
    try:
        with shard_bytes(path) as shard:
            yield from _walk(path, shard, on_broken)
    except UnreadableShardError as error:
        on_broken(error, error.offset)


def _walk(
    path: str,
    shard: ShardBytes,
    on_broken: Callable[[CorruptRecordError, int], None],
) -> Iterator[tuple[int, bytes]]:
    offset = index = 0
    reported = False  # of what ended the bytes of the shard

    def broken() -> int:
        """Tells what is wrong at `offset`, and where reading goes on."""
        nonlocal reported
        reported = reported or bool(shard.fault)
        reason = shard.reason(offset)
        after = (
            shard.next_record(offset) if shard.reaches(offset + 1) else offset
        )
        on_broken(CorruptRecordError(path, offset, index, reason), after)
        return after

    if not shard.reaches(1):
        broken()
        return
    while shard.reaches(offset + 1):
        record = _record_at(shard, offset)
        if record is not None:
            yield offset, record
            offset += FRAMING_BYTES + len(record)
            index += 1
            continue
        offset = broken()
    if shard.fault and not reported:
        broken()


def _record_at(shard: ShardBytes, offset: int) -> bytes | None:
    """A record whose length fits and whose checksums are right."""
    end = shard.record_end(offset)
    if end is None:
        return None
    framed = shard.read(offset, end - offset)
    if framed[8:HEADER_BYTES] != checksum(framed[:8]):
        return None
    record = framed[HEADER_BYTES:-CHECKSUM_BYTES]
    return record if framed[-CHECKSUM_BYTES:] == checksum(record) else None
