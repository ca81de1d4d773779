"""What a training run needs, found before any of its time is spent."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.cli import class_list, recipe, run_folder, shards
from keras_attend_fusion.cli.common import Flags
from keras_attend_fusion.cli.examples import Examples, dtype_policy
from keras_attend_fusion.cli.identity import identity
from keras_attend_fusion.version import __version__

if TYPE_CHECKING:
    from keras_attend_fusion.training import Processes


@dataclass
class Run:
    """What a run needs, once the flags and the shards have been looked at.

    Attributes:
        config: What the run folder says of it.
        examples: What it trains and validates on.
        steps: Batches in an epoch.
        processes: Those that train it.
    """

    config: dict[str, Any]
    examples: Examples
    steps: int
    processes: Processes

    @property
    def total_steps(self) -> int:
        """Batches in all epochs, if none stops the run early."""
        return self.steps * int(self.config["epochs"])


def plan(
    flag: Flags,
    reader: shards.Shards,
    arguments: dict[str, Any],
    processes: Processes,
) -> Run:
    """Looks at flags and shards.

    Args:
        flag: The flags.
        reader: The shards that they are about.
        arguments: Those of the model's builder, over the preset.
        processes: Those that train it.

    Raises:
        ValueError: they do not go together.
    """
    if flag["initial"]:
        run_folder.model_file(flag["initial"])
    examples = Examples(
        flag,
        reader,
        flag["model"],
        flag["preset"],
        segments=flag["segments"],
        bucket=flag["bucket"],
        cache=flag["cache"],
        processes=processes,
    )
    config = {
        "model": flag["model"],
        "preset": flag["preset"],
        "arguments": arguments,
        "level": examples.level,
        "num_classes": examples.num_classes,
        "classes": examples.classes.facts.get(class_list.INDICES),
        "sizes": examples.sizes,
        "segments": flag["segments"],
        "bucket": flag["bucket"],
        "initial": flag["initial"],
        "batch_size": reader.batch_size,
        **recipe.settings(flag),
        "dtype_policy": dtype_policy(flag),
        "seed": flag["seed"],
        "train": flag["train"],
        "validate": flag["validate"],
        "train_videos": examples.count,
        "shards": {
            name: identity(flag[name]) for name in ("train", "validate")
        },
        **machine(),
    }
    steps = examples.steps(reader.batch_size)
    run = Run(config, examples, steps, processes)
    recipe.check_accumulation(config["accumulate"], run.total_steps)
    return run


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
