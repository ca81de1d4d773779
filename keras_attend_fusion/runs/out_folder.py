"""The folder of `out` while something is written to it."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from keras_attend_fusion.arguments import ArgumentError, NotAFolderError
from keras_attend_fusion.files import LOCK, locked

TRIES = 200  # where other processes make and remove the folder meanwhile


@contextlib.contextmanager
def claimed(out: Path, check: Callable[[], object]) -> Iterator[None]:
    """Makes a folder unless it exists, and keeps other processes out of it.

    A folder that existed stays, whatever it is (a link, a mount point) and
    with its mode and owner. One that was made here, and the folders above it
    that were, go again if nothing is in them at the end.

    Args:
        out: The folder.
        check: Raises `ValueError` if it may not be written to. Asked before
            anything is made, and again when no other process can write.

    Raises:
        InUseError: Another process writes to it.
    """
    if not (out / LOCK).exists():  # whether it is in use is said first
        check()
    made: list[Path] = []
    try:
        with contextlib.ExitStack() as stack:
            _make_and_lock(out, made, stack)
            check()
            yield
    finally:
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()


def _make_and_lock(
    out: Path, made: list[Path], stack: contextlib.ExitStack
) -> None:
    for _ in range(TRIES):
        # A folder is gone where the process that made it has just removed it.
        with contextlib.suppress(FileNotFoundError):
            for folder in (*reversed(out.parents), out):
                if not folder.is_dir() and _made(folder):
                    made.append(folder)
            stack.enter_context(locked(out))
            return
    raise FileNotFoundError(f"{out} is removed again and again")


def _made(folder: Path) -> bool:
    """Makes a folder; whether it was this process that did."""
    try:
        folder.mkdir()
    except FileExistsError as error:
        # By now another process may have removed what stood here: then
        # lstat raises FileNotFoundError, and the caller tries again.
        if folder.is_dir() or stat.S_ISDIR(folder.lstat().st_mode):
            return False
        raise NotAFolderError(
            f"{folder} is a file, or a link to nothing: name another `out`"
        ) from error
    return True


def _names_in(folder: Path) -> list[str]:
    """What a folder holds; of nothing, nothing; of a file, that it is one.

    Asked once, as another process may remove the folder meanwhile.
    """
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []
    except NotADirectoryError:  # a file, or there is one above
        return ["a file"] if folder.exists() else []


def new_folder(path: str, hint: str = "", hidden: bool = False) -> Path:
    """A folder that may be made; `ArgumentError` if something is there.

    Args:
        path: The folder.
        hint: What else to do, for the error.
        hidden: Whether hidden files may be there.
    """
    folder = Path(path)
    if folder.is_symlink() and not folder.exists():
        raise ArgumentError(
            f"{folder} is a link to {os.readlink(folder)}, which does not "
            "exist: make that folder, or name another `out`"
        )
    if any(
        name != LOCK and not (hidden and name.startswith("."))
        for name in _names_in(folder)
    ):
        raise ArgumentError(
            f"{folder} exists and is not an empty folder: remove it or name "
            f"another `out`{hint}"
        )
    return folder
