"""Going on with a run where its folder says that it stopped."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import run_folder
from keras_attend_fusion.cli.identity import difference
from keras_attend_fusion.files import remove_unfinished

# Of runs that began before these could be chosen.
DEFAULTS: dict[str, Any] = {
    "arguments": {},
    "classes": None,
    "weight_decay": 0.02,
    "warm_up": 0.05,
    "clip_norm": None,
    "accumulate": 1,
    "ema": None,
    "early_stopping": None,
    "steps_per_execution": 1,
}
# What --resume may not change: it made the checkpoint what it is.
FIXED = (
    "model",
    "preset",
    "arguments",
    "level",
    "num_classes",
    "classes",
    "sizes",
    "segments",
    "bucket",
    "initial",
    "epochs",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "warm_up",
    "clip_norm",
    "accumulate",
    "ema",
    "early_stopping",
    "steps_per_execution",
    "dtype_policy",
    "seed",
    "train_videos",
)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
ADVICE = "resume with the same, or train afresh into another --out"


def has_started(out: Path) -> bool:
    """Whether a folder holds a run, if only the start of one."""
    return (out / run_folder.CONFIG).is_file()


def tidy(out: Path) -> None:
    """Removes the unfinished files that a kill left in a run folder."""
    folder = out / run_folder.CHECKPOINTS
    for path in (
        out / run_folder.CONFIG,
        out / run_folder.HISTORY,
        out / run_folder.MODEL,
        out / run_folder.METRICS,
        folder / "*.keras",
    ):
        remove_unfinished(path)


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
    shards = before.get("shards", config["shards"])  # older runs have none
    for name, now in config["shards"].items():
        change = difference(shards[name], now)
        if change:
            raise ValueError(
                f"{out} was trained with --{name} of {change}: {ADVICE}"
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


def explained(error: BaseException, out: Path) -> BaseException | None:
    """The end of a training, said with what --resume does; None if as it is.

    Args:
        error: What ended the training.
        out: Its folder.
    """
    from keras_attend_fusion import training

    done = checkpoints(out)
    hint = f"--resume goes on after epoch {done[-1][0]}" if done else ""
    if isinstance(error, KeyboardInterrupt) and hint:
        return KeyboardInterrupt(f"interrupted; {hint}")
    if isinstance(error, training.PeerError):
        return training.PeerError(
            f"{error}; start all processes again{hint and f': {hint}'}"
        )
    if isinstance(error, OSError):
        where = f"writing {out}: " if error.errno in FULL else ""
        hint = hint and f"; {hint}, once that is mended"
        return OSError(f"{where}{error}{hint}")
    return None
