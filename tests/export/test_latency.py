"""Timing a file: what is counted, not how long it takes."""

from __future__ import annotations

from keras_attend_fusion import export


def test_the_first_three_calls_do_not_count(monkeypatch):
    clock = iter([0.0, 0.001, 1.0, 1.002, 2.0, 2.003])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    calls = []
    found = export.latency(calls.append, {"rgb": 1}, runs=3)
    assert calls == [{"rgb": 1}] * 6
    assert round(found["p50_ms"], 6) == 2.0
    assert round(found["p95_ms"], 6) == 2.9
