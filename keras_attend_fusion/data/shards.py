"""Finding shards and walking over their records."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.python.lib.io.tf_record import tf_record_random_reader

from keras_attend_fusion.data.framing import (
    FRAMING_BYTES,
    HEADER_BYTES,
    WEB,
    Read,
    broken_framing,
    next_record,
    opened,
    record_end,
)
from keras_attend_fusion.data.remote import (
    check_web,
    connect,
    is_list,
    read_list,
)


class NoShardsError(ValueError):
    """A pattern names no file."""


class CorruptRecordError(ValueError):
    """A record that can not be read, or not be used.

    Attributes:
        path: The shard.
        offset: Where in the shard the record starts, in bytes.
        index: How many records lie before it.
        reason: What is wrong.
    """

    def __init__(self, path: str, offset: int, index: int, reason: str) -> None:
        super().__init__(
            f"{path}: record {index} at byte {offset}: {reason}"
            if offset or index
            else f"{path}: first record: {reason}"
        )
        self.path = path
        self.offset = offset
        self.index = index
        self.reason = reason


def expand(pattern: str | Path | Sequence[str | Path]) -> list[str]:
    """Lists the files that one or more patterns name.

    Local paths will do, and every scheme that `tf.io.gfile` knows: `s3://`
    and `http://` through tensorflow-io. An address of the web names one file,
    as it has no globs. A pattern that ends in `.txt`, and the address of a
    download plan, stand for the paths that are listed there. Each pattern's
    files are sorted; a file that two patterns name comes once.

    Args:
        pattern: A path, a glob, or a sequence of them.

    Raises:
        NoShardsError: A pattern names no file, or a folder.
        RemoteError: Its scheme needs tensorflow-io, or its server can not
            send parts of a file.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("b.tfrecord", "a.tfrecord"):
    ...     (folder / name).touch()
    >>> [Path(path).name for path in expand(folder / "*.tfrecord")]
    ['a.tfrecord', 'b.tfrecord']
    """
    patterns = [pattern] if isinstance(pattern, str | Path) else list(pattern)
    if not patterns:
        raise NoShardsError("No shards: the list of patterns is empty.")
    found: dict[str, None] = {}
    for one in map(str, patterns):
        listed = read_list(one) if is_list(one) else [one]
        for path in listed:
            found.update(dict.fromkeys(_expand_one(path)))
    check_web(found)
    return list(found)


def _expand_one(pattern: str) -> list[str]:
    connect(pattern)
    if pattern.startswith(WEB):
        return [pattern]
    if _is_folder(pattern):
        glob = os.path.join(pattern, "*.tfrecord")
        raise NoShardsError(f"{pattern} is a folder: give a glob like {glob}.")
    if tf.io.gfile.exists(pattern):  # Also a name with glob characters in it.
        return [pattern]
    files = [f for f in sorted(tf.io.gfile.glob(pattern)) if not _is_folder(f)]
    if not files:
        raise NoShardsError(
            f"No shards: {pattern} matches no file; check the path, and quote "
            "a glob in a shell."
        )
    return files


def _is_folder(path: str) -> bool:
    return bool(tf.io.gfile.isdir(path))


def size_of(path: str) -> int:
    """The size of a file in bytes."""
    return int(tf.io.gfile.stat(path).length)


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


def walk(
    path: str | Path,
    on_broken: Callable[[CorruptRecordError, int], None] = _raise,
) -> Iterator[tuple[int, bytes]]:
    """Yields `(offset, record)` for each record of a shard, in order.

    Checksums are verified. The offset is where the record's framing starts.

    Args:
        path: The shard.
        on_broken: Called with the error of each stretch that can not be
            read, and with the offset at which reading goes on: at the next
            record whose header is sound. By default the error is raised.

    Raises:
        CorruptRecordError: The file is empty, or its framing is broken at
            some record.

    Example:

    >>> import tempfile
    >>> path = f"{tempfile.mkdtemp()}/a.tfrecord"
    >>> with tf.io.TFRecordWriter(path) as writer:
    ...     writer.write(b"first")
    ...     writer.write(b"second")
    >>> list(walk(path))
    [(0, b'first'), (21, b'second')]
    """
    path = str(path)
    size = size_of(path)
    if not size:
        on_broken(CorruptRecordError(path, 0, 0, broken_framing(b"", 0)), 0)
        return
    offset = index = 0
    reader = tf_record_random_reader(path)
    with opened(path) as read:
        while offset < size:
            record = _record_at(reader, read, offset, size)
            if record is not None:
                yield offset, record
                offset += FRAMING_BYTES + len(record)
                index += 1
                continue
            reason = broken_framing(read(offset, HEADER_BYTES), size - offset)
            after = next_record(read, offset, size)
            on_broken(CorruptRecordError(path, offset, index, reason), after)
            offset = after


def _record_at(reader: Any, read: Read, offset: int, size: int) -> bytes | None:
    """A record whose length fits and whose checksums are right."""
    if record_end(read, offset, size) is None:
        return None
    try:
        return bytes(reader.read(offset)[0])
    except tf.errors.DataLossError:
        return None
