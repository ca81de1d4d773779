"""Which errors are the user's to mend, in one line each."""

from __future__ import annotations

import re

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.extras import missing
from keras_attend_fusion.files import printable

ARGUMENT = re.compile("`([a-z_]+)`")  # as `ArgumentError` has them


class UsageError(ValueError):
    """A flag that is missing, or does not go with the others."""


def describe(error: BaseException) -> str | None:
    """The line to print for an error, or None if it is a fault of ours.

    Covers what this package raises (`ValueError`), the file system
    (`OSError`), a machine too small (`MemoryError`), a package that is not
    installed (`ImportError`) and TensorFlow's own errors about files and
    records. Names and reasons come from files and servers, so what could
    steer a terminal is written out.
    """
    text = _text(error)
    return text and printable(" ".join(text.split()), None)


def flag_name(name: str) -> str:
    """The flag of an argument."""
    return name.replace("_", "-")


def flags_for(text: str) -> str:
    """A text about arguments, with the names of their flags.

    Example:

    >>> flags_for("pass `num_classes`=8 or more")
    'pass --num-classes=8 or more'
    """
    return ARGUMENT.sub(lambda name: f"--{flag_name(name[1])}", text)


def with_flags(error: BaseException) -> str:
    """An error's message, with the names of flags for those of arguments."""
    text = str(error)
    return flags_for(text) if isinstance(error, ArgumentError) else text


def _text(error: BaseException) -> str | None:
    if isinstance(error, ImportError):
        return missing(error)
    if isinstance(error, MemoryError):
        return f"not enough memory: {error}".removesuffix(": ")
    if isinstance(error, ValueError | OSError):
        return with_flags(error)
    if type(error).__module__.startswith("tensorflow."):
        return str(error).split("\n", 1)[0]
    return None
