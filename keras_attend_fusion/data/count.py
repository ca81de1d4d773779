"""Counting records without reading them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from keras_attend_fusion.data.arguments import on_corrupt_mode
from keras_attend_fusion.data.errors import (
    CorruptRecordError,
    UnreadableShardError,
)
from keras_attend_fusion.data.framing import (
    CHECKSUM_BYTES,
    FRAMING_BYTES,
    HEADER_BYTES,
    valid_headers,
)
from keras_attend_fusion.data.shard_bytes import ShardBytes, shard_bytes
from keras_attend_fusion.data.shards import Pattern, list_shards


def count(
    pattern: Pattern,
    on_corrupt: str = "error",
    digests: dict[str, str] | None = None,
) -> int:
    """How many whole records shards hold, from their framing alone.

    Hops from header to header, so it takes milliseconds a shard; one that is
    compressed is inflated. It sees a shard that was cut off anywhere, even
    where TensorFlow's reader takes the cut for the end; checksums and
    contents are not looked at.

    Args:
        pattern: A path, a glob, or a list of them.
        on_corrupt: `"error"` raises at a shard that cannot be read, or does
            not end with a whole record; `"skip"` counts the records whose
            header is sound.
        digests: Gets the `framing_digest` of each shard, by its path.

    Raises:
        NoShardsError: No file matches.
        CorruptRecordError: A shard is cut off, or cannot be read.
    """
    on_corrupt_mode(on_corrupt)
    total = 0
    for path in list_shards(pattern):
        records, digest = _walked(path, on_corrupt)
        total += records
        if digests is not None:
            digests[path] = digest
    return total


def framing_digest(path: str) -> str:
    """A hash of the lengths and checksums of all records of a shard.

    Every record brings its own CRC-32C, so a change in any record shows
    without a look at the records themselves. A record that was damaged
    without a new checksum looks as before.
    """
    try:
        return _walked(path, "error")[1]
    except CorruptRecordError:  # checking every header takes far longer
        return _walked(path, "skip")[1]


def _walked(path: str, on_corrupt: str) -> tuple[int, str]:
    """How many records a shard has, and the hash of their framing."""
    digest = hashlib.blake2b(digest_size=8)
    records = sum(1 for _ in record_bytes(path, on_corrupt, digest))
    return records, digest.hexdigest()


def record_bytes(
    path: str,
    on_corrupt: str = "error",
    digest: hashlib.blake2b | None = None,
) -> Iterator[int]:
    """The length of every record of a shard, without its framing.

    `digest` is fed the framing between the records on the way.
    """
    try:
        with shard_bytes(path) as shard:
            yield from _record_bytes(path, shard, on_corrupt, digest)
    except UnreadableShardError:
        if on_corrupt == "error":
            raise


def _record_bytes(
    path: str,
    shard: ShardBytes,
    on_corrupt: str,
    digest: hashlib.blake2b | None,
) -> Iterator[int]:
    offset = index = 0
    least = 0  # bytes before this one may have been let go
    while shard.reaches(offset + 1):
        # One read brings the checksum before a header as well.
        first = max(offset - CHECKSUM_BYTES, least)
        framing = shard.read(first, offset - first + HEADER_BYTES)
        header = framing[offset - first :]
        end = shard.end_by_header(header, offset)
        if on_corrupt == "skip" and end is not None:
            # After a wrong length every other would be wrong too.
            _, ends = valid_headers(header, offset, shard.limit(offset))
            end = ends[0] if ends else None
        if end is not None:
            if digest is not None:
                digest.update(framing)
            yield end - offset - FRAMING_BYTES
            offset = end
            index += 1
        elif on_corrupt == "skip":
            offset = least = shard.next_record(offset)
        else:
            reason = shard.reason(offset)
            raise CorruptRecordError(path, offset, index, reason)
    if shard.fault and on_corrupt == "error":
        raise CorruptRecordError(path, offset, index, shard.fault)
    if digest is not None:
        last = max(shard.limit(offset) - CHECKSUM_BYTES, least)
        digest.update(shard.read(last, CHECKSUM_BYTES))
