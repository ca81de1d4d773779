"""Checks of the arguments that several functions take."""

from __future__ import annotations

import operator
from typing import Any

MOST = 2**31 - 1  # of a count


def integer(
    name: str, value: Any, least: int | None = 1, most: int | None = MOST
) -> int:
    """An integer argument as an `int`; NumPy's integers are integers, too.

    Args:
        name: The argument's name, for the error.
        value: Its value.
        least: The least that it may be; None for any.
        most: The most that it may be; None for any.

    Raises:
        ValueError: It is of another type, or out of range.

    Example:

    >>> integer("batch_size", 64)
    64
    >>> integer("batch_size", 2.0)
    Traceback (most recent call last):
    ValueError: batch_size has to be an integer, got 2.0.
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise ValueError(
            f"{name} has to be an integer, got {value!r}."
        ) from None
    if least is not None and number < least:
        wanted = "positive" if least == 1 else f"at least {least}"
        raise ValueError(f"{name} has to be {wanted}, got {number}.")
    if most is not None and number > most:
        raise ValueError(f"{name} has to be at most {most}, got {number}.")
    return number


def seed_or_none(value: Any) -> int | None:
    """A seed of 64 bits, or None."""
    if value is None:
        return None
    return integer("seed", value, -(2**63), 2**63 - 1)


def on_corrupt_mode(value: Any) -> str:
    """`"error"` or `"skip"`."""
    if value not in ("error", "skip"):
        raise ValueError(
            f"on_corrupt has to be 'error' or 'skip', got {value!r}."
        )
    return str(value)


def process_pair(value: Any) -> tuple[int, int]:
    """`(index, processes)`, with an index from 0 to processes - 1."""
    try:
        index, processes = value
    except (TypeError, ValueError):
        raise ValueError(
            f"process has to be (index, processes), got {value!r}."
        ) from None
    index = integer("The index of a process", index, least=None)
    processes = integer("The number of processes", processes, least=None)
    if not 0 <= index < processes:
        raise ValueError(
            f"process is {index, processes}: give (index, processes) with an "
            f"index from 0 to {max(processes, 1) - 1}."
        )
    return index, processes
