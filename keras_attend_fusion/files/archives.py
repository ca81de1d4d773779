"""ZIP archives of others, bounded before they are unpacked."""

from __future__ import annotations

import contextlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

# What a file of some size may unpack to: weights hardly compress, so that an
# archive of a model is about as large as what is in it.
EXPANSION = 10
ALLOWANCE = 64 << 20
MOST_MEMBERS = 10_000
MOST_DIRECTORY = 4 << 20  # bytes of the list of members

END, LOCATOR, END_64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
END_BYTES, LOCATOR_BYTES, END_64_BYTES = 22, 20, 56
LONGEST_COMMENT = 0xFFFF


def most_unpacked(size: int) -> int:
    """Bytes that a file or a member of `size` bytes may unpack to."""
    return EXPANSION * size + ALLOWANCE


@contextlib.contextmanager
def open_archive(path: str | Path) -> Iterator[zipfile.ZipFile]:
    """A ZIP archive to read from, which does not unpack to far more.

    Raises:
        ValueError: The file is not a ZIP archive, is damaged, or has too
            many members, or members that unpack to more than ten times its
            bytes and 64 MB.
    """
    path = Path(path)
    listed = _directory_bytes(path)
    if listed > MOST_DIRECTORY:
        raise ValueError(
            f"{path} has a list of members of {listed:,} bytes, expected "
            f"{MOST_DIRECTORY:,} at most"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(path, archive)
            yield archive
    except (zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise ValueError(f"{path} is a damaged ZIP archive: {error}") from error


def _check_members(path: Path, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise ValueError(
            f"{path} has {len(members):,} members, expected {MOST_MEMBERS:,} "
            "at most"
        )
    size = path.stat().st_size
    # Members are read up to the size that is listed and no further.
    unpacked = sum(member.file_size for member in members)
    if unpacked > most_unpacked(size):
        raise ValueError(
            f"{path} of {size:,} bytes unpacks to {unpacked:,}, expected "
            f"{most_unpacked(size):,} at most: it is not opened"
        )


def read_member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """The bytes of a member.

    Raises:
        ValueError: It holds more than `most` bytes, or cannot be read.
    """
    size = archive.getinfo(name).file_size
    if size > most:
        raise ValueError(
            f"{archive.filename}: {name} holds {size:,} bytes, expected "
            f"{most:,} at most"
        )
    try:
        return archive.read(name)
    except (RuntimeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(
            f"{archive.filename}: {name} cannot be read: {error}"
        ) from error


def _directory_bytes(path: Path) -> int:
    """The size of the list of members, which is read before all else."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        longest = END_BYTES + LONGEST_COMMENT + LOCATOR_BYTES + END_64_BYTES
        file.seek(max(0, size - longest))
        tail = file.read()
    end = tail.rfind(END)
    if end < 0 or len(tail) < end + END_BYTES:
        return 0  # not an archive, as will be said
    (listed,) = struct.unpack_from("<I", tail, end + 12)
    locator = end - LOCATOR_BYTES
    end_64 = locator - END_64_BYTES
    if (
        end_64 >= 0
        and tail.startswith(LOCATOR, locator)
        and tail.startswith(END_64, end_64)
    ):
        (listed,) = struct.unpack_from("<Q", tail, end_64 + 40)
    return int(listed)
