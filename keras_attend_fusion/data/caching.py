"""Keeping the records of remote or slow shards, in memory or on a disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import tensorflow as tf

from keras_attend_fusion.data.errors import UnreadableShardError
from keras_attend_fusion.data.shard_bytes import size_of
from keras_attend_fusion.data.sharing import RecordRange

MEMORY = "memory"


def cached(
    records: tf.data.Dataset, where: str | Path, ranges: list[RecordRange]
) -> tf.data.Dataset:
    """The same records, read from the shards in the first epoch alone.

    Args:
        records: Serialised records.
        where: `"memory"`, or a folder. In a folder the files are named after
            the shards, their sizes and what is read of them, so that other
            shards get others; they are for one process at a time, and what a
            run left that was killed in its first epoch is removed.
        ranges: What `records` reads.
    """
    if str(where) == MEMORY:
        return records.cache()
    folder = Path(where)
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    for record_range in ranges:
        digest.update(f"{record_range} {_size(record_range.path)}\n".encode())
    name = digest.hexdigest()[:16]
    if not (folder / f"{name}.index").exists():
        for unfinished in folder.glob(f"{name}*"):
            unfinished.unlink()
    return records.cache(str(folder / name))


def _size(path: str) -> int:
    """Bytes of a shard; -1 of one that cannot be read, which is skipped."""
    try:
        return size_of(path)
    except UnreadableShardError:
        return -1
