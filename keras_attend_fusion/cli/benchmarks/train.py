"""`benchmark train`: steps of a training, and how long each waits for its
batch, beside the same step on one batch that is held in memory, and beside its
matrix products by themselves."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from keras_attend_fusion import models
from keras_attend_fusion.cli.benchmarks import made
from keras_attend_fusion.cli.benchmarks.products import seconds_of_products
from keras_attend_fusion.cli.common import Flags, progress
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.data.patterns import split_patterns

WARM_UP = 3  # steps that are not counted: they compile


def run(flag: Flags) -> dict[str, Any]:
    """Times steps and prints a table; returns the figures."""
    sizes = models.presets(flag["model"])
    if flag["preset"] not in sizes:
        raise UsageError(
            f"--preset is {flag['preset']!r}: {flag['model']} comes as "
            f"{', '.join(sizes)}"
        )
    if flag["data"]:
        return _time(flag, split_patterns(flag["data"]))
    with tempfile.TemporaryDirectory() as folder:
        return _time(flag, [made.shards(flag, Path(folder) / "shards")])


def _time(flag: Flags, globs: list[str]) -> dict[str, Any]:
    import keras

    from keras_attend_fusion import data, training

    paths = data.list_shards(globs)
    level = data.detect_level(next(data.iter_records(paths[0]))[1])
    size = flag["batch-size"] or made.batch_size(level)
    policy = training.default_dtype_policy()
    keras.config.set_dtype_policy(policy)
    model = models.build(
        flag["model"], flag["preset"], made.layout(level), flag["classes"]
    )
    steps = flag["steps"] + WARM_UP
    training.compile_model(model, steps * 2)
    dataset = data.load(
        paths,
        level,
        size,
        num_classes=flag["classes"],
        modalities=models.modalities(flag["model"], flag["preset"]),
        shuffle=True,
        seed=flag["seed"],
        repeat=True,
        drop_remainder=True,
    )
    if data.count(paths) < size:
        raise ValueError(
            f"{data.count(paths)} videos are less than a batch of {size}: "
            "pass a smaller --batch-size"
        )
    with progress("steps", 2 * steps) as update:
        fed = _steps(model, training.as_numpy(dataset), steps, update, 0)
        held = next(iter(training.as_numpy(dataset)))
        alone = _steps(model, _again(held), steps, update, steps)
    frames = next(iter(held[0].values())).shape[1]  # if it has any
    least, operations = seconds_of_products(model, size, frames)
    in_memory = statistics.median(work for _, work in alone)
    waits = [wait for wait, _ in fed]
    works = [work for _, work in fed]
    facts = {
        "model": flag["model"],
        "preset": flag["preset"],
        "level": level,
        "parameters": model.count_params(),
        "batch_size": size,
        "dtype_policy": policy,
        "backend": keras.backend.backend(),
        "step_seconds": statistics.median(works),
        "step_seconds_in_memory": in_memory,
        "products_seconds": least,
        "products_a_second": operations / least,
        "products_share": least / in_memory,
        "waiting_share": sum(waits) / (sum(waits) + sum(works)),
        "longest_wait": max(waits),
        "videos_a_second": size * len(fed) / (sum(waits) + sum(works)),
    }
    print(_table(facts))
    return facts


def _again(batch: Any) -> Iterator[Any]:
    while True:
        yield batch


def _steps(
    model: Any, batches: Any, count: int, update: Any, done: int
) -> list[tuple[float, float]]:
    """Seconds that each step waited for its batch, and that it took."""
    times = []
    batches = iter(batches)
    for step in range(count):
        asked = time.perf_counter()
        features, labels = next(batches)
        started = time.perf_counter()
        model.train_on_batch(features, labels)
        ended = time.perf_counter()
        times.append((started - asked, ended - started))
        update(done + step + 1)
    return times[WARM_UP:]


def _table(facts: dict[str, Any]) -> str:
    return "\n".join(
        [
            f"{facts['model']} {facts['preset']}, {facts['level']} level, "
            f"{facts['parameters']:,} parameters, batches of "
            f"{facts['batch_size']}, {facts['dtype_policy']} on "
            f"{facts['backend']}:",
            f"  videos a second          {facts['videos_a_second']:.1f}",
            f"  a step                   {facts['step_seconds']:.3f} s",
            "  the same, batch in memory "
            f"{facts['step_seconds_in_memory']:.3f} s",
            f"  its matrix products alone {facts['products_seconds']:.3f} s, "
            f"{facts['products_share']:.0%} of the step, at "
            f"{facts['products_a_second'] / 1e9:,.0f} GFLOP/s",
            f"  waiting for input        {facts['waiting_share']:.1%} of the "
            f"time, {facts['longest_wait']:.3f} s at most",
        ]
    )
