"""Going on with a run where its folder says that it stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import run_folder

# Of runs that began before these could be chosen.
DEFAULTS = {"arguments": {}, "weight_decay": 0.02}
# What --resume may not change: it made the checkpoint what it is.
FIXED = (
    "model",
    "preset",
    "arguments",
    "level",
    "num_classes",
    "sizes",
    "segments",
    "bucket",
    "initial",
    "epochs",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "dtype_policy",
    "seed",
    "train_videos",
)


def check_unchanged(config: dict[str, Any], out: Path) -> None:
    """Raises `ValueError` if a run was started with another `config`."""
    before = DEFAULTS | run_folder.read_json(out, run_folder.CONFIG)
    if config["learning_rate"] is None:  # not given: as it was
        config["learning_rate"] = before.get("learning_rate")
    for name in FIXED:
        if before.get(name) != config[name]:
            raise ValueError(
                f"{out} was trained with {name} {before.get(name)!r}, now it "
                f"is {config[name]!r}: resume with the same"
            )


def checkpoints(out: Path) -> list[tuple[int, Path]]:
    """The numbered checkpoints of a run, in order."""
    from keras_attend_fusion import training

    return training.epochs_in(out / run_folder.CHECKPOINTS)


def go_on(model: Any, out: Path) -> tuple[int, list[dict[str, Any]]]:
    """Takes a compiled model to where its run stopped.

    Returns:
        The epochs that are done, and their history.

    Raises:
        ValueError: if a checkpoint is not one of this model.
    """
    from keras_attend_fusion import training
    from keras_attend_fusion.training.checkpoints import check_fits, restore

    done = checkpoints(out)
    if not done:
        return 0, []
    epoch, path = done[-1]
    # The best epoch becomes the model in the end: a stranger is found now.
    check_fits(model, path.with_name(training.BEST))
    restore(model, path)
    return epoch, training.read_history(out / run_folder.HISTORY, epoch)
