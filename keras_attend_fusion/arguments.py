"""Arguments that the command has as flags, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

from keras_attend_fusion.files import is_stream


class ArgumentError(ValueError):
    """What an argument names cannot be used.

    Its message has names of arguments in backquotes, which the command line
    turns into those of its flags.
    """


def new_file(path: str | Path) -> Path:
    """A file that may be made, or a stream that is there to be written to.

    Raises:
        ArgumentError: A file or folder is there.
    """
    file = Path(path)
    if file.exists() and not is_stream(file):
        raise ArgumentError(f"{file} exists: remove it or name another `out`")
    return file
