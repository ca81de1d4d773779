"""Memory for one batch after another."""

from __future__ import annotations

import math
import sys
import threading

import numpy as np

ALIGNMENT = 64  # of arrays that TensorFlow takes without a copy


class BufferPool:
    """Arrays that are used again once nobody else refers to them.

    New memory costs about as much as filling it: the system clears it page by
    page. TensorFlow takes an array as it lies, and refers to it for as long as
    it needs it; so a handful of arrays go round. Threads may share a pool.

    Example:

    >>> pool = BufferPool()
    >>> batch = pool.empty((2, 3))
    >>> batch.shape, batch.dtype
    ((2, 3), dtype('uint8'))
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrays: list[np.ndarray] = []

    def empty(self, shape: tuple[int, ...]) -> np.ndarray:
        """An array of bytes of that shape, which holds anything."""
        size = math.prod(shape)
        with self._lock:
            counts = map(sys.getrefcount, self._arrays)
            free = [i for i, count in enumerate(counts) if count == FREE]
            free.sort(key=lambda i: len(self._arrays[i]))
            fits = (i for i in free if len(self._arrays[i]) >= size + ALIGNMENT)
            chosen = next(fits, None)
            if chosen is None:
                if free:  # the largest is too small now
                    del self._arrays[free[-1]]
                chosen = len(self._arrays)
                room = size + size // 8 + ALIGNMENT
                self._arrays.append(np.empty(room, np.uint8))
            array = self._arrays[chosen]
            skip = -array.ctypes.data % ALIGNMENT
            return array[skip : skip + size].reshape(shape)


def _free() -> int:
    """References to an array that only a list holds, as `map` counts them."""
    (count,) = map(sys.getrefcount, [np.empty(0)])
    return count


FREE = _free()
