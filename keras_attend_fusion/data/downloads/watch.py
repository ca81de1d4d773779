"""Ending an answer that brings too little, or takes too long."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from keras_attend_fusion.data.downloads.errors import (
    DownloadError,
    TooSlowError,
)


class Watch:
    """Ends an answer whose bytes come too slowly, inside a `with` block.

    A read blocks for as long as single bytes keep coming, so a thread of its
    own looks at what has come.

    Args:
        name: What is read, for errors.
        end: Ends the reads that are going on and those to come.
        window: Seconds between looks.
        least_rate: Bytes a second that have to come within each window.
        until: The `time.monotonic()` at which everything has to be there.

    Attributes:
        come: Bytes so far; the reader counts them.
        failure: Why the answer was ended; None if it was not.
    """

    def __init__(
        self,
        name: str,
        end: Callable[[], object],
        window: float,
        least_rate: float,
        until: float,
    ) -> None:
        self.name, self._end = name, end
        self.window, self.least_rate, self.until = window, least_rate, until
        self.come = 0
        self.failure: DownloadError | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()

    def _look(self) -> None:
        before = 0
        while self.failure is None:
            left = max(0.0, self.until - time.monotonic())
            if self._over.wait(min(self.window, left)):
                return
            come = self.come
            if left <= self.window:
                self.failure = DownloadError(
                    f"{self.name}: not whole in the time that a file may take"
                )
            elif come - before < self.least_rate * self.window:
                self.failure = TooSlowError(
                    f"{self.name}: {come - before} bytes in "
                    f"{self.window:g} s, fewer than {self.least_rate:g} a "
                    "second"
                )
            before = come
        with contextlib.suppress(Exception):  # it may have ended by itself
            self._end()
