"""Writing files and folders so that they are whole or not there."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def beside(path: str | Path) -> Iterator[Path]:
    """A path next to `path` to write to, renamed to it at the end.

    Whatever ends the block early, Ctrl-C included, removes what was written
    and leaves an earlier `path` as it was. Works for a file and for a folder
    (which the block makes). The suffix stays, as some writers go by it.

    Raises:
        IsADirectoryError: at the end, if a file was written and `path` is a
            folder, which stays.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with beside(folder / "out.txt") as unfinished:
    ...     _ = unfinished.write_text("whole")
    >>> [p.name for p in folder.iterdir()]
    ['out.txt']
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{uuid.uuid4().hex[:8]}.{path.name}")
    try:
        yield unfinished
        _replace(unfinished, path)
    finally:
        _remove(unfinished)


def remove_unfinished(path: str | Path) -> None:
    """Removes what `beside(path)` left where it was killed.

    The name may be a glob. Not for a path that another process writes now.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / ".0123abcd.out.txt").touch()
    >>> remove_unfinished(folder / "out.txt")
    >>> list(folder.iterdir())
    []
    """
    path = Path(path)
    for unfinished in path.parent.glob(f".{'[0-9a-f]' * 8}.{path.name}"):
        _remove(unfinished)


def bytes_of(path: Path) -> int:
    """The size of a file, or of all files in a folder.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> bytes_written = (folder / "out.txt").write_bytes(b"abc")
    >>> bytes_of(folder), bytes_of(folder / "out.txt")
    (3, 3)
    """
    files = [path] if path.is_file() else path.rglob("*")
    return sum(one.stat().st_size for one in files if one.is_file())


def _replace(new: Path, old: Path) -> None:
    if not old.is_dir():
        os.replace(new, old)
        return
    if not new.is_dir():
        raise IsADirectoryError(f"{old} is a folder: name a file to write")
    # A folder cannot be renamed onto one that holds something.
    aside = old.with_name(f"{new.name}.old")
    try:
        os.replace(old, aside)
        os.replace(new, old)
    except BaseException:
        if not old.exists():
            os.replace(aside, old)
        raise
    _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
