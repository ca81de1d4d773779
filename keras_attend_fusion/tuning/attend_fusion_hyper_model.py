"""Attend-Fusion with its sizes and its recipe left open."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import keras_tuner

from keras_attend_fusion import models, training
from keras_attend_fusion.tuning import space
from keras_attend_fusion.tuning.counting import count_parameters

BATCHES = 1000  # of an epoch, as long as nobody has counted them


class AttendFusionHyperModel(keras_tuner.HyperModel):
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
        super().__init__(name="attend_fusion")
        ends = [epochs] if isinstance(epochs, int) else list(epochs)
        self.num_classes = num_classes
        self.level = level
        self.videos = videos
        self.presets = list(presets)
        self.batch_sizes = list(batch_sizes)
        self.epochs = (ends[0], ends[-1])
        self.max_parameters = max_parameters
        self.dtype_policy = dtype_policy
        self.seed = seed
        self.fixed = fixed
        self._check()
        self.start = self._first_that_fits()

    def _check(self) -> None:
        for preset in self.presets:
            models.modalities("attend_fusion", preset)  # raises on another
        numbers = [*self.batch_sizes, *self.epochs]
        numbers += [] if self.videos is None else [self.videos]
        if (
            not (self.presets and self.batch_sizes)
            or min(numbers) < 1
            or self.epochs[0] > self.epochs[1]
        ):
            raise ValueError(
                f"AttendFusionHyperModel got presets={self.presets}, "
                f"batch_sizes={self.batch_sizes}, epochs={self.epochs} and "
                f"videos={self.videos}; it needs a preset and a batch size, "
                "numbers of 1 or more, and the fewest epochs first."
            )
        known = set(inspect.signature(models.AttendFusion).parameters)
        unknown = set(self.fixed) - (known - {"level", "name"})
        if unknown:
            raise ValueError(
                f"AttendFusionHyperModel got {', '.join(sorted(unknown))}; "
                "beside its own arguments it takes those of AttendFusion."
            )

    def _first_that_fits(self) -> str:
        counts = {}
        for preset in self.presets:
            counts[preset] = count_parameters(partial(self._make, preset, {}))
            if counts[preset] <= (self.max_parameters or counts[preset]):
                return preset
        least = min(counts, key=lambda preset: counts[preset])
        raise ValueError(
            f"max_parameters is {self.max_parameters:,}, but the smallest "
            f"preset to start from, {least}, has {counts[least]:,} at "
            f"{self.level} level with {self.num_classes} classes: allow more, "
            "or start from a smaller preset."
        )

    def _make(self, preset: str, arguments: dict[str, Any]) -> keras.Model:
        return models.build(
            "attend_fusion",
            preset,
            self.level,
            self.num_classes,
            **{**arguments, **self.fixed},
        )

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Declares all that `build` and `fit` leave open."""
        self.settings(hp)

    def settings(self, hp: keras_tuner.HyperParameters) -> dict[str, Any]:
        """What a choice stands for, in the words of `kaf` itself.

        Returns:
            `preset`, `arguments` (of the builder, over the preset),
            `batch_size`, `epochs`, `learning_rate_factor`, `weight_decay`.
        """
        preset = hp.Choice("preset", self.presets, default=self.start)
        return {
            "preset": preset,
            "arguments": space.arguments(hp, preset, self.level, self.fixed),
            "batch_size": space.batch_size(hp, self.batch_sizes),
            "epochs": space.epochs(hp, *self.epochs),
            **space.recipe(hp),
        }

    def parameters(self, hp: keras_tuner.HyperParameters) -> int:
        """The parameters of a choice's model, which is not made."""
        chosen = self.settings(hp)
        return count_parameters(
            partial(self._make, chosen["preset"], chosen["arguments"])
        )

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Builds and compiles the model of a choice."""
        chosen = self.settings(hp)
        if self.max_parameters is not None:
            count = self.parameters(hp)
            if count > self.max_parameters:
                raise keras_tuner.errors.FailedTrialError(
                    f"the model would have {count:,} parameters, more than "
                    f"max_parameters={self.max_parameters:,}: not trained"
                )
        if self.dtype_policy is not None:
            keras.config.set_dtype_policy(self.dtype_policy)
        if self.seed is not None:
            keras.utils.set_random_seed(self.seed)
        model = self._make(chosen["preset"], chosen["arguments"])
        batches = BATCHES
        if self.videos is not None:
            batches = -(-self.videos // chosen["batch_size"])
        return self._compile(hp, model, batches * chosen["epochs"])

    def fit(
        self,
        hp: keras_tuner.HyperParameters,
        model: keras.Model,
        x: Any,
        *args: Any,
        validation_data: Any = None,
        callbacks: Sequence[Any] = (),
        **kwargs: Any,
    ) -> Any:
        """Trains a model that `build` made, scoring it exactly.

        Args:
            hp: the choice.
            model: its model.
            x: a function that makes a dataset of so many videos in a batch;
                or features and, in `args`, labels; or a dataset whose batches
                stay as they are.
            *args: see `x`.
            validation_data: features and labels, a dataset or a function
                of the batch size. Adds `val_gap_at_20` and what else
                `training.ValidationScores` does to each epoch.
            callbacks: more of them.
            **kwargs: as for `keras.Model.fit`; `epochs` over the choice.

        Returns:
            What `keras.Model.fit` returns.

        Raises:
            ValueError: the batches of `x` cannot be counted.
        """
        chosen = self.settings(hp)
        size = chosen["batch_size"]
        epochs = kwargs.setdefault("epochs", chosen["epochs"])
        if callable(x):
            x = x(size)
        if isinstance(x, dict):
            kwargs.setdefault("batch_size", size)
            batches = -(-len(args[0]) // kwargs["batch_size"])
        else:
            kwargs.setdefault("shuffle", False)  # a dataset does it itself
            batches = self._count(x, size)
        done = kwargs.get("initial_epoch", 0)
        self._compile(hp, model, batches * max(1, epochs - done))
        first: list[Any] = [training.Guard()]
        if callable(validation_data):
            validation_data = validation_data(size)
        if isinstance(validation_data, tuple):
            validation_data = [validation_data]  # all videos in one batch
        if validation_data is not None:
            first.append(training.ValidationScores(validation_data))
        with training.lost_scores():
            return model.fit(x, *args, callbacks=[*first, *callbacks], **kwargs)

    def _compile(
        self, hp: keras_tuner.HyperParameters, model: keras.Model, steps: int
    ) -> keras.Model:
        chosen = self.settings(hp)
        rate = training.default_learning_rate(model)
        return training.compile_model(
            model,
            steps,
            rate * chosen["learning_rate_factor"],
            chosen["weight_decay"],
        )

    def _count(self, dataset: Any, size: int) -> int:
        if self.videos is not None:
            return -(-self.videos // size)
        try:
            return len(dataset)
        except TypeError as error:
            raise ValueError(
                "AttendFusionHyperModel cannot count the batches of "
                f"{dataset}: {error}; give it videos=…"
            ) from error
