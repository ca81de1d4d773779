"""The bytes of a shard: as they lie in its file, or inflated."""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import zlib
from collections.abc import Iterator

import tensorflow as tf

from keras_attend_fusion.data.errors import UnreadableShardError
from keras_attend_fusion.data.framing import (
    FRAMING_BYTES,
    HEADER_BYTES,
    Read,
    broken_framing,
    checksum,
    next_record,
    opened,
)

GZIP, ZLIB = "GZIP", "ZLIB"  # as TensorFlow names them
WBITS = {GZIP: 16 + zlib.MAX_WBITS, ZLIB: zlib.MAX_WBITS}
GZIP_START = b"\x1f\x8b\x08"
OTHERS = {  # by the first bytes
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"PK\x03\x04": "zip",
}
PIECE = 1 << 20  # bytes inflated at once, at most
# Of a compressed record. A few bytes can stand for any number of others, so
# a length cannot be compared with the size of the file.
MOST_RECORD_BYTES = 1 << 28


class ShardBytes:
    """A shard's bytes, which may be read anywhere.

    Attributes:
        compression: `"GZIP"`, `"ZLIB"`, or nothing.
        fault: What ended the bytes before their time.
    """

    compression = ""
    fault = ""

    def __init__(self, read: Read, size: int) -> None:
        self._read, self._size = read, size

    def read(self, offset: int, count: int) -> bytes:
        """At most `count` bytes; fewer at the end."""
        return self._read(offset, count)

    def limit(self, offset: int) -> int:
        """No record that starts at `offset` ends behind that byte."""
        return self._size

    def reaches(self, end: int) -> bool:
        """Whether there are so many bytes."""
        return end <= self._size

    def record_end(self, offset: int) -> int | None:
        """Where a record ends, by its length alone; None if it does not fit.

        TensorFlow's readers ask for as much memory as a length says, and a
        process that gets none is gone: a length is to be looked at before.
        """
        return self.end_by_header(self.read(offset, HEADER_BYTES), offset)

    def end_by_header(self, header: bytes, offset: int) -> int | None:
        """As `record_end`, of a header that has been read."""
        if len(header) < HEADER_BYTES:
            return None
        (length,) = struct.unpack("<Q", header[:8])
        end = offset + FRAMING_BYTES + int(length)
        return end if self.reaches(end) else None

    def next_record(self, offset: int) -> int:
        """Where reading can go on behind a broken record."""
        after = next_record(self.read, offset, self.limit(offset))
        return min(after, self.limit(offset))  # how long it is shows late

    def reason(self, offset: int) -> str:
        """What is wrong with the record that starts at `offset`."""
        if self.fault:
            return self.fault
        header = self.read(offset, HEADER_BYTES)
        for start, name in OTHERS.items():
            if not offset and header.startswith(start):
                return (
                    f"the file is compressed with {name}, which is not read: "
                    "decompress it, or use GZIP"
                )
        return broken_framing(header, self.limit(offset) - offset)


class Inflated(ShardBytes):
    """What a compressed shard stands for, inflated as it is read.

    Bytes before the last offset that was read are let go, so offsets may not
    go down, and a record at a time is in memory.

    Args:
        read: Reads the file.
        compression: `"GZIP"` or `"ZLIB"`.
    """

    def __init__(self, read: Read, compression: str) -> None:
        self.compression = compression
        self._pieces = self._inflate(read)
        self._held, self._start = bytearray(), 0
        self._ended = False

    def read(self, offset: int, count: int) -> bytes:
        self._let_go(offset)
        while offset > self._start + len(self._held) and self._more():
            self._let_go(offset)
        self._let_go(offset)
        self.reaches(offset + count)
        first = offset - self._start
        return bytes(self._held[first : first + count])

    def limit(self, offset: int) -> int:
        if self._ended:
            return self._start + len(self._held)
        return offset + FRAMING_BYTES + MOST_RECORD_BYTES

    def reaches(self, end: int) -> bool:
        if end - self._start > FRAMING_BYTES + MOST_RECORD_BYTES:
            return False
        while self._start + len(self._held) < end:
            if not self._more():
                return False
        return True

    def reason(self, offset: int) -> str:
        reason = super().reason(offset)
        if self.fault:
            return reason
        return f"in the inflated {self.compression} data: {reason}"

    def _let_go(self, offset: int) -> None:
        """Drops what lies before `offset`."""
        count = min(offset - self._start, len(self._held))
        if count > 0:
            del self._held[:count]
            self._start += count

    def _more(self) -> bool:
        """Inflates a piece more; whether there was one."""
        try:
            self._held += next(self._pieces)
        except StopIteration:
            self._ended = True
        except zlib.error as error:
            self._ended = True
            self.fault = f"its {self.compression} data is damaged: {error}"
        return not self._ended

    def _inflate(self, read: Read) -> Iterator[bytes]:
        inflater = zlib.decompressobj(WBITS[self.compression])
        at = 0
        while packed := read(at, PIECE):
            at += len(packed)
            while packed:
                if inflater.eof:
                    if self.compression == ZLIB:
                        raise zlib.error("bytes follow its end")
                    # A GZIP file may consist of several, one after the other.
                    inflater = zlib.decompressobj(WBITS[GZIP])
                yield inflater.decompress(packed, PIECE)
                packed = inflater.unconsumed_tail or inflater.unused_data
        while rest := inflater.decompress(b"", PIECE):
            yield rest
        if not inflater.eof:
            raise zlib.error("it is cut off")


@contextlib.contextmanager
def shard_bytes(path: str) -> Iterator[ShardBytes]:
    """The bytes of a shard, inflated where it is compressed.

    Raises:
        UnreadableShardError: at once or while it is read, if it cannot be.
    """
    size = size_of(path)
    with unreadable(path), opened(path) as read:
        compression = compression_of(read)
        yield (
            Inflated(read, compression)
            if compression
            else ShardBytes(read, size)
        )


@contextlib.contextmanager
def unreadable(path: str) -> Iterator[None]:
    """Makes `UnreadableShardError` of the system's errors about a file."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if os.path.islink(path) and not os.path.exists(path):
            reason = f"it is a link to {os.readlink(path)}, which is not there"
        raise UnreadableShardError(path, f"cannot be read: {reason}") from error
    except tf.errors.OpError as error:
        reason = " ".join(str(error.message).split())
        raise UnreadableShardError(path, f"cannot be read: {reason}") from error


def size_of(path: str) -> int:
    """The size of a file in bytes.

    Raises:
        UnreadableShardError: It is not there, or is not a regular file: to
            open a FIFO would wait for ever.
    """
    with unreadable(path):
        if "://" in path:
            return int(tf.io.gfile.stat(path).length)
        status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableShardError(
            path, "cannot be read: it is not a regular file"
        )
    return status.st_size


def compression_of(read: Read) -> str:
    """How a shard is compressed, by its first bytes: nothing if it is not.

    The start of a record may look like that of a compressed file, but then
    its length has the right checksum.
    """
    header = read(0, HEADER_BYTES)
    if _sound(header):
        return ""
    if header.startswith(GZIP_START):
        return GZIP
    if len(header) < 2 or header[0] & 0x0F != 8 or header[0] >> 4 > 7:
        return ""
    if int.from_bytes(header[:2], "big") % 31 or header[1] & 0x20:
        return ""
    # Two bytes alone may look like ZLIB's by chance.
    inflated = Inflated(read, ZLIB)
    start = inflated.read(0, HEADER_BYTES)
    whole = not start and not inflated.fault
    return ZLIB if whole or _sound(start) else ""


def _sound(header: bytes) -> bool:
    """Whether the checksum of a record's length is right."""
    return len(header) == HEADER_BYTES and header[8:] == checksum(header[:8])
