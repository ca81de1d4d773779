"""Arguments that the command has as flags, and what is wrong with them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path

from keras_attend_fusion.files import is_stream

# How names of arguments are written in what is printed; the command line
# writes those of its flags.
_spelling: ContextVar[Callable[[str], str]] = ContextVar(
    "spelling", default=str
)


class ArgumentError(ValueError):
    """What an argument names cannot be used.

    Its message has names of arguments in backquotes, which the command line
    turns into those of its flags.
    """


class NotAFolderError(ArgumentError, NotADirectoryError):
    """What an argument names as a folder is something else."""


def spell(text: str) -> str:
    """A text about arguments in backquotes, in the words of who called.

    Example:

    >>> spell("a larger `batch_size`")
    'a larger `batch_size`'
    """
    return _spelling.get()(text)


@contextlib.contextmanager
def spelled(spelling: Callable[[str], str]) -> Iterator[None]:
    """Has `spell` change texts in the block."""
    before = _spelling.set(spelling)
    try:
        yield
    finally:
        _spelling.reset(before)


def notice(text: str) -> None:
    """Prints a line about arguments on standard error."""
    print(spell(text), file=sys.stderr)


def new_file(path: str | Path) -> Path:
    """A file that may be made, or a stream that is there to be written to.

    Raises:
        ArgumentError: A file or folder is there.
    """
    file = Path(path)
    if file.exists() and not is_stream(file):
        raise ArgumentError(f"{file} exists: remove it or name another `out`")
    return file
