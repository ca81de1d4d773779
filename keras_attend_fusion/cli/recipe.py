"""The flags of how a model is trained, and what a config says of them."""

from __future__ import annotations

import math
from typing import Any

from keras_attend_fusion.cli.common import Flags
from keras_attend_fusion.cli.errors import UsageError

NAMES = (
    "epochs",
    "learning-rate",
    "weight-decay",
    "warm-up",
    "clip-norm",
    "accumulate",
    "ema",
    "early-stopping",
    "steps-per-execution",
)


def add_flags(add: Flags) -> None:
    """The flags that are about the steps, not about the model."""
    add.integer("epochs", 6, "passes over the training shards")
    add.number(
        "learning-rate",
        None,
        "peak of the schedule; by default what suits the model's size",
    )
    add.number("weight-decay", 0.02, "AdamW's decay of weights, a step")
    add.number(
        "warm-up",
        0.05,
        "share of all steps over which the learning rate rises to its peak",
    )
    add.number(
        "clip-norm",
        None,
        "the most that the norm of all gradients together may be",
    )
    add.integer(
        "accumulate",
        1,
        "batches whose mean gradient makes one step, for large ones in little "
        "memory",
    )
    add.number(
        "ema",
        None,
        "momentum, such as 0.98, of an average of the weights after every "
        "step, which is scored and becomes the model",
    )
    add.integer(
        "early-stopping",
        None,
        "end after so many epochs without a better validation GAP",
    )
    add.integer(
        "steps-per-execution",
        1,
        "steps that run at once, without a look at the loss between them",
    )


def check(flag: Flags) -> None:
    """Raises `UsageError` if a number is out of its range."""
    for name in ("learning-rate", "clip-norm"):
        value = flag[name]
        if value is not None and not 0.0 < value < math.inf:
            raise UsageError(f"--{name} is {value}: pass a number above 0")
    decay, share = flag["weight-decay"], flag["warm-up"]
    if not 0.0 <= decay < math.inf:
        raise UsageError(f"--weight-decay is {decay}: pass 0 or more")
    if flag["ema"] is not None and not 0.0 < flag["ema"] < 1.0:
        raise UsageError(f"--ema is {flag['ema']}: pass one between 0 and 1")
    at_once = flag["steps-per-execution"]
    if at_once > 1:
        import keras  # slow to load, and the other checks do without

        if keras.backend.backend() == "torch":
            raise UsageError(
                f"--steps-per-execution is {at_once}: it is 1 on PyTorch"
            )
    if not 0.0 <= share < 1.0:
        raise UsageError(f"--warm-up is {share}: pass 0 or more, below 1")


def check_accumulation(batches: int, steps: int) -> None:
    """Raises `UsageError` if a run ends before its first update."""
    if batches > steps:
        raise UsageError(
            f"--accumulate is {batches}, but the run has {steps} batches in "
            "all: pass fewer, or no weight would change"
        )


def settings(flag: Flags) -> dict[str, Any]:
    """The values of the flags, by their names in a config."""
    return {name.replace("-", "_"): flag[name] for name in NAMES}
