"""Work on many things at once, that a Ctrl-C ends at once."""

from __future__ import annotations

import collections
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

S = TypeVar("S")
T = TypeVar("T")

TICK = 0.1  # Seconds between looks at how far it is.
GRACE = 3.0  # Seconds that threads get to end; they do not outlive Python.


def in_parallel(
    work: Callable[[S], T],
    items: Sequence[S],
    threads: int,
    stop: threading.Event,
    tick: Callable[[int], None],
) -> list[T]:
    """Calls `work` for each item in some threads; its results in order.

    The first error that `work` raises, or a Ctrl-C, sets `stop`, waits a
    little for what is going on to notice, and is raised here.

    Args:
        work: Has to end soon after `stop` is set.
        items: Are taken from the front.
        threads: How many, at most.
        stop: Not set.
        tick: Called here with the items done, again and again.

    Example:

    >>> in_parallel(abs, [-1, 2, -3], 2, threading.Event(), lambda done: None)
    [1, 2, 3]
    """
    waiting = collections.deque(enumerate(items))
    ended: queue.SimpleQueue[tuple[int, Any, BaseException | None]]
    ended = queue.SimpleQueue()

    def serve() -> None:
        with contextlib.suppress(IndexError):
            while not stop.is_set():
                outcome = _outcome(work, *waiting.popleft())
                ended.put(outcome)
                if outcome[2] is not None:
                    stop.set()

    # Threads of a pool would be waited for at the end, however long.
    team = [
        threading.Thread(target=serve, daemon=True)
        for _ in range(min(threads, len(items)))
    ]
    results: dict[int, T] = {}
    try:
        tick(0)
        for thread in team:
            thread.start()
        while len(results) < len(items):
            with contextlib.suppress(queue.Empty):
                index, result, error = ended.get(timeout=TICK)
                if error is not None:
                    raise error
                results[index] = result
            tick(len(results))
    except BaseException:
        stop.set()
        end = time.monotonic() + GRACE
        for thread in team:
            if thread.ident is not None:
                thread.join(max(0.0, end - time.monotonic()))
        raise
    return [results[index] for index in range(len(items))]


def _outcome(
    work: Callable[[S], T], index: int, item: S
) -> tuple[int, T | None, BaseException | None]:
    try:
        return index, work(item), None
    except BaseException as error:
        return index, None, error
