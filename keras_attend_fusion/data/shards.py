"""Finding shards and walking over their records."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import tensorflow as tf

HEADER_BYTES = 12  # The length (8) and its checksum (4) before each record,
FRAMING_BYTES = HEADER_BYTES + 4  # and the record's own checksum after it.


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

    Local paths and every scheme that `tf.io.gfile` knows will do. Each
    pattern's files are sorted; a file that two patterns name comes once.

    Args:
        pattern: A path, a glob, or a sequence of them.

    Raises:
        NoShardsError: A pattern names no file, or a folder.

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
        found.update(dict.fromkeys(_expand_one(one)))
    return list(found)


def _expand_one(pattern: str) -> list[str]:
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


def walk(path: str | Path) -> Iterator[tuple[int, bytes]]:
    """Yields `(offset, record)` for each record of a shard, in order.

    Checksums are verified. The offset is where the record's framing starts.

    Raises:
        CorruptRecordError: The file is empty, or its framing is broken at
            some record, which ends the shard: what follows can not be found.

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
    if size == 0:
        raise CorruptRecordError(path, 0, 0, "the file is empty")
    offset = index = 0
    records = without_autotune(tf.data.TFRecordDataset(path))
    with contextlib.suppress(tf.errors.DataLossError):
        for record in records.as_numpy_iterator():
            yield offset, record
            offset += FRAMING_BYTES + len(record)
            index += 1
    # TensorFlow takes a file cut within a record's first bytes for its end.
    if offset < size:
        reason = broken_framing(path, offset, size)
        raise CorruptRecordError(path, offset, index, reason)


def broken_framing(path: str, offset: int, size: int) -> str:
    """Says what is wrong with the record that could not be read there."""
    left = size - offset
    if left < FRAMING_BYTES:
        return f"truncated: {left} bytes left, too few for a record"
    length = _length_at(path, offset)
    if length > left - FRAMING_BYTES:
        return (
            f"truncated, or its length is corrupt: it claims {length} bytes, "
            f"{left - FRAMING_BYTES} are left"
        )
    return "its checksum does not match its bytes"


def _length_at(path: str, offset: int) -> int:
    with tf.io.gfile.GFile(path, "rb") as file:
        file.seek(offset)
        return int(struct.unpack("<Q", file.read(8))[0])


def records_between(
    path: str, start: int, stop: int
) -> Iterator[tuple[int, bytes]]:
    """Yields `(offset, record)` of a stretch whose framing is known good."""
    with tf.io.gfile.GFile(path, "rb") as file:
        offset = start
        while offset < stop:
            file.seek(offset)
            (length,) = struct.unpack("<Q", file.read(HEADER_BYTES)[:8])
            yield offset, file.read(length)
            offset += FRAMING_BYTES + length
