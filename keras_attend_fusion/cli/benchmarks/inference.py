"""`benchmark inference`: exported files in fresh processes without Keras,
beside the limit that memory sets to a model that reads its weights once for
every video: as fast as a bare pass reads as many bytes as the file has. `limit`
is for bytes that come from memory, `warm_limit` for those of the file read
again and again, of which caches keep a small one's.

Weights are random, and the ranges of 8-bit files are those of one made-up
video: sizes and times are those of a trained model, scores are not. Files are
in the system's cache when the first result of a process is waited for.
"""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

from keras_attend_fusion.cli.benchmarks.bandwidth import Memory
from keras_attend_fusion.cli.benchmarks.exported import (
    Exported,
    export_all,
    repeated,
    wanted,
)
from keras_attend_fusion.cli.benchmarks.inference_table import lines
from keras_attend_fusion.cli.benchmarks.made import EXPORTED_BATCH_SIZE
from keras_attend_fusion.cli.common import Flags, progress
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.runs.settings import split_words

THREADS = (1, 2)
BATCHES = 3  # calls with a batch that are timed
Case = tuple[int | None, int, int]  # frames, threads, number of the file


def run(flag: Flags) -> dict[str, Any]:
    """Times each file and prints tables; returns the figures."""
    models, lengths = wanted(flag), _lengths(flag)
    size = flag["batch-size"] or EXPORTED_BATCH_SIZE
    with tempfile.TemporaryDirectory() as folder:
        total = sum(len(model.kinds) for model in models)
        files = []
        with progress("files written", total) as update:
            for file in export_all(models, flag, lengths, Path(folder)):
                files.append(file)
                update(len(files))
        cases = list(itertools.product(lengths, THREADS, range(total)))
        timings = _fastest(files, cases, size, flag)
    speeds = {threads: _most(timings, "memory", threads) for threads in THREADS}
    rows = []
    for length, threads, number in cases:
        first, own = (timings[length, threads, n] for n in (0, number))
        warm = _most(timings, "warm", threads, number)
        row = _row(files[number], own, size, speeds[threads], warm)
        row |= {
            "bytes_of_first": files[number].bytes / files[0].bytes,
            "of_first": first["p50_ms"] / own["p50_ms"],
        }
        rows.append({"frames": length, "threads": threads, **row})
    facts = {
        "level": flag["level"],
        "classes": flag["classes"],
        "batch_size": size,
        "repeats": flag["repeats"],
        "memory": [
            {"threads": threads, "bytes_a_second": speed}
            for threads, speed in speeds.items()
        ],
        "rows": rows,
    }
    print("\n".join(lines(facts)))
    return facts


def _lengths(flag: Flags) -> list[int | None]:
    if flag["level"] == "video":
        return [None]
    chosen = split_words(flag["frames"])
    if not chosen or not all(text.isdecimal() and int(text) for text in chosen):
        raise UsageError(
            f"--frames is {flag['frames']!r}: pass numbers of seconds, parted "
            "by commas"
        )
    return list(dict.fromkeys(int(text) for text in chosen))


def _fastest(
    files: list[Exported], cases: list[Case], size: int, flag: Flags
) -> dict[Case, dict[str, Any]]:
    """The best of several rounds, each of which runs every case once:
    a machine is not always as fast."""
    fastest: dict[Case, dict[str, Any]] = {}
    memory = Memory()
    with progress("files timed", flag["repeats"] * len(cases)) as update:
        for done in range(flag["repeats"]):
            for number, case in enumerate(cases):
                length, threads, which = case
                times = _timed(
                    files[which], length, threads, size, flag["steps"]
                )
                times["memory"] = memory.bytes_a_second(threads)
                times["warm"] = memory.bytes_a_second(
                    threads, files[which].bytes
                )
                before = fastest.setdefault(case, times)
                for name, value in times.items():
                    best = max if name in ("memory", "warm") else min
                    if value is not None:  # as peak_mb is where unknown
                        before[name] = best(before[name], value)
                update(done * len(cases) + number + 1)
    return fastest


def _timed(
    file: Exported, length: int | None, threads: int, size: int, calls: int
) -> dict[str, Any]:
    from keras_attend_fusion import export

    video = file.videos[length]
    times = export.latency(file.path, video, threads, calls)
    batch = repeated(video, size)
    many = export.latency(file.path, batch, threads, BATCHES)
    return {**times, "batch_ms": many["p50_ms"]}


def _most(
    timings: dict[Case, dict[str, Any]],
    name: str,
    threads: int,
    file: int | None = None,
) -> float:
    """The highest of a speed that several cases measure alike."""
    return max(
        float(row[name])
        for (_, used, number), row in timings.items()
        if used == threads and file in (None, number)
    )


def _row(
    file: Exported,
    timing: dict[str, Any],
    size: int,
    memory: float,
    warm: float,
) -> dict[str, Any]:
    """The figures of a file; `memory` and `warm` are bytes a second."""
    rate, limit = 1000 / timing["p50_ms"], memory / file.bytes
    warm_limit = max(memory, warm) / file.bytes
    times = ("p50_ms", "p95_ms", "first_ms", "peak_mb", "batch_ms")
    return {
        "model": file.model,
        "preset": file.preset,
        "format": file.format,
        "quantize": file.quantize,
        "parameters": file.parameters,
        "bytes": file.bytes,
        **{name: timing[name] for name in times},
        "videos_a_second": rate,
        "videos_a_second_in_batches": 1000 * size / timing["batch_ms"],
        "limit": limit,
        "of_limit": rate / limit,
        "warm_limit": warm_limit,
        "of_warm_limit": rate / warm_limit,
    }
