"""Counting records without reading them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from keras_attend_fusion.data.framing import (
    FRAMING_BYTES,
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
        1 for path in expand(pattern) for _ in record_bytes(path, on_corrupt)
    )


def record_bytes(path: str, on_corrupt: str = "error") -> Iterator[int]:
    """The length of every record of a shard, without its framing."""
    size, offset, index = size_of(path), 0, 0
    with opened(path) as read:
        while offset < size:
            end = record_end(read, offset, size)
            if on_corrupt == "skip" and end is not None:
                # After a wrong length every other would be wrong too.
                header = read(offset, HEADER_BYTES)
                _, ends = sound_headers(header, offset, size)
                end = ends[0] if ends else None
            if end is not None:
                yield end - offset - FRAMING_BYTES
                offset = end
                index += 1
            elif on_corrupt == "skip":
                offset = next_record(read, offset, size)
            else:
                header = read(offset, HEADER_BYTES)
                reason = broken_framing(header, size - offset)
                raise CorruptRecordError(path, offset, index, reason)
