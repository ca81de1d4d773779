"""What a training run needs, found before any of its time is spent."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras_attend_fusion import models
from keras_attend_fusion.cli import run_folder, shards
from keras_attend_fusion.cli.common import Flags
from keras_attend_fusion.version import __version__


@dataclass
class Run:
    """What a run needs, once the flags and the shards have been looked at.

    Attributes:
        config: What the run folder says of it.
        train: Makes the training set of the epochs from one on.
        validation: The validation set.
        steps: Batches in an epoch.
        what: What the examples are.
    """

    config: dict[str, Any]
    train: Callable[[int], Any]
    validation: Any
    steps: int
    what: str


def plan(flag: Flags, reader: shards.Shards) -> Run:
    """Looks at flags and shards.

    Raises:
        ValueError: they do not go together.
    """
    import keras

    from keras_attend_fusion import training

    train, validate = flag["train"], flag["validate"]
    classes = flag["num-classes"]
    if classes is None:
        classes = shards.classes_of(train)
    taken = models.modalities(flag["model"], flag["preset"])
    sizes = reader.sizes(taken)
    level = "frame"
    if flag["segments"]:
        validation = reader.load_segments(validate, classes, modalities=taken)
    else:
        validation = reader.load(validate, classes, modalities=taken)
        level = shards.level_of(validation)
    for name in ("train", "validate"):
        seen = reader.look(
            name,
            flag[name],
            level,
            classes,
            "--segments are of frame-level shards"
            if flag["segments"]
            else f"--validate holds {level}-level shards: both have to be of "
            "one",
        )
        seen.require_classes("pass --num-classes={} or more")
        seen.require_modalities(taken, flag["model"], flag["preset"])
    if flag["initial"]:
        run_folder.model_file(flag["initial"])
    what = "rated segments" if flag["segments"] else "videos"
    found, steps = _count(flag, reader, classes, level)
    if not found:
        noun = "rated segment" if flag["segments"] else "record"
        raise ValueError(f"--train {train} holds no {noun}")
    reader.count(validate)
    seed = flag["seed"]

    def load(first_epoch: int) -> Any:
        order = {"shuffle": True, "seed": seed + first_epoch}
        if flag["segments"]:
            dataset = reader.load_segments(
                train, classes, modalities=taken, **order
            )
        else:
            dataset = reader.load(
                train,
                classes,
                level=level,
                modalities=taken,
                bucket=flag["bucket"],
                cache=flag["cache"],
                **order,
            )
        if reader.on_corrupt == "error":  # so that the bar knows its length
            import tensorflow as tf

            cardinality = tf.data.experimental.assert_cardinality(steps)
            dataset = dataset.apply(cardinality)
        return dataset

    policy = flag["dtype-policy"]
    config = {
        "model": flag["model"],
        "preset": flag["preset"],
        "level": level,
        "num_classes": classes,
        "sizes": sizes,
        "segments": flag["segments"],
        "bucket": flag["bucket"],
        "initial": flag["initial"],
        "epochs": flag["epochs"],
        "batch_size": reader.batch_size,
        "learning_rate": flag["learning-rate"],
        "dtype_policy": training.default_dtype_policy()
        if policy == "auto"
        else policy,
        "seed": seed,
        "train": train,
        "validate": validate,
        "train_videos": found,
        "backend": keras.backend.backend(),
        "versions": {
            "keras_attend_fusion": __version__,
            "keras": keras.__version__,
            "python": platform.python_version(),
        },
    }
    return Run(config, load, validation, steps, what)


def _count(
    flag: Flags, reader: shards.Shards, classes: int, level: str
) -> tuple[int, int]:
    """The examples to train on, and the batches of an epoch."""
    if flag["segments"]:
        found = reader.count_segments(flag["train"], classes)
        return found, -(-found // reader.batch_size)
    found = reader.count(flag["train"])
    return found, reader.count_batches(flag["train"], level, flag["bucket"])
