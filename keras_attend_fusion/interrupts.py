"""Ending at a Ctrl-C or a SIGTERM, at a place where nothing is half done.

Python raises `KeyboardInterrupt` wherever it happens to be. In a `__del__`
the exception is printed and lost, in a function that TensorFlow calls back it
becomes an error of another kind. So the handler only notes the signal, and
loops call `check`, which raises. Where no loop looks within `PATIENCE`
seconds, as in a long import, the handler raises after all; and once more
where a library caught that and goes on, as TensorFlow may while it traces.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

PATIENCE = 1.0  # seconds that loops have to look
RETRY = 0.1  # seconds until the handler tries again to raise
AGAIN = 1.0  # seconds until it looks whether the exception was swallowed
CLEANUP = 5.0  # seconds in which nothing disturbs the end
WORDS: dict[int, str] = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
}


class Interrupts:
    """The signals that came inside a block of `interrupts`.

    Attributes:
        signals: Their numbers, in order.
    """

    def __init__(self) -> None:
        self.signals: list[int] = []
        self._raised_at: float | None = None
        self._pinged = False  # whether the next signal is the watcher's
        self._urgent = False
        self._over = False
        self._lock = threading.Lock()
        # A SimpleQueue may be put to in a signal handler.
        self._news: queue.SimpleQueue[bool] = queue.SimpleQueue()

    @property
    def word(self) -> str:
        """What happened, in a word; empty if nothing did."""
        return WORDS[self.signals[0]] if self.signals else ""

    @property
    def status(self) -> int:
        """The exit status that shells give to such an end."""
        return 128 + (self.signals[0] if self.signals else signal.SIGINT)

    def check(self) -> None:
        """Raises `KeyboardInterrupt` if a signal came."""
        if self.signals:
            self._raised_at = time.monotonic()
            raise KeyboardInterrupt(self.word)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        pinged, self._pinged = self._pinged, False
        # Whether an end that has begun takes too long.
        urgent = (
            self._raised_at is not None
            and time.monotonic() - self._raised_at > CLEANUP
        )
        if not pinged:
            self.signals.append(number)
            self._news.put(True)
        elif self._raised_at is None or sys.exc_info()[1] is None:
            # No exception is being handled: the end has not begun, or what
            # was raised has been swallowed.
            urgent = True
        self._urgent = self._urgent or urgent
        if self._urgent and not _in_destructor(frame):
            self._urgent = False
            self.check()

    def _lost(self, unraisable: Any) -> bool:
        """Whether an exception that nobody gets to see is one of ours."""
        ours = isinstance(unraisable.exc_value, KeyboardInterrupt)
        if ours and self.signals:
            self._raised_at = None
            return True
        return False

    def _watch(self) -> None:
        """Has the handler raise where no loop looks."""
        if not self._news.get():
            return
        wait = PATIENCE
        while True:
            with contextlib.suppress(queue.Empty):
                if not self._news.get(timeout=wait):
                    return
            with self._lock:
                if self._over:
                    return
                wait = RETRY if self._raised_at is None else AGAIN
                self._pinged = True
                _signal_main_thread()

    def _end(self) -> None:
        with self._lock:
            self._over = True
        self._news.put(False)


_current = Interrupts()


def check() -> None:
    """Raises `KeyboardInterrupt` if a Ctrl-C or a SIGTERM came."""
    _current.check()


def status() -> int:
    """The exit status of a process that a signal ends."""
    return _current.status


@contextlib.contextmanager
def interrupts() -> Iterator[Interrupts]:
    """Notes each Ctrl-C and SIGTERM inside the block.

    Code that TensorFlow runs, while it traces a function or calls back, may
    turn the `KeyboardInterrupt` into an error of its own: what is yielded
    says what was behind it.
    """
    global _current
    noted = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield noted  # only the main thread is interrupted
        return
    before = {number: signal.getsignal(number) for number in WORDS}
    hook, outer = sys.unraisablehook, _current

    def unraisable(error: Any) -> None:
        if not noted._lost(error):
            hook(error)

    _current, sys.unraisablehook = noted, unraisable
    threading.Thread(target=noted._watch, daemon=True).start()
    for number in WORDS:
        signal.signal(number, noted._handle)
    try:
        yield noted
    finally:
        noted._end()
        for number, handler in before.items():
            signal.signal(number, handler)
        _current, sys.unraisablehook = outer, hook


def _in_destructor(frame: FrameType | None) -> bool:
    """Whether an exception raised here would be lost in a `__del__`."""
    while frame is not None:
        if frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


def _signal_main_thread() -> None:
    """Runs the handler, and ends a wait of the main thread's."""
    identity = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and identity is not None:
        signal.pthread_kill(identity, signal.SIGINT)
    else:  # Windows
        signal.raise_signal(signal.SIGINT)
