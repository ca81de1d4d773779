"""Memory of one step, kept for the next."""

from __future__ import annotations

import ctypes
import os

# Of <malloc.h>.
TRIM_THRESHOLD, MMAP_MAX, ARENA_MAX = -1, -4, -8
LIMIT = 2**31 - 1
OWN_SETTINGS = ("MALLOC_", "GLIBC_TUNABLES")


def keep_freed_memory() -> bool:
    """Has the GNU C library keep what is freed, in place of giving it back.

    A step at frame level frees and allocates tensors of tens of megabytes.
    By default each of them is mapped from the kernel, which clears its pages
    one by one. Kept, a step of `mobile` on two cores is 1.65 times as fast
    at frame level and 1.2 times at video level, for a tenth more memory
    (`benchmarks/freed_memory.py`); what is computed stays the same. The
    setting holds for the whole process. Call it before the first step;
    `train` and `tune` of the command do.

    Returns:
        Whether the setting was made. It is not with another C library, nor
        where the environment has settings of malloc of its own (`MALLOC_…`,
        `GLIBC_TUNABLES`).

    Example:

    >>> keep_freed_memory() in (True, False)
    True
    """
    if any(name.startswith(OWN_SETTINGS) for name in os.environ):
        return False
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018
        mallopt = library.mallopt
    except (AttributeError, OSError, TypeError):
        return False
    # One arena, since that of a thread maps blocks over 64 MiB whatever is set.
    settings = ((ARENA_MAX, 1), (MMAP_MAX, 0), (TRIM_THRESHOLD, LIMIT))
    return all([mallopt(name, value) for name, value in settings])
