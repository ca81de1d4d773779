"""The file of `train --config`: settings that flags may overrule."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import run_folder
from keras_attend_fusion.cli.common import Flags
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.models.build import BUILDERS

SETTINGS = (
    "model",
    "preset",
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
    "num_classes",
    "classes",
    "seed",
    "train",
    "validate",
)
ARGUMENTS = "arguments"
# What shards, machine and search were, which a run finds by itself.
FACTS = (
    "level",
    "sizes",
    "train_videos",
    "shards",
    "backend",
    "versions",
    "found",
)
# Arguments of every builder that flags and shards decide.
DECIDED = (
    "num_classes",
    "level",
    "rgb_size",
    "audio_size",
    "feature_dtype",
    "name",
)
KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a word",
}


def apply(flag: Flags) -> dict[str, Any]:
    """Takes the settings of --config, where no flag is given.

    Returns:
        Arguments of the model's builder, over the preset.

    Raises:
        ValueError: The file is none, or something in it is unknown or out
            of its range.
        UsageError: --model or --preset is given beside arguments for
            another one.
    """
    file = Path(flag["config"])
    if not file.is_file():
        raise ValueError(
            f"--config {file} is no file: name the config.json that `tune` "
            "or `train` wrote"
        )
    config = run_folder.read_json(file.parent, file.name)
    known = (*SETTINGS, ARGUMENTS, *FACTS)
    unknown = [key for key in config if key not in known]
    if unknown:
        raise ValueError(
            f"{file} has {', '.join(unknown)}, which train does not know: "
            f"expected {', '.join((*SETTINGS, ARGUMENTS))}"
        )
    arguments = config.get(ARGUMENTS) or {}
    for key in SETTINGS:
        name, value = key.replace("_", "-"), config.get(key)
        if value is None:
            continue
        if key == "classes":
            value = _joined(value, f"{file}: {key}")
        if not flag.given(name):
            _set(flag, name, value, f"{file}: {key}")
        elif arguments and key in ("model", "preset") and value != flag[name]:
            raise UsageError(
                f"--{name} is {flag[name]!r}, but {file} has {ARGUMENTS} of "
                f"{value}: leave --{name} out, or take the {ARGUMENTS} out of "
                "the file"
            )
    if not isinstance(arguments, dict):
        raise ValueError(
            f"{file}: {ARGUMENTS} is {arguments!r}: expected a JSON object"
        )
    for name, value in arguments.items():
        _check(flag["model"], name, value, f"{file}: {ARGUMENTS}: {name}")
    return arguments


def _joined(classes: Any, where: str) -> str:
    """Class indices as --classes takes them."""
    if not (
        isinstance(classes, list)
        and classes
        and all(type(one) is int and one >= 0 for one in classes)
    ):
        raise ValueError(
            f"{where} is {classes!r}: expected a list of class indices"
        )
    return ",".join(map(str, classes))


def _set(flag: Flags, name: str, value: Any, where: str) -> None:
    one = flag.values[name]
    try:
        one.value = one.parser.parse(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where} is {value!r}: {error}") from error


def _check(model: str, name: str, value: Any, where: str) -> None:
    """Raises `ValueError` unless a builder takes an argument."""
    builder = inspect.signature(BUILDERS[model]).parameters
    taken = [one for one in builder if one not in DECIDED]
    if name not in taken:
        raise ValueError(
            f"{where} is no argument of {model}, which takes {', '.join(taken)}"
        )
    default = builder[name].default
    if value is None and "None" in str(builder[name].annotation):
        return
    kind = type(0 if default is None else default)
    expected = KINDS[kind]
    if type(value) is not kind and (kind, type(value)) != (float, int):
        raise ValueError(f"{where} is {value!r}: expected {expected}")
