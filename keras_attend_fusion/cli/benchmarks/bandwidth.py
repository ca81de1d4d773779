"""How fast memory is read: the limit of a model that reads its weights once
for every video."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

BYTES = 2**29  # far more than caches hold
SAMPLES = 3


class Memory:
    """A large array, which threads read part by part.

    Its numbers are joined by a bitwise or, which takes less time than fetching
    them does. A matrix-vector product of a BLAS library is slower, and its
    threads wait for each other where a machine is busy.
    """

    def __init__(self, size: int = BYTES) -> None:
        self.values = np.zeros(size // 8, "uint64")
        self.values.fill(1)  # zeros alone would have no pages of their own

    def read(self, num_threads: int, size: int, times: int = 1) -> int:
        """Reads the first `size` bytes so many times; returns all bits."""
        parts = np.array_split(self.values[: size // 8], num_threads)

        def work(part: np.ndarray) -> int:
            bits = 0
            for _ in range(times):
                bits |= int(np.bitwise_or.reduce(part))
            return bits

        with ThreadPoolExecutor(num_threads) as pool:
            bits = 0
            for part_bits in pool.map(work, parts):
                bits |= part_bits
        return bits

    def bytes_a_second(
        self, num_threads: int, size: int | None = None
    ) -> float:
        """How fast `size` bytes are read again and again, by default all.

        A cache keeps few bytes from one time to the next, as it does the
        weights of a small model. The fastest of three samples counts.
        """
        most = self.values.nbytes
        size = min(size or most, most)
        times = most // size
        seconds = []
        for _ in range(SAMPLES):
            start = time.perf_counter()
            self.read(num_threads, size, times)
            seconds.append(time.perf_counter() - start)
        return size * times / min(seconds)
