from __future__ import annotations

import threading

import pytest

from keras_attend_fusion.metrics.exact import threads


def test_results_come_in_order() -> None:
    assert threads.in_threads(abs, range(-5, 5)) == [
        5,
        4,
        3,
        2,
        1,
        0,
        1,
        2,
        3,
        4,
    ]
    assert threads.in_threads(abs, [-3]) == [3]
    assert threads.in_threads(abs, []) == []


def test_work_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_cores", lambda: 2)
    both = threading.Barrier(2, timeout=60)  # passed by two at once, or never
    assert len(threads.in_threads(lambda _: both.wait(), range(2))) == 2


def test_an_error_arrives() -> None:
    with pytest.raises(ZeroDivisionError):
        threads.in_threads(lambda n: 1 / n, [1, 0, 2])
