"""The folder that `train` leaves and the other subcommands read."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

MODEL = "model.keras"
CONFIG = "config.json"
METRICS = "metrics.json"
HISTORY = "history.csv"
CHECKPOINTS = "checkpoints"
LOGS = "logs"


def load_model(path: str | Path) -> Any:
    """The trained model of a run folder, or of a `.keras` file.

    Raises:
        ValueError: if there is none, or it is none of this package's.
    """
    import keras

    file = model_file(path)
    if not zipfile.is_zipfile(file):
        raise ValueError(
            f"{file} is no .keras file, or was cut off: pass one that "
            "`attend-fusion train` wrote"
        )
    try:
        model = keras.saving.load_model(file, compile=False)
    except Exception as error:  # zip, JSON, HDF5 and Keras each have theirs
        reason = str(error).strip().split("\n", 1)[0]
        raise ValueError(
            f"{file} cannot be loaded as a Keras model: {reason}"
        ) from error
    if not isinstance(getattr(model, "input", None), dict):
        raise ValueError(
            f"{file} holds a {type(model).__name__} model: expected one with "
            "inputs named rgb and audio, as `attend-fusion train` writes"
        )
    return model


def model_file(path: str | Path) -> Path:
    """The `.keras` file that a `--model` flag means."""
    path = Path(path)
    if path.is_file() and path.suffix == ".keras":
        return path
    if not (path / MODEL).is_file():
        raise ValueError(
            f"{path} is no model folder: it has no {MODEL}; pass a folder "
            "that `attend-fusion train` wrote, or a .keras file"
        )
    return path / MODEL


def read_json(path: str | Path, name: str) -> dict[str, Any]:
    """A JSON file of a run folder; empty for a bare `.keras` file.

    Raises:
        ValueError: if the file is not a JSON object.
    """
    file = Path(path) / name
    if not file.is_file():
        return {}
    try:
        value = json.loads(file.read_text())
    except ValueError as error:
        raise ValueError(f"{file} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"{file} holds {value!r}: expected a JSON object")
    return value


def modalities(model: Any) -> list[str]:
    """The modalities that a model takes."""
    return [name for name in model.input if not name.endswith("_mask")]


def level(model: Any) -> str:
    """The level of the features that a model takes."""
    return "frame" if len(model.input) > len(modalities(model)) else "video"
