"""Checksums of exported models, kept within them.

They tell damage, as of a copy that went wrong, and not who made a file:
whoever changes a file on purpose can change its checksum too.
"""

from __future__ import annotations

import hashlib
import mmap
import struct
from collections.abc import Mapping
from pathlib import Path

# A file holds this mark and 64 hex digits behind it: the SHA-256 of the file
# with zeros in place of those digits.
MARK = b"kaf-sha256:"
DIGITS = 64
PLACE = MARK + b"0" * DIGITS
GAP = 80  # bytes: the place, as long as the alignment of weights asks for
LARGEST_FLAT = 1 << 31
PROPERTY = "checksum"  # of an ONNX file, which holds the mark

SUMS = "sha256sums.txt"  # of a folder's files, as the program sha256sum has it


def with_place(flat: bytes) -> bytes:
    """A LiteRT file with a place for its checksum, behind the header.

    The header is where its root table starts and four letters; within the
    rest all is told by distances, so that it can be moved. There the place
    survives whatever the file's end does not.
    """
    if len(flat) >= LARGEST_FLAT:  # its weights are told by absolute places
        return flat + PLACE
    gap = PLACE.ljust(GAP, b"\0")
    (root,) = struct.unpack_from("<I", flat)
    return struct.pack("<I", root + GAP) + flat[4:8] + gap + flat[8:]


def fill_in(path: Path) -> None:
    """Writes the checksum of a file that holds `PLACE`."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        at = data.find(MARK) + len(MARK)
        data[at : at + DIGITS] = _digest(data, at).encode()


def check_file(path: Path) -> None:
    """Raises `ValueError` if a file's checksum is not that of its bytes.

    A file without one, as of earlier versions or of others, passes.
    """
    if not path.stat().st_size:
        return
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        at = data.find(MARK)
        if at < 0:
            return
        at += len(MARK)
        stored = data[at : at + DIGITS].decode("latin-1")
        if stored != _digest(data, at):
            raise _damaged("its checksum is not that of its bytes")


def sums_of(files: Mapping[str, Path]) -> str:
    """A line a file, by the names that it is to have in its folder."""
    return "".join(
        f"{file_digest(path)}  {name}\n" for name, path in sorted(files.items())
    )


def files_of(folder: Path) -> dict[str, Path]:
    """The files of a folder by their paths in it.

    Its checksums are left out, and what is hidden, as unfinished files are.
    """
    paths = {path.relative_to(folder): path for path in folder.rglob("*")}
    return {
        name.as_posix(): path
        for name, path in paths.items()
        if path.is_file()
        and name.name != SUMS
        and not any(part.startswith(".") for part in name.parts)
    }


def check_folder(folder: Path, sums: Path) -> None:
    """Raises `ValueError` if files of a folder are not those of its sums.

    A folder without sums passes, and so do files that are not in them.
    """
    if not sums.is_file():
        return
    files = files_of(folder)
    for line in sums.read_bytes().decode("latin-1").splitlines():
        digest, _, name = line.partition("  ")
        if name not in files:
            raise _damaged(f"it lacks {name!r}, which {SUMS} lists")
        if digest != file_digest(files[name]):
            raise _damaged(f"the checksum of {name} is another")


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(data: mmap.mmap, at: int) -> str:
    """The SHA-256 of a file's bytes with zeros from `at` on."""
    digest = hashlib.sha256()
    with memoryview(data) as view:
        digest.update(view[:at])
        digest.update(b"0" * len(view[at : at + DIGITS]))
        digest.update(view[at + DIGITS :])
    return digest.hexdigest()


def _damaged(reason: str) -> ValueError:
    return ValueError(f"it is damaged: {reason}")
