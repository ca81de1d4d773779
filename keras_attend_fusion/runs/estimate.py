"""What a training will take, from its plan and a few of its steps."""

from __future__ import annotations

import re
import statistics
import time
from itertools import pairwise
from typing import Any

import keras

from keras_attend_fusion.models import flops
from keras_attend_fusion.runs.fit import compiled, headline
from keras_attend_fusion.runs.plan import Plan
from keras_attend_fusion.runs.text_tables import table
from keras_attend_fusion.training.processes import on_this_process
from keras_attend_fusion.training.score_across_processes import copied

STEPS, WARM_UP = 12, 4  # timed, and not counted: they compile


def estimate(plan: Plan) -> None:
    """Prints what `fit` would do, and writes nothing.

    Args:
        plan: The plan of settings without a cache, which would be filled.
    """
    settings = plan.settings
    model, learning_rate = compiled(plan)
    print(headline(plan, model))
    print("Layers with weights:")
    print(table(layers(model)))
    print("Timing a few steps …", flush=True)
    step, scoring = seconds(plan, model)
    epoch = plan.steps * step
    batches = -(-plan.data.validation_videos // settings.batch_size)
    validation = batches * scoring
    total = settings.epochs * (epoch + validation)
    rows = [
        ("parameters", f"{model.count_params():,}"),
        ("FLOPs a video, forward", _flops(model, plan)),
        ("steps", f"{plan.steps:,} an epoch, {plan.total_steps:,} in all"),
        ("learning rate", f"{learning_rate} at its peak"),
        ("a step", f"{1000 * step:.0f} ms"),
        ("an epoch", f"{_time(epoch)}, and {_time(validation)} to validate"),
        (f"epochs: {settings.epochs}", f"about {_time(total)}"),
    ]
    print(table(rows))
    print("Nothing was written.")


def layers(model: keras.Model) -> list[tuple[str, str]]:
    """The layers that have weights, those of like names in one row.

    Example:

    >>> inputs = outputs = keras.Input((4,))
    >>> for i in (1, 2):
    ...     outputs = keras.layers.Dense(4, name=f"dense_{i}")(outputs)
    >>> layers(keras.Model(inputs, outputs))
    [('dense_*', '2 × Dense, 40 parameters')]
    """
    groups: dict[tuple[str, str], list[keras.Layer]] = {}
    for layer in model.layers:
        if layer.count_params():
            name = re.sub(r"_\d+(?=_|$)", "_*", layer.name)
            groups.setdefault((name, type(layer).__name__), []).append(layer)
    rows = []
    for (name, kind), alike in groups.items():
        parameters = sum(layer.count_params() for layer in alike)
        if len(alike) == 1:
            name = alike[0].name
        else:
            kind = f"{len(alike)} × {kind}"
        rows.append((name, f"{kind}, {parameters:,} parameters"))
    return rows


def seconds(plan: Plan, model: keras.Model) -> tuple[float, float]:
    """What a step takes, and a batch of the validation."""
    from keras_attend_fusion import training

    batch_size = plan.settings.batch_size
    watch = _Watch()
    model.fit(
        plan.data.training(batch_size).repeat().take(STEPS),
        shuffle=False,
        verbose=0,
        callbacks=[training.TerminateOnNonFinite(), watch],
    )
    validation = plan.data.validation(batch_size).repeat().take(STEPS)
    times = [time.perf_counter()]
    if plan.processes.devices > 1:
        model = copied(model)
    with on_this_process():
        training.score(
            model, validation, lambda _: times.append(time.perf_counter())
        )
    return _typical(watch.times), _typical(times)


class _Watch(keras.callbacks.Callback):
    """When each step ended."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.times.append(time.perf_counter())


def _typical(times: list[float]) -> float:
    """The median between two times, without the first few."""
    between = [b - a for a, b in pairwise(times)]
    return statistics.median(between[WARM_UP:] or between or [0.0])


def _flops(model: keras.Model, plan: Plan) -> str:
    frames = plan.data.reader.max_frames
    operations = flops(model, frames)
    framed = plan.data.level == "frame"
    of = f" (of {frames} seconds)" if framed else ""
    return f"{operations / 1e6:,.1f} million in matrix products{of}"


def _time(value: float) -> str:
    """Seconds, minutes or hours."""
    if value < 100:
        return f"{value:.1f} s"
    return f"{value / 60:.0f} min" if value < 6000 else f"{value / 3600:.1f} h"
