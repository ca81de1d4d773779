"""Atomic writes: a file or folder is complete or absent."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from keras_attend_fusion.files.durable import sync, sync_name
from keras_attend_fusion.files.places import (
    is_fixed,
    is_stream,
    open_stream,
    target_of,
)
from keras_attend_fusion.files.unfinished import release, remove, reserve


@contextlib.contextmanager
def beside(path: str | Path) -> Iterator[Path]:
    """A path next to `path` to write to, renamed to it at the end.

    Whatever ends the block early, Ctrl-C included, removes what was written
    and leaves an earlier `path` as it was. Works for a file and for a folder
    (which the block makes). The suffix stays, as some writers go by it.

    Before it is renamed, it is written to the disk, so that a machine that
    loses its power has the earlier or the new one. An earlier one gives the
    new one its mode. A link stays, and what it leads to is replaced. The
    content of a folder that cannot be renamed, such as a mount point, is
    replaced. What is neither a file nor a folder (a FIFO, a terminal,
    `/dev/null`, `/dev/stdout`) stays too: what was written goes through it
    at the end.

    Raises:
        IsADirectoryError: at the end, if a file was written and `path` is a
            folder, which stays.
        NotADirectoryError: at the end, if a folder was made and `path` is a
            file or a stream, which stays.
        PermissionError: at the start, if `path` is read-only, or the folder
            in which it is.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with beside(folder / "out.txt") as unfinished:
    ...     _ = unfinished.write_text("whole")
    >>> [p.name for p in folder.iterdir()]
    ['out.txt']
    """
    path = Path(path)
    if is_stream(path):
        with _in_passing(path) as unfinished:
            yield unfinished
        return
    target = target_of(path)
    inside = target.is_dir() and is_fixed(target)
    folder = target if inside else target.parent
    # Of a link, its own name: that of a target may lack the suffix.
    name = target.name if path.name in ("", "..") else path.name
    unfinished = reserve(folder / name)
    try:
        yield unfinished
        _replace(unfinished, target, path)
    except BaseException:
        with contextlib.suppress(OSError):  # the first error is the one to see
            release(unfinished)
        raise
    release(unfinished)


@contextlib.contextmanager
def _in_passing(path: Path) -> Iterator[Path]:
    """A path of a temporary file, whose bytes go to a stream at the end."""
    with (
        open_stream(path) as stream,
        tempfile.TemporaryDirectory(prefix="unfinished-") as folder,
    ):
        unfinished = Path(folder) / path.name
        yield unfinished
        if unfinished.is_dir():
            raise NotADirectoryError(f"{path} is not a folder: name one")
        with unfinished.open("rb") as content:
            shutil.copyfileobj(content, stream)


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
    return sum(file.stat().st_size for file in files if file.is_file())


def _replace(new: Path, old: Path, named: Path) -> None:
    """Puts what is new in the place of what is old, which may be nothing."""
    sync(new)
    if old.is_dir() and not new.is_dir():
        raise IsADirectoryError(f"{named} is a folder: name a file to write")
    if old.exists():
        if new.is_dir() and not old.is_dir():
            raise NotADirectoryError(f"{named} is a file: name a folder")
        _take_mode(new, old)
    if not old.is_dir():
        _replace_file(new, old)
    elif is_fixed(old):
        _replace_content(new, old)
    else:
        _replace_folder(new, old)
    sync_name(old)


def _take_mode(new: Path, old: Path) -> None:
    """Gives what is new the mode of the old, and the owner where that may be.

    Where it may not, or a file system has no modes, what is new keeps those
    of a new file.
    """
    before, after = old.stat(), new.stat()
    with contextlib.suppress(OSError):
        if (before.st_uid, before.st_gid) != (after.st_uid, after.st_gid):
            os.chown(new, before.st_uid, before.st_gid)
    with contextlib.suppress(OSError):
        new.chmod(stat.S_IMODE(before.st_mode))


def _replace_file(new: Path, old: Path) -> None:
    try:
        os.replace(new, old)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        # A mount point: a container may be given a single file.
        with new.open("rb") as content, old.open("wb") as file:
            shutil.copyfileobj(content, file)


def _replace_folder(new: Path, old: Path) -> None:
    """A folder cannot be renamed onto one that holds something."""
    aside = reserve(old.with_name(f"{old.name}.old"))
    try:
        os.replace(old, aside)
        os.replace(new, old)
    except BaseException as error:
        if not old.exists():
            os.replace(aside, old)
        release(aside)
        if isinstance(error, OSError) and error.errno == errno.EBUSY:
            _replace_content(new, old)  # of a mount point that none tells of
            return
        raise
    release(aside)


def _replace_content(new: Path, old: Path) -> None:
    """Moves what is in one folder into another, in place of what is there."""
    aside = reserve(old / f"{old.name}.old")
    aside.mkdir()
    added: list[Path] = []
    try:
        for child in list(old.iterdir()):
            if child not in (aside, new):
                os.replace(child, aside / child.name)
        for child in list(new.iterdir()):
            added.append(old / child.name)
            shutil.move(child, old / child.name)
    except BaseException:
        for child in added:
            remove(child)
        for child in list(aside.iterdir()):
            os.replace(child, old / child.name)
        release(aside)
        raise
    release(aside)
