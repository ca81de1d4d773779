"""How the threads of a process take turns on its cores."""

from __future__ import annotations

import os


def take_long_turns() -> None:
    """Has this thread, and those it starts from here on, scheduled as a batch.

    While processes wait for each other some of their threads spin. On Linux's
    usual policy one that spins may hold its core until the next tick of the
    clock, 4 ms later, before the thread that has the other process's answer
    gets its turn: on every sum over processes, where each has few cores. On
    the batch policy it does not. Nothing happens where there is no such
    policy, or another than the usual one was chosen.

    Reference:
        - `sched(7)`, the manual page of Linux's schedulers.
    """
    if not hasattr(os, "SCHED_BATCH"):
        return
    if os.sched_getscheduler(0) == os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
