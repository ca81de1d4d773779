"""Keeping the memory that every step asks for again."""

from __future__ import annotations

import ctypes
import platform

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # malloc.h


def keep_memory() -> bool:
    """Tells the C library to keep freed memory for the next step.

    A wide model's step on a CPU takes and frees arrays of hundreds of MB. By
    default glibc hands such arrays back to the system at once, and the next
    step pays for every page again, which can cost more than the arithmetic
    (`benchmarks/epoch.py`). The price: memory that the process has freed
    stays with it until it ends. `attend-fusion train` calls this; call it
    before you build a model in a script of your own.

    Returns:
        Whether there was something to tell: False where the C library is
        not glibc.

    Example:

    >>> keep_memory() in (True, False)
    True
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    kept = mallopt(M_TRIM_THRESHOLD, 2**31 - 1) and mallopt(M_MMAP_MAX, 0)
    return bool(kept)
