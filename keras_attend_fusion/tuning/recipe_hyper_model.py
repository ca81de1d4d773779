"""A model whose recipe is left open, whatever its sizes are."""

from __future__ import annotations

import inspect
import math
from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import keras_tuner

from keras_attend_fusion import training
from keras_attend_fusion.training.batching import are_arrays
from keras_attend_fusion.training.terminate_on_non_finite import lost_scores
from keras_attend_fusion.tuning import schedule, space
from keras_attend_fusion.tuning.counting import count_parameters

BATCHES = 1000  # of an epoch, as long as nobody has counted them


class RecipeHyperModel(keras_tuner.HyperModel):
    """What every search chooses, and how it trains.

    A subclass says in `choose_model` what else is open, and makes the model
    in `make_model`. `build` compiles it with the project's recipe, whose
    learning rate (times what suits the model) and weight decay are open.
    `fit` chooses the batch size and the epochs, to which the schedule is
    stretched.

    Args:
        name: what the model is called.
        num_classes: int, number of classes.
        level: "video" or "frame".
        videos: optional int, how many there are to train on; with None,
            `fit` counts the batches of what it is given.
        batch_sizes: videos in a batch, the default first.
        epochs: int, or the fewest and the most. A tuner that sets them
            itself, as Hyperband does, overrules them.
        max_parameters: optional int. A larger model is counted, not made:
            `build` raises.
        dtype_policy: optional name of the precision to build in. KerasTuner
            clears Keras' session before each build, and with it a policy
            that was set before.
        seed: optional int, from which every build starts.
        fixed: arguments of the builder that every model has. They are not
            searched.

    Raises:
        ValueError: a number is out of its range. `build` raises
            `keras_tuner.errors.FailedTrialError` on a model with more than
            `max_parameters`.
    """

    def __init__(
        self,
        name: str,
        num_classes: int,
        level: str,
        *,
        videos: int | None,
        batch_sizes: Sequence[int],
        epochs: int | Sequence[int],
        max_parameters: int | None,
        dtype_policy: str | None,
        seed: int | None,
        fixed: dict[str, Any],
    ) -> None:
        super().__init__(name=name)
        ends = [epochs] if isinstance(epochs, int) else list(epochs)
        self.num_classes = num_classes
        self.level = level
        self.videos = videos
        self.batch_sizes = list(batch_sizes)
        self.epochs = (ends[0], ends[-1])
        self.max_parameters = max_parameters
        self.dtype_policy = dtype_policy
        self.seed = seed
        self.fixed = fixed
        numbers = [*self.batch_sizes, *self.epochs]
        numbers += [] if videos is None else [videos]
        if (
            not self.batch_sizes
            or min(numbers) < 1
            or self.epochs[0] > self.epochs[1]
        ):
            raise ValueError(
                f"{type(self).__name__} got batch_sizes={self.batch_sizes}, "
                f"epochs={self.epochs} and videos={videos}; it needs a batch "
                "size, numbers of 1 or more, and the fewest epochs first."
            )

    @abstractmethod
    def choose_model(
        self, hp: keras_tuner.HyperParameters
    ) -> tuple[str, dict[str, Any]]:
        """Declares what is open of the model; its preset and arguments."""

    @abstractmethod
    def make_model(self, preset: str, arguments: dict[str, Any]) -> keras.Model:
        """Builds the model of a preset, with arguments over it."""

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Declares all that `build` and `fit` leave open."""
        self.settings(hp)

    def settings(self, hp: keras_tuner.HyperParameters) -> dict[str, Any]:
        """What a choice stands for, in the words of `kaf` itself.

        Returns:
            `preset`, `arguments` (of the builder, over the preset),
            `batch_size`, `epochs`, `learning_rate_factor`, `weight_decay`.
        """
        preset, arguments = self.choose_model(hp)
        return {
            "preset": preset,
            "arguments": arguments,
            "batch_size": space.batch_size(hp, self.batch_sizes),
            "epochs": space.epochs(hp, *self.epochs),
            **space.recipe(hp),
        }

    def parameters(self, hp: keras_tuner.HyperParameters) -> int:
        """The parameters of a choice's model, which is not made."""
        chosen = self.settings(hp)
        return count_parameters(
            partial(self.make_model, chosen["preset"], chosen["arguments"])
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
        model = self.make_model(chosen["preset"], chosen["arguments"])
        batches = BATCHES
        if self.videos is not None:
            batches = -(-self.videos // chosen["batch_size"])
        # A longer trial of Hyperband goes on from a shorter one's weights.
        epochs = chosen["epochs"] - hp.values.get("tuner/initial_epoch", 0)
        steps = batches * max(1, epochs)
        rate = training.default_learning_rate(model)
        rate *= chosen["learning_rate_factor"]
        training.compile_model(model, steps, rate, chosen["weight_decay"])
        model.optimizer.learning_rate = schedule.of_trial(steps, rate)
        return model

    def fit(
        self,
        hp: keras_tuner.HyperParameters,
        model: keras.Model,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Trains a compiled model, scoring it exactly after each epoch.

        The model stays compiled as it is. A schedule of `build` is stretched
        to the steps that there are; one of another compilation is not.

        Args:
            hp: the choice.
            model: its model, as `build` or that of a subclass compiled it.
            *args: as for `keras.Model.fit`. `x` may also be a function that
                makes a dataset of so many videos in a batch; a dataset has
                batches of its own.
            **kwargs: as for `keras.Model.fit`. `epochs` and `batch_size` go
                before the choice. `validation_data` may also be a function
                of the batch size. Keras reports `val_loss` and metrics on
                it, but on a list of batches, which it does not take;
                `training.ValidationScores`, unless it is among the
                `callbacks`, adds `val_gap_at_20` and others.

        Returns:
            What `keras.Model.fit` returns.

        Raises:
            ValueError: the batches of `x` cannot be counted, which the
                schedule of `build` needs.
        """
        chosen = self.settings(hp)
        given = _by_name(args, kwargs)
        batch_size = given.get("batch_size") or chosen["batch_size"]
        for name in ("x", "validation_data"):
            if callable(given.get(name)):
                given[name] = given[name](batch_size)
        if given.get("y") is not None:
            given["batch_size"] = batch_size
        else:
            given.setdefault("shuffle", False)  # a dataset does it itself
        given.setdefault("epochs", chosen["epochs"])
        if schedule.is_of_trial(model):
            steps = self._steps(given, batch_size)
            epochs = given["epochs"] - given.get("initial_epoch", 0)
            schedule.stretch(model, steps * max(1, epochs))
        given["callbacks"] = self._callbacks(given, batch_size)
        validation = given.get("validation_data")
        if isinstance(validation, (tuple, list)) and not are_arrays(validation):
            del given["validation_data"]
        with lost_scores():
            return model.fit(**given)

    def _callbacks(self, given: dict[str, Any], batch_size: int) -> list[Any]:
        """Those of a call, behind a guard and the exact scores."""
        callbacks = given.get("callbacks") or []
        if not isinstance(callbacks, (list, tuple)):
            callbacks = [callbacks]
        first: list[Any] = [training.TerminateOnNonFinite()]
        has_scores = any(
            isinstance(callback, training.ValidationScores)
            for callback in callbacks
        )
        if given.get("validation_data") is not None and not has_scores:
            first.append(
                training.ValidationScores(
                    given["validation_data"],
                    batch_size=given.get("validation_batch_size") or batch_size,
                    steps=given.get("validation_steps"),
                )
            )
        return [*first, *callbacks]

    def _steps(self, given: dict[str, Any], batch_size: int) -> int:
        """The batches of an epoch."""
        if given.get("steps_per_epoch"):
            return int(given["steps_per_epoch"])
        if given.get("y") is not None:
            labels = keras.tree.flatten(given["y"])[0]
            share = 1 - given.get("validation_split", 0.0)
            return max(1, math.ceil(int(len(labels) * share) / batch_size))
        try:
            return len(given["x"])
        except TypeError as error:
            if self.videos is not None:
                return -(-self.videos // batch_size)
            raise ValueError(
                f"{type(self).__name__} cannot count the batches of "
                f"{given['x']}: {error}; give it videos=…"
            ) from error


def _by_name(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call of `fit` by name.

    The order is that of `keras.Model.fit`; keywords that only the `fit` of
    a user's model has are kept.
    """
    signature = inspect.signature(keras.Model.fit)
    of_keras = {
        key: kwargs[key] for key in kwargs if key in signature.parameters
    }
    given = dict(signature.bind_partial(None, *args, **of_keras).arguments)
    del given["self"]
    return {**given, **kwargs}
