"""The scheduling policy of a process's threads."""

from __future__ import annotations

import os


def take_long_turns() -> None:
    """Puts this thread, and those that it starts, under the batch policy.

    While processes wait for each other, some of their threads spin. Under
    Linux's default policy a spinning thread may keep its core until the next
    scheduler tick, 4 ms later, and delays the thread that holds the other
    process's data. With few cores for each process that happens in every
    all-reduce. Under the batch policy it does not. Does nothing where that
    policy does not exist, or where another one than the default is set.

    Reference:
        - `sched(7)`, the manual page of Linux's schedulers.
    """
    if not hasattr(os, "SCHED_BATCH"):
        return
    if os.sched_getscheduler(0) == os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
