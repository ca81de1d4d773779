"""Attend-Fusion with its sizes and its recipe left open."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import keras_tuner

from keras_attend_fusion import models
from keras_attend_fusion.tuning import space
from keras_attend_fusion.tuning.counting import count_parameters
from keras_attend_fusion.tuning.recipe_hyper_model import RecipeHyperModel


class AttendFusionHyperModel(RecipeHyperModel):
    """The search space around the presets of Attend-Fusion.

    `build` starts from a preset and multiplies what makes it large or small:
    the width of trunks and joint layer, members, heads, dropout. It adds a
    gate or none, and compiles with the project's recipe, whose learning rate
    (times what suits the model) and weight decay are open. `fit` chooses the
    batch size and the epochs, to which the schedule is stretched. All
    defaults together are the first preset that fits.

    Args:
        num_classes: int, number of classes.
        level: "video" or "frame".
        videos: optional int, how many there are to train on; with None,
            `fit` counts the batches of what it is given.
        presets: the sizes to start from, the default first; `fixed` may
            overrule them.
        batch_sizes: videos in a batch, the default first.
        epochs: int, or the fewest and the most. A tuner that sets them
            itself, as Hyperband does, overrules them.
        max_parameters: optional int. A larger model is counted, not made:
            `build` raises.
        dtype_policy: optional name of the precision to build in. KerasTuner
            clears Keras' session before each build, and with it a policy
            that was set before.
        seed: optional int, from which every build starts.
        **fixed: arguments of `kaf.models.AttendFusion` that every model has.
            They are not searched.

    Raises:
        ValueError: a preset or a name in `fixed` is unknown, a number is out
            of its range, or no preset has so few parameters. `build` raises
            `keras_tuner.errors.FailedTrialError` on a model with more.

    Example:

    >>> search = AttendFusionHyperModel(
    ...     num_classes=10, level="video", presets=["mobile"], videos=4000
    ... )
    >>> hp = keras_tuner.HyperParameters()
    >>> model = search.build(hp)
    >>> hp.get("trunk_units"), search.settings(hp)["preset"]
    (1.0, 'mobile')

    With a tuner of KerasTuner, on what `kaf.data.load` gives:

    ```python
    objective = keras_tuner.Objective("val_gap_at_20", "max")
    tuner = keras_tuner.RandomSearch(search, objective, max_trials=20)
    tuner.search(train, validation_data=validation)
    ```
    """

    def __init__(
        self,
        num_classes: int = 3862,
        level: str = "video",
        *,
        videos: int | None = None,
        presets: Sequence[str] = ("base", "small", "mobile"),
        batch_sizes: Sequence[int] = (512, 256, 1024),
        epochs: int | Sequence[int] = (3, 6),
        max_parameters: int | None = None,
        dtype_policy: str | None = None,
        seed: int | None = None,
        **fixed: Any,
    ) -> None:
        super().__init__(
            "attend_fusion",
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
        self.presets = list(presets)
        self._check()
        self.start = self._first_that_fits()

    def _check(self) -> None:
        if not self.presets:
            raise ValueError(
                "AttendFusionHyperModel got presets=[]; it needs a preset."
            )
        for preset in self.presets:
            models.modalities("attend_fusion", preset)  # raises on another
        arguments = set(inspect.signature(models.AttendFusion).parameters)
        unknown = set(self.fixed) - (arguments - {"level", "name"})
        if unknown:
            raise ValueError(
                f"AttendFusionHyperModel got {', '.join(sorted(unknown))}; "
                "beside its own arguments it takes those of AttendFusion."
            )

    def _first_that_fits(self) -> str:
        counts = {}
        for preset in self.presets:
            counts[preset] = count_parameters(
                partial(self.make_model, preset, {})
            )
            if counts[preset] <= (self.max_parameters or counts[preset]):
                return preset
        least = min(counts, key=lambda preset: counts[preset])
        raise ValueError(
            f"max_parameters is {self.max_parameters:,}, but the smallest "
            f"preset to start from, {least}, has {counts[least]:,} at "
            f"{self.level} level with {self.num_classes} classes: allow more, "
            "or start from a smaller preset."
        )

    def make_model(self, preset: str, arguments: dict[str, Any]) -> keras.Model:
        """Builds the model of a preset, with arguments over it."""
        return models.build(
            "attend_fusion",
            preset,
            self.level,
            self.num_classes,
            **{**arguments, **self.fixed},
        )

    def choose_model(
        self, hp: keras_tuner.HyperParameters
    ) -> tuple[str, dict[str, Any]]:
        """Declares the preset, and the sizes as factors of its own."""
        preset = hp.Choice("preset", self.presets, default=self.start)
        return preset, space.arguments(hp, preset, self.level, self.fixed)
