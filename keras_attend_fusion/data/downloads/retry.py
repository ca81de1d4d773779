"""Trying again, less and less often."""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Callable
from typing import TypeVar

from keras_attend_fusion.data.downloads.errors import (
    DownloadError,
    TooSlowError,
    TransientError,
)

T = TypeVar("T")

FIRST_WAIT = 1.0  # Seconds; doubled at every failure, up to the longest.
LONGEST_WAIT = 60.0
LONGEST_ASKED = 600.0  # A server that asks for more is not waited for.


def patiently(
    attempt: Callable[[], T],
    retries: int,
    wait: Callable[[float], object],
    gained: Callable[[], int] = lambda: 0,
) -> T:
    """Calls `attempt` until it succeeds, and returns what it returns.

    After a `TransientError` it waits and calls again. Only failures in a row
    count: each time that `gained()` is higher than ever, they start anew,
    unless what came was a `TooSlowError`.

    Args:
        attempt: Takes nothing.
        retries: How often to call again after failures in a row.
        wait: Called with the seconds to wait.
        gained: What has been achieved so far, say bytes received.

    Raises:
        DownloadError: `retries` were in vain, or the server asks to be left
            alone for longer than `LONGEST_ASKED`.
    """
    failures, most = 0, gained()
    while True:
        try:
            return attempt()
        except TransientError as error:
            failure = error
        achieved = gained()
        if achieved > most:
            most = achieved
            if not isinstance(failure, TooSlowError):
                failures = 0
        if failures == retries:
            raise DownloadError(f"{failure} (tried {failures + 1} times)")
        failures += 1
        asked = failure.after or 0.0
        if asked > LONGEST_ASKED:
            raise DownloadError(
                f"{failure}: it asks to wait {asked:.0f} s: try again later"
            )
        wait(max(asked, back_off(failures)))


def back_off(failures: int) -> float:
    """Seconds to wait after so many failures in a row.

    `FIRST_WAIT` doubles with each, up to `LONGEST_WAIT`; a random half of it
    is taken off, so that many clients do not come back all at once.
    """
    whole = min(FIRST_WAIT * 2.0 ** min(failures - 1, 60), LONGEST_WAIT)
    return whole * random.uniform(0.5, 1.0)


def retry_after(header: str | None) -> float | None:
    """Seconds that the header `Retry-After` asks for; None if it does not.

    It holds seconds or a date.

    Example:

    >>> retry_after("120")
    120.0
    >>> retry_after("Wed, 21 Oct 2015 07:28:00 GMT")  # it is past
    0.0
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = email.utils.parsedate_to_datetime(text)
        return max(0.0, when.timestamp() - time.time())
    except (ValueError, OverflowError, OSError):
        return None
