"""Counts of heads and groups, which may be left open until a build."""

from __future__ import annotations


def optional_int(value: int | None) -> int | None:
    """A count as a Python int, which a config can hold; None stays None."""
    return None if value is None else int(value)


def largest_divisor(size: int, most: int) -> int:
    """The largest number that divides `size` and is at most `most`.

    Example:

    >>> [largest_divisor(size, 8) for size in (1024, 300, 2050, 13)]
    [8, 6, 5, 1]
    """
    return max(n for n in range(1, min(size, most) + 1) if size % n == 0)
