"""What a training needs, found before any of its time is spent."""

from __future__ import annotations

import dataclasses
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.data.fingerprint import identity
from keras_attend_fusion.runs import class_subset as class_list
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs import layout
from keras_attend_fusion.runs.settings import (
    SettingError,
    TrainSettings,
    known_settings,
)
from keras_attend_fusion.runs.training_data import TrainingData, look_at
from keras_attend_fusion.version import __version__

if TYPE_CHECKING:
    from keras_attend_fusion.training import Processes


@dataclass(frozen=True)
class Plan:
    """A training, once its settings and the shards have been looked at.

    Attributes:
        settings: The settings, with the precision of this machine.
        data: What it trains and validates on.
        steps: Batches in an epoch.
        shards: What tells the shards of `train` and `validate` from others.
    """

    settings: TrainSettings
    data: TrainingData
    steps: int
    shards: dict[str, Any]

    @property
    def processes(self) -> Processes:
        """Those that train it."""
        return self.data.processes

    @property
    def total_steps(self) -> int:
        """Batches in all epochs, if none stops the run early."""
        return self.steps * self.settings.epochs

    def config(self, learning_rate: float | None = None) -> dict[str, Any]:
        """What config.json says of it.

        Args:
            learning_rate: The peak that the model's size gave, where the
                settings have none.
        """
        settings, data = self.settings, self.data
        kept = {
            name: getattr(settings, name)
            for name, known in known_settings(type(settings)).items()
            if known.kept
        }
        return {
            **kept,
            "level": data.level,
            "num_classes": data.num_classes,
            "classes": data.classes.facts.get(class_list.INDICES),
            "sizes": data.sizes,
            "schema": layout.as_json(data.reader.schema),
            "learning_rate": settings.learning_rate or learning_rate,
            "train_videos": data.count,
            "shards": self.shards,
            **machine(),
        }


def plan(settings: TrainSettings, processes: Processes | None = None) -> Plan:
    """Looks at the shards of some settings.

    Args:
        settings: The settings.
        processes: Those that train it; None for this one alone.

    Raises:
        ValueError: The shards do not go together, or with the settings.
    """
    if settings.initial:
        run_folder.model_file(settings.initial)
    settings = dataclasses.replace(settings, dtype_policy=settings.precision)
    data = look_at(settings, processes)
    made = Plan(
        settings,
        data,
        data.steps(settings.batch_size),
        {
            name: identity(getattr(settings, name), data.reader.digests)
            for name in ("train", "validate")
        },
    )
    if settings.accumulate > made.total_steps:
        raise SettingError(
            f"`accumulate` is {settings.accumulate}, but the run has "
            f"{made.total_steps} batches in all: pass fewer, or no weight "
            "would change"
        )
    return made


def machine() -> dict[str, Any]:
    """What a config says of where it was run."""
    import keras

    return {
        "backend": keras.backend.backend(),
        "versions": {
            "keras_attend_fusion": __version__,
            "keras": keras.__version__,
            "python": platform.python_version(),
        },
    }
