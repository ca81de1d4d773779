"""What is wrong with shards."""

from __future__ import annotations


class NoShardsError(ValueError):
    """A pattern names no file."""


class CorruptRecordError(ValueError):
    """A record that cannot be read, or not be used.

    Attributes:
        path: The shard.
        offset: Where in the shard the record starts, in bytes; in a
            compressed one, in the bytes that it stands for.
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


class UnreadableShardError(CorruptRecordError):
    """A shard that cannot be opened or read: gone, forbidden, not a file."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, 0, 0, reason)
        self.args = (f"{path}: {reason}",)
