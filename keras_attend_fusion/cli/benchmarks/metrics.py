"""`benchmark metrics`: the exact evaluator on made-up scores, beside a bare
copy of the same scores, which is as fast as memory allows."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_attend_fusion.cli.benchmarks.made import (
    SCORED_BATCH_SIZE,
    SCORED_VIDEOS,
)
from keras_attend_fusion.cli.common import Flags, progress
from keras_attend_fusion.metrics import Evaluator

RANKINGS = ("all", "top_20")
Batch = tuple[np.ndarray, np.ndarray]  # scores and labels


def run(flag: Flags) -> dict[str, Any]:
    """Times the evaluator and prints a table; returns the figures."""
    videos, classes = flag["videos"] or SCORED_VIDEOS, flag["classes"]
    size = flag["batch-size"] or SCORED_BATCH_SIZE
    rng = np.random.default_rng(flag["seed"])
    rows = []
    with progress("steps", 2 + len(RANKINGS)) as update:
        batches = [
            made_up(min(size, videos - start), classes, rng)
            for start in range(0, videos, size)
        ]
        update(1)
        rows.append(_copy(batches, flag["repeats"]))
        update(2)
        for ranking in RANKINGS:
            rows.append(_score(batches, flag["repeats"], ranking))
            update(1 + len(rows))
    print(f"{videos} videos, {classes} classes, fastest of {flag['repeats']}:")
    print(_table(rows))
    return {"videos": videos, "classes": classes, "rows": rows}


def made_up(videos: int, classes: int, rng: np.random.Generator) -> Batch:
    """Scores and labels with the skew of real ones.

    A video has three labels, the first classes far more often than the last,
    and most of them score high among scores that are nearly all close to 0.
    """
    logits = rng.standard_normal((videos, classes), "float32") * 2 - 8
    drawn = (classes * rng.random((videos, 3)) ** 4).astype("int64")
    labels = np.zeros((videos, classes), "uint8")
    np.put_along_axis(labels, drawn, 1, axis=1)
    logits += labels * rng.normal(7, 3, (videos, 1)).astype("float32")
    return 1 / (1 + np.exp(-logits)), labels


def _copy(batches: list[Batch], repeats: int) -> dict[str, Any]:
    def work() -> int:
        return sum(array.nbytes for array in [s.copy() for s, _ in batches])

    seconds = [_timed(work)[0] for _ in range(repeats)]
    return {
        "what": "a copy of the scores",
        "update": min(seconds),
        "kept": work(),
    }


def _score(batches: list[Batch], repeats: int, ranking: str) -> dict[str, Any]:
    def work() -> Evaluator:
        evaluator = Evaluator(batches[0][0].shape[1], ranking=ranking)
        for scores, labels in batches:
            evaluator.update(scores, labels)
        return evaluator

    updates, results = [], []
    for _ in range(repeats):
        seconds, evaluator = _timed(work)
        updates.append(seconds)
        results.append(_timed(evaluator.result)[0])
        del evaluator
    return {
        "what": f"ranking {ranking}",
        "update": min(updates),
        "result": min(results),
        **_memory(work),
    }


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _memory(work: Callable[[], Evaluator]) -> dict[str, int]:
    """Bytes kept after all updates, and the most held during the result.

    Apart from the timing, as counting bytes takes time.
    """
    gc.collect()
    tracemalloc.start()
    try:
        evaluator = work()
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        evaluator.result()
        return {"kept": kept, "peak": tracemalloc.get_traced_memory()[1]}
    finally:
        tracemalloc.stop()


def _table(rows: list[dict[str, Any]]) -> str:
    lines = [
        f"  {'':<20} {'update':>9} {'result':>9} {'kept':>11} "
        f"{'most in result':>15}"
    ]
    for row in rows:
        cells = [
            f"{row[name]:.3f} s" if name in row else ""
            for name in ("update", "result")
        ]
        sizes = [
            f"{row[name] / 1e6:.1f} MB" if name in row else ""
            for name in ("kept", "peak")
        ]
        lines.append(
            f"  {row['what']:<20} {cells[0]:>9} {cells[1]:>9} {sizes[0]:>11} "
            f"{sizes[1]:>15}"
        )
    return "\n".join(lines)
