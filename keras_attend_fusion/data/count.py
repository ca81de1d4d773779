"""Counting records without reading them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from keras_attend_fusion.data.framing import (
    HEADER_BYTES,
    broken_framing,
    next_record,
    opened,
    record_end,
    sound_headers,
)
from keras_attend_fusion.data.shards import (
    CorruptRecordError,
    expand,
    size_of,
)


def count(
    pattern: str | Path | Sequence[str | Path], on_corrupt: str = "error"
) -> int:
    """How many whole records shards hold, from their framing alone.

    Hops from header to header, so it takes milliseconds a shard. It sees a
    shard that was cut off anywhere, even where TensorFlow's reader takes the
    cut for the end; checksums and contents are not looked at.

    Args:
        pattern: A path, a glob, or a list of them.
        on_corrupt: `"error"` raises at a shard that does not end with a
            whole record; `"skip"` counts the records whose header is sound.

    Raises:
        NoShardsError: No file matches.
        CorruptRecordError: A shard is cut off.
    """
    return sum(
        _count_shard(path, on_corrupt == "error") for path in expand(pattern)
    )


def _count_shard(path: str, strict: bool) -> int:
    size, offset, records = size_of(path), 0, 0
    with opened(path) as read:
        while offset < size:
            end = record_end(read, offset, size)
            if not strict and end is not None:
                # After a wrong length every other would be wrong too.
                header = read(offset, HEADER_BYTES)
                _, ends = sound_headers(header, offset, size)
                end = ends[0] if ends else None
            if end is not None:
                offset = end
                records += 1
            elif strict:
                header = read(offset, HEADER_BYTES)
                reason = broken_framing(header, size - offset)
                raise CorruptRecordError(path, offset, records, reason)
            else:
                offset = next_record(read, offset, size)
    return records
