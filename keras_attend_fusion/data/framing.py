"""The framing of a shard's records, and the way past a broken one.

Each record of a TFRecord file is framed:

```
length (8 bytes)  its masked CRC-32C (4)  the record  its masked CRC-32C (4)
```

Where the checksum of the length is right, the next record's place is known
even if the record itself is damaged. Where it is not, every byte that follows
is tried for the start of a header whose checksum is right, which chance alone
brings about once in four thousand million.

Reference:
    - [TFRecords format details](
      https://www.tensorflow.org/tutorials/load_data/tfrecord).
"""

from __future__ import annotations

import contextlib
import functools
import os
import struct
from collections.abc import Callable, Iterator

import google_crc32c
import numpy as np
import tensorflow as tf

HEADER_BYTES = 12  # The length (8) and its checksum (4) before each record,
CHECKSUM_BYTES = 4  # and the record's own checksum after it.
FRAMING_BYTES = HEADER_BYTES + CHECKSUM_BYTES
WINDOW = 1 << 20  # bytes looked through at once
WEB = ("http://", "https://")

CASTAGNOLI = 0x82F63B78  # the polynomial of CRC-32C, reflected
MASK_DELTA = 0xA282EAD8

Read = Callable[[int, int], bytes]  # bytes at an offset, fewer at the end


@contextlib.contextmanager
def opened(path: str) -> Iterator[Read]:
    """A function that reads anywhere in a file.

    A local file is read as it is asked for; TensorFlow's own files fetch half
    a megabyte at every jump.
    """
    if path.startswith(WEB):
        from keras_attend_fusion.data.downloads.client import Client

        yield functools.partial(Client().part, path)
    elif "://" in path:
        with tf.io.gfile.GFile(path, "rb") as file:

            def remote(offset: int, count: int) -> bytes:
                try:
                    file.seek(offset)
                except tf.errors.OutOfRangeError:
                    return b""
                return bytes(file.read(count))

            yield remote
    else:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))

        def local(offset: int, count: int) -> bytes:
            os.lseek(handle, offset, os.SEEK_SET)
            return os.read(handle, count)

        try:
            yield local
        finally:
            os.close(handle)


def broken_framing(header: bytes, left: int) -> str:
    """Says what is wrong with a record that cannot be read.

    Args:
        header: What is there of its first `HEADER_BYTES`.
        left: Bytes from its start to the end of the file.
    """
    if not left:
        return "the file is empty"
    if left < FRAMING_BYTES:
        return f"truncated: {left} bytes left, too few for a record"
    (length,) = struct.unpack("<Q", header[:8])
    if length > left - FRAMING_BYTES:
        return (
            f"truncated, or its length is corrupt: it claims {length} bytes, "
            f"{left - FRAMING_BYTES} are left"
        )
    return "its checksum does not match its bytes"


def next_record(read: Read, offset: int, size: int) -> int:
    """Where reading can go on after the broken record at `offset`.

    Args:
        read: Reads the shard.
        offset: Where the broken record's framing starts.
        size: The size of the file.

    Returns:
        The start of the next header that is sound and whose record fits in
        the file; `size` if there is none.
    """
    _, ends = valid_headers(read(offset, HEADER_BYTES), offset, size)
    if ends:  # the header is sound, so its record is what is broken
        return ends[0]
    offset += 1
    while offset + FRAMING_BYTES <= size:
        data = read(offset, WINDOW + HEADER_BYTES - 1)
        if not data:  # it is shorter than that
            break
        starts, _ = valid_headers(data, offset, size)
        if starts:
            return starts[0]
        offset += WINDOW
    return size


def valid_headers(
    data: bytes, offset: int, size: int
) -> tuple[list[int], list[int]]:
    """The headers with a right checksum among some bytes of a shard.

    Args:
        data: Bytes of the shard.
        offset: Where they are from.
        size: The size of the shard, which a record has to fit in.

    Returns:
        Where each header starts, and where its record's framing ends.
    """
    count = len(data) - HEADER_BYTES + 1
    if count < 1:
        return [], []
    every = np.frombuffer(data, np.uint8)
    # Lengths of 2 ** 32 and more are not looked for: 4 bytes that are zeros.
    # Nor are 12 zeros, for their checksum is another; a file may be full of
    # them.
    zero = every == 0
    zeros = zero[:-3] & zero[1:-2] & zero[2:-1] & zero[3:]
    high, length, check = zeros[4:-4], zeros[:-8], zeros[8:]
    places = np.flatnonzero(high & ~(length & check))
    headers = np.stack([every[places + i] for i in range(HEADER_BYTES)], axis=1)
    lengths = np.ascontiguousarray(headers[:, :8]).view("<u8")[:, 0]
    checks = np.ascontiguousarray(headers[:, 8:]).view("<u4")[:, 0]
    ends = offset + places + FRAMING_BYTES + lengths.astype(np.int64)
    right = (masked_crc(headers[:, :8]) == checks) & (ends <= size)
    return (offset + places[right]).tolist(), ends[right].tolist()


def masked_crc(rows: np.ndarray) -> np.ndarray:
    """CRC-32C of each row of bytes, masked as TFRecord files have it.

    `((crc >> 15) | (crc << 17)) + 0xa282ead8`, modulo `2 ** 32`.

    Args:
        rows: uint8, `(rows, bytes)`.

    Returns:
        uint32, `(rows,)`.

    Example:

    >>> hex(masked_crc(np.frombuffer(b"123456789", np.uint8)[None])[0])
    '0xc78ab0e5'
    """
    crc = np.full(len(rows), 0xFFFFFFFF, np.uint32)
    for column in rows.T:
        crc = _TABLE[(crc ^ column) & 0xFF] ^ (crc >> 8)
    return masked(~crc)


def masked(crc: np.ndarray) -> np.ndarray:
    """Checksums as TFRecord files have them, uint32."""
    return ((crc >> 15) | (crc << 17)) + np.uint32(MASK_DELTA)


def checksum(content: bytes) -> bytes:
    """The masked CRC-32C of some bytes, as it stands behind them.

    Example:

    >>> checksum(b"123456789").hex()
    'e5b08ac7'
    """
    return masked_checksum(google_crc32c.value(content))


def masked_checksum(crc: int) -> bytes:
    """A CRC-32C, masked as TFRecord files have it, as bytes."""
    rotated = (crc >> 15 | crc << 17) + MASK_DELTA
    return struct.pack("<I", rotated & 0xFFFFFFFF)


def _crc_table() -> np.ndarray:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ CASTAGNOLI, table >> 1)
    return table.astype(np.uint32)


_TABLE = _crc_table()
