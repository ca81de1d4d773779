"""The recipe of a model that a function of the user's builds, left open."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import keras
import keras_tuner

from keras_attend_fusion import models
from keras_attend_fusion.models.own_builder import load_builder, name_of
from keras_attend_fusion.tuning.recipe_hyper_model import RecipeHyperModel

DROPOUT = "dropout"
MOST_DROPOUT = 0.8


class BuilderHyperModel(RecipeHyperModel):
    """The search space of a builder of your own: its recipe.

    Learning rate (times what suits the model), weight decay, batch size and
    epochs are open; and, where the builder takes an argument `dropout`, that
    from 0 to 0.8 in steps of 0.1. All else is as the builder has it: a search
    of its own arguments takes a hypermodel of its own, such as a subclass
    with another `choose_model`. All defaults together are the builder's.

    Args:
        builder: `package.module:function`, or the function, see
            `kaf.models.build`.
        num_classes: int, number of classes.
        level: "video" or "frame".
        videos: as for `AttendFusionHyperModel`, as are the next five.
        batch_sizes: videos in a batch, the default first.
        epochs: int, or the fewest and the most.
        max_parameters: optional int, refuses a larger model.
        dtype_policy: optional name of the precision to build in.
        seed: optional int, from which every build starts.
        **fixed: arguments that the builder is called with in every trial.

    Raises:
        ValueError: there is no such builder, its model is not one of what
            shards hold, or has more parameters than `max_parameters`.

    Example:

    ```python
    search = kaf.tuning.BuilderHyperModel(
        "my_package.my_module:build", num_classes=8, level="frame", videos=200
    )
    ```
    """

    def __init__(
        self,
        builder: str | Callable[..., keras.Model],
        num_classes: int = 3862,
        level: str = "video",
        *,
        videos: int | None = None,
        batch_sizes: Sequence[int] = (512, 256, 1024),
        epochs: int | Sequence[int] = (3, 6),
        max_parameters: int | None = None,
        dtype_policy: str | None = None,
        seed: int | None = None,
        **fixed: Any,
    ) -> None:
        name = builder if isinstance(builder, str) else name_of(builder)
        super().__init__(
            name,
            num_classes,
            level,
            videos=videos,
            batch_sizes=batch_sizes,
            epochs=epochs,
            max_parameters=max_parameters,
            dtype_policy=dtype_policy,
            seed=seed,
            fixed=fixed,
        )
        self.builder = name
        arguments = inspect.signature(load_builder(name)).parameters
        self.dropout = None  # the builder's own, if that is searched
        if DROPOUT in arguments and DROPOUT not in fixed:
            default = arguments[DROPOUT].default
            is_rate = isinstance(default, int | float)
            self.dropout = float(default) if is_rate else 0.0
        count = self.parameters(keras_tuner.HyperParameters())
        if max_parameters is not None and count > max_parameters:
            raise ValueError(
                f"max_parameters is {max_parameters:,}, but the model of "
                f"{name} has {count:,} with {num_classes} classes: allow "
                "more, or build a smaller one."
            )

    def choose_model(
        self, hp: keras_tuner.HyperParameters
    ) -> tuple[str, dict[str, Any]]:
        """Declares the dropout, if the builder takes one."""
        if self.dropout is None:
            return "base", {}
        rate = hp.Float(
            DROPOUT,
            0.0,
            max(MOST_DROPOUT, self.dropout),
            step=0.1,
            default=self.dropout,
        )
        return "base", {DROPOUT: round(rate, 4)}

    def make_model(self, preset: str, arguments: dict[str, Any]) -> keras.Model:
        """Calls the builder, and checks what it returns."""
        return models.build(
            self.builder,
            preset,
            self.level,
            self.num_classes,
            **{**arguments, **self.fixed},
        )
