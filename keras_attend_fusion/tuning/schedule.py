"""A learning-rate schedule whose length is known when training begins."""

from __future__ import annotations

from typing import Any

import keras

from keras_attend_fusion.training import make_schedule

NAME = "TrialDecay"  # tells it from a schedule of the user's own


def of_trial(steps: int, learning_rate: float) -> Any:
    """A schedule that `stretch` may make longer or shorter."""
    return make_schedule(steps, learning_rate, name=NAME)


def is_of_trial(model: keras.Model) -> bool:
    """Whether a compiled model has a schedule that `of_trial` made."""
    return getattr(_schedule(model), "name", None) == NAME


def stretch(model: keras.Model, steps: int) -> None:
    """Gives the schedule of a model another length, and the same peak."""
    before = _schedule(model)
    if before.warmup_steps + before.decay_steps == steps:
        return
    model.optimizer.learning_rate = of_trial(steps, before.warmup_target)
    # A step that was compiled before holds the earlier length.
    model.train_function = None


def _schedule(model: keras.Model) -> Any:
    optimizer = model.optimizer
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    return getattr(optimizer, "_learning_rate", None)
