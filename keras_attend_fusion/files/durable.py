"""Bytes that are on the disk before a name leads to them."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

# What file systems answer that cannot, such as some network ones.
UNSUPPORTED = (
    errno.EINVAL,
    errno.ENOTSUP,
    errno.ENOSYS,
    errno.EBADF,
    errno.EACCES,
    errno.EPERM,
    errno.EISDIR,
)


def sync(path: Path) -> None:
    """Waits until a file, or all of a folder, is on the disk.

    Raises:
        OSError: the disk is full or broken.
    """
    if path.is_dir():
        for folder, _, files in os.walk(path):
            for name in files:
                _sync(Path(folder) / name)
            _sync(Path(folder))
    else:
        _sync(path)


def sync_name(path: Path) -> None:
    """Waits until the name of a file or folder is on the disk."""
    _sync(path.parent)
    if path.is_dir():
        _sync(path)


def _sync(path: Path) -> None:
    if path.is_symlink():
        return
    try:
        opened = os.open(path, os.O_RDONLY)
    except OSError as error:
        if error.errno in UNSUPPORTED:
            return
        raise
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
    finally:
        with contextlib.suppress(OSError):
            os.close(opened)
