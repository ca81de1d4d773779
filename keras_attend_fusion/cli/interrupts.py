"""Telling a Ctrl-C from the errors that libraries make of it."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def interrupts() -> Iterator[list[int]]:
    """Yields a list that gets an entry at every Ctrl-C inside the block.

    Python code that TensorFlow runs, while it traces a function or calls
    back, may see the `KeyboardInterrupt` and report it as an error of its
    own: the list tells what was behind it.
    """
    seen: list[int] = []

    def notice(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield seen  # only the main thread is interrupted
        return
    before = signal.signal(signal.SIGINT, notice)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)
