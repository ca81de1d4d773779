"""A folder that one process at a time writes to."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

LOCK = ".lock"  # in the folder, as long as it is held
FAR = 1 << 30  # where Windows locks a byte: what it locks cannot be read
HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
UNABLE = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


class InUseError(ValueError):
    """Another process writes to the folder."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps other processes that ask for it out of a folder.

    The lock is the system's, on a file in the folder that names its holder:
    it ends with the process, however that ends, and what a kill leaves of
    the file does not matter. On NFS it holds between machines where the
    server takes locks.

    Args:
        folder: A folder that exists.

    Raises:
        InUseError: Another process holds it.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with locked(folder):
    ...     [path.name for path in folder.iterdir()]
    ['.lock']
    >>> list(folder.iterdir())
    []
    """
    path = folder / LOCK
    handle = _acquire(path)
    try:
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, f"{os.getpid()} on {socket.gethostname()}\n".encode())
        yield
    finally:
        _release(handle, path)


def _acquire(path: Path) -> int:
    """An open file that holds the lock."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(handle, path)
            if _is(handle, path):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # its holder has just removed it


def _is(handle: int, path: Path) -> bool:
    """Whether an open file is still what a path names."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _lock(handle: int, path: Path) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD:
            raise InUseError(
                f"{path.parent} is in use by {_holder(path)}: wait for it to "
                "end, or name another folder"
            ) from error
        if error.errno not in UNABLE:
            raise
        warnings.warn(
            f"{path.parent} is on a file system without locks: do not write "
            "to it from two processes at a time",
            stacklevel=4,
        )


def _holder(path: Path) -> str:
    with contextlib.suppress(OSError):  # it may be gone by now
        name = path.read_bytes()[:100].decode(errors="replace").strip()
        if name:
            return f"process {name}"
    return "another process"


def _release(handle: int, path: Path) -> None:
    """Removes the file while it is held, so that nobody gets a stale one."""
    with contextlib.suppress(OSError):  # the folder may be gone
        if sys.platform == "win32":  # which removes no file that is open
            os.close(handle)
            path.unlink()
        elif _is(handle, path):
            path.unlink()
    if sys.platform != "win32":
        os.close(handle)
