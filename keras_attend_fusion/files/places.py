"""What a path to write to is: a file or folder, or a stream."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

DESCRIPTORS = ("/dev/fd", "/proc/self/fd", "/proc/thread-self/fd")
MOST_LINKS = 40  # that are followed, as Linux does


def is_stream(path: str | Path) -> bool:
    """Whether a path is there and neither a regular file nor a folder.

    Such as a FIFO, a terminal, `/dev/null` or `/dev/stdout`: what is written
    goes through it, and it is never replaced.

    Example:

    >>> is_stream("/dev/null"), is_stream("."), is_stream("not there")
    (True, False, False)
    """
    if _descriptor(path) is not None:
        return True
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def open_stream(path: str | Path) -> BinaryIO:
    """Opens a stream to write to.

    Raises:
        OSError: it cannot be opened, or is a whole disk.
    """
    # What was printed comes before what is written to the same place.
    with contextlib.suppress(AttributeError, ValueError, OSError):
        sys.stdout.flush()
    number = _descriptor(path)
    try:
        if number is not None:
            return os.fdopen(os.dup(number), "wb")
        if stat.S_ISBLK(os.stat(path).st_mode):
            raise OSError("it is a block device")
        return os.fdopen(os.open(path, os.O_WRONLY), "wb")
    except OSError as error:
        raise OSError(
            f"{path} cannot be written to ({error.strerror or error}): name "
            "a file"
        ) from error


def _descriptor(path: str | Path) -> int | None:
    """The number of the open file that a path such as `/dev/stdout` names.

    To open such a path itself would start at the beginning of a regular file
    that standard output was led to, and overwrite what was printed.
    """
    folders = {os.path.realpath(f) for f in DESCRIPTORS} | {*DESCRIPTORS}
    text = os.fspath(path)
    for _ in range(MOST_LINKS):
        parent, name = os.path.split(os.path.abspath(text))
        if name.isdecimal() and os.path.realpath(parent) in folders:
            return int(name)
        if not os.path.islink(text):
            return None
        text = os.path.join(parent, os.readlink(text))
    return None


def target_of(path: Path) -> Path:
    """Where a file or folder is or will be: where links lead.

    Makes the folders above it.

    Raises:
        OSError: nothing can be written there, with the reason.
    """
    target = path
    if path.is_symlink() or path.name in ("", ".."):
        target = Path(os.path.realpath(path))
    parent = Path(os.path.realpath(target.parent))
    if parent.exists() and not parent.is_dir():
        raise NotADirectoryError(
            f"{target.parent} is a file: {path} needs a folder of that name"
        )
    parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(
            f"{target} is read-only: make it writable or name another"
        )
    if not (target.is_dir() and is_fixed(target)) and not _writable(parent):
        raise PermissionError(
            f"{target} cannot be written: the folder {parent} is read-only"
        )
    return target


def is_fixed(folder: Path) -> bool:
    """Whether a folder cannot be renamed, while its content can be replaced.

    As a mount point, a folder in one that is read-only, and the current one.
    """
    return (
        os.path.ismount(folder)
        or _is_current(folder)
        or not _writable(Path(os.path.realpath(folder)).parent)
    )


def _is_current(folder: Path) -> bool:
    try:
        return os.path.samefile(folder, os.curdir)
    except FileNotFoundError:  # the current folder was removed
        return False


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)
