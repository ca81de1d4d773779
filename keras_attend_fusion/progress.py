"""How long work shows what it has done."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

Update = Callable[..., None]
# Takes what is counted, such as "videos", and how many there are or None. The
# block it opens is one part of the work; what it yields is called with how
# many are done, and optionally how many there are.
Progress = Callable[[str, int | None], AbstractContextManager[Update]]


@contextlib.contextmanager
def silent(unit: str, total: int | None) -> Iterator[Update]:
    """Shows nothing.

    Example:

    >>> with silent("videos", 10) as update:
    ...     update(5)
    """
    yield lambda done, of=None: None
