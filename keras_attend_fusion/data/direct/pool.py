"""Memory for one batch after another."""

from __future__ import annotations

import math
import sys
import threading

import numpy as np

ALIGNMENT = 64  # of arrays that TensorFlow takes without a copy
FREE = 3  # references: the list's, the loop's and the question's


class Pool:
    """Arrays that are used again once nobody else refers to them.

    New memory costs about as much as filling it: the system clears it page by
    page. TensorFlow takes an array as it lies, and refers to it for as long as
    it needs it; so a handful of arrays go round. Threads may share a pool.

    Example:

    >>> pool = Pool()
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
            for array in self._arrays:
                free = sys.getrefcount(array) == FREE
                if free and len(array) >= size + ALIGNMENT:
                    break
            else:
                self._arrays = [  # those that are free are too small
                    one for one in self._arrays if sys.getrefcount(one) > FREE
                ]
                array = np.empty(size + size // 8 + ALIGNMENT, np.uint8)
                self._arrays.append(array)
            skip = -array.ctypes.data % ALIGNMENT
            return array[skip : skip + size].reshape(shape)
