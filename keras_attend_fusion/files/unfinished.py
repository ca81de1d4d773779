"""Names of unfinished files, which tell who writes them."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
import secrets
import shutil
import socket
import time
import zlib
from pathlib import Path

NAME_MAX = 255  # bytes of a name, where the file system does not say
ABROAD = 24 * 3600  # seconds for which a file of another machine is left alone
# The machine, the process and a random part.
_NAME = re.compile(r"\.(?P<host>[0-9a-f]{4})(?P<pid>[0-9a-f]{8})[0-9a-f]{4}\.")
_OF_EARLIER_VERSIONS = re.compile(r"\.[0-9a-f]{8}\.")
_live: set[str] = set()  # paths that this process writes now


def reserve(path: Path) -> Path:
    """A hidden name next to `path`, in use until `release` is called.

    It holds the machine, the process and the end of the name: all of it
    where a file system has room for that, else as much as it has room for,
    the suffix above all.
    """
    while True:
        random = secrets.token_hex(2)
        start = f".{_host()}{os.getpid():08x}{random}."
        name = _end(path.name, _most_bytes(path.parent) - len(start))
        unfinished = path.with_name(start + name)
        if not os.path.lexists(unfinished) and str(unfinished) not in _live:
            _live.add(str(unfinished))
            return unfinished


def release(unfinished: Path) -> None:
    """Removes what is left under a reserved name, and gives the name back."""
    try:
        remove(unfinished)
    finally:
        _live.discard(str(unfinished))


def remove_unfinished(path: str | Path) -> None:
    """Removes what `beside(path)` left where it was killed.

    The name may be a glob. What a live process writes stays: the name tells
    the process and, as another machine may share the folder, the machine.
    What another machine wrote is removed a day after its last change.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / ".0123abcd.out.txt").touch()  # as earlier versions named it
    >>> remove_unfinished(folder / "out.txt")
    >>> list(folder.iterdir())
    []
    """
    path, target = Path(path), Path(os.path.realpath(path))
    for folder in {path.parent, path, target.parent, target}:
        for file in folder.glob(".*") if folder.is_dir() else ():
            if _belongs(file, path.name) and not _is_live(file):
                remove(file)


def remove(path: Path) -> None:
    """Removes a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _belongs(file: Path, name: str) -> bool:
    """Whether a file's name is one of the unfinished `name`, a glob."""
    for pattern in (_NAME, _OF_EARLIER_VERSIONS):
        start = pattern.match(file.name)
        if start is None:
            continue
        end = file.name[start.end() :]
        if fnmatch.fnmatchcase(end, name):
            return True
        cut = _end(name, _most_bytes(file.parent) - start.end())
        return cut == end
    return False


def _is_live(file: Path) -> bool:
    """Whether a process may still be writing a file of such a name."""
    start = _NAME.match(file.name)
    if start is None:
        return False
    host, process = start["host"], int(start["pid"], 16)
    if (host, process) == (_host(), os.getpid()):
        return str(file) in _live
    if host != _host() or os.name == "nt":  # where os.kill ends a process
        with contextlib.suppress(FileNotFoundError):
            return time.time() - _last_change(file) < ABROAD
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it is there, and another user's
        return True
    return True


def _last_change(path: Path) -> float:
    """When a file, or anything in a folder, was last written."""
    return max(p.lstat().st_mtime for p in (path, *path.rglob("*")))


def _host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()) & 0xFFFF:04x}"


def _most_bytes(folder: Path) -> int:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.pathconf(folder, "PC_NAME_MAX")
    return NAME_MAX


def _end(name: str, most_bytes: int) -> str:
    """The end of a name, in whole characters."""
    while len(os.fsencode(name)) > most_bytes:
        name = name[1:]
    return name
