"""Which errors are the user's to mend, in one line each."""

from __future__ import annotations


class UsageError(ValueError):
    """A flag that is missing, or does not go with the others."""


def describe(error: BaseException) -> str | None:
    """The line to print for an error, or None if it is a fault of ours.

    Covers what this package raises (`ValueError`), the file system
    (`OSError`), a machine too small (`MemoryError`) and TensorFlow's own
    errors about files and records.
    """
    if isinstance(error, MemoryError):
        return f"not enough memory: {error}".removesuffix(": ")
    if isinstance(error, ValueError | OSError):
        return str(error)
    if type(error).__module__.startswith("tensorflow."):
        return str(error).split("\n", 1)[0]
    return None
