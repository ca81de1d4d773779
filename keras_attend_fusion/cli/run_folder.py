"""The folder that `train` leaves and the other subcommands read."""

from __future__ import annotations

import json
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
        ValueError: if there is none.
    """
    import keras

    file = model_file(path)
    try:
        return keras.saving.load_model(file, compile=False)
    except (ValueError, OSError, KeyError, TypeError) as error:
        reason = str(error).strip().split("\n", 1)[0]
        raise ValueError(
            f"{file} cannot be loaded as a Keras model: {reason}"
        ) from error


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
        ValueError: if the file is not JSON.
    """
    file = Path(path) / name
    if not file.is_file():
        return {}
    try:
        return json.loads(file.read_text())
    except json.JSONDecodeError as error:
        raise ValueError(f"{file} is not JSON: {error}") from error


def modalities(model: Any) -> list[str]:
    """The modalities that a model takes."""
    return [name for name in model.input if not name.endswith("_mask")]


def level(model: Any) -> str:
    """The level of the features that a model takes."""
    return "frame" if len(model.input) > len(modalities(model)) else "video"
