"""What is read, and how much of it; how fast is not tested."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.cli.benchmarks import bandwidth


@pytest.mark.parametrize("num_threads", [1, 2, 3])
def test_every_number_is_read(num_threads):
    memory = bandwidth.Memory(8 * 64)
    assert memory.read(num_threads, 8 * 64) == 1
    memory.values[:] = 2 ** np.arange(64, dtype="uint64")
    assert memory.read(num_threads, 8 * 64) == 2**64 - 1
    assert memory.read(num_threads, 8 * 10) == 2**10 - 1


@pytest.mark.parametrize(
    ("size", "times", "speed"),
    [(None, 1, 800), (80, 10, 800), (300, 2, 600), (5000, 1, 800)],
)
def test_bytes_a_second(monkeypatch, size, times, speed):
    """Every pass takes a second, but for one sample, which takes longer."""
    memory, asked, now = bandwidth.Memory(800), [], [0.0]

    def read(num_threads, size, times):
        asked.append((num_threads, size, times))
        now[0] += 7.0 if len(asked) == 1 else 1.0

    monkeypatch.setattr(memory, "read", read)
    monkeypatch.setattr(bandwidth.time, "perf_counter", lambda: now[0])
    assert memory.bytes_a_second(2, size) == speed
    assert asked == [(2, min(size or 800, 800), times)] * 3
