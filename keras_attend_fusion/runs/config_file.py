"""The config.json that `train` and `tune` write, read as settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_attend_fusion import files
from keras_attend_fusion.runs.settings import (
    SettingError,
    TrainSettings,
    check_arguments,
    known_settings,
)

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


def read_settings(
    path: str | Path,
    kind: type[TrainSettings] = TrainSettings,
    model: str | None = None,
) -> dict[str, Any]:
    """The settings of a config.json, as `train` and `tune` write it.

    Args:
        path: The file.
        kind: Whose fields they are.
        model: The model that counts where the file names none.

    Returns:
        Those that it has, as keywords of `TrainSettings`.

    Raises:
        ValueError: The file is not a config, or something in it is unknown
            or out of its range.
    """
    from keras_attend_fusion.runs.values import check_config

    file = Path(path)
    config = files.read_json(file)
    known = {
        name: each for name, each in known_settings(kind).items() if each.kept
    }
    unknown = [key for key in config if key not in (*known, *FACTS)]
    if unknown:
        raise ValueError(
            f"{file} has {', '.join(unknown)}, which train does not know: "
            f"expected {', '.join(known)}"
        )
    check_config(config, file)
    values = {}
    for name, each in known.items():
        value = config.get(name)
        if value is None:
            continue
        where = f"{file}: {name}"
        if name == "classes":
            value = _joined(value, where)
        if name == "schema" and isinstance(value, dict):
            # As the run folder has it; on the command line it is a file's name.
            from keras_attend_fusion.data.schema import parse_schema

            parse_schema(value, where)
        else:
            refusal = each.refusal(value)
            if refusal:
                raise ValueError(f"{where} is {value!r}: {refusal}")
        values[name] = value
    named = values.get("model") or model or TrainSettings.model
    if values.get("arguments"):
        where = f"{file}: arguments"
        try:
            check_arguments(named, values["arguments"], where)
        except SettingError as error:  # of the file, not of a flag
            raise ValueError(str(error)) from error
    return values


def _joined(classes: Any, where: str) -> str:
    """Class indices as `classes` takes them."""
    if not (
        isinstance(classes, list)
        and classes
        and all(type(index) is int and index >= 0 for index in classes)
    ):
        raise ValueError(
            f"{where} is {classes!r}: expected a list of class indices"
        )
    return ",".join(map(str, classes))
