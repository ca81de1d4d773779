"""The folder that `train` leaves and the other subcommands read."""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Mapping
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
        with warnings.catch_warnings():  # the error says what there is to say
            warnings.filterwarnings("ignore", "Skipping nested container")
            model = keras.saving.load_model(file, compile=False)
    except Exception as error:  # zip, JSON, HDF5 and Keras each have theirs
        reason = str(error).strip().split("\n", 1)[0]
        if "could not be loaded" in reason:  # Keras's, of layer after layer
            reason = (
                "its weights are not those of the model it describes; pass "
                "one that `attend-fusion train` wrote"
            )
        raise ValueError(
            f"{file} cannot be loaded as a Keras model: {reason}"
        ) from error
    _require_scoring(model, file)
    return model


def _require_scoring(model: Any, file: Path) -> None:
    """Raises `ValueError` unless a model scores what shards hold."""
    inputs = getattr(model, "input", None)
    if not isinstance(inputs, dict):
        raise ValueError(
            f"{file} holds a {type(model).__name__} model: expected one with "
            "inputs named rgb and audio, as `attend-fusion train` writes"
        )
    require_features(inputs, file)
    shape = getattr(model.output, "shape", None)
    if shape is None or len(shape) != 2 or shape[-1] is None:
        found = f"of shape {tuple(shape)}" if shape else "of several parts"
        raise ValueError(
            f"{file} holds a model whose output is {found}: expected one "
            "score a class, (batch, classes), as `attend-fusion train` writes"
        )


def require_features(inputs: Mapping[str, Any], file: Path) -> None:
    """Raises `ValueError` unless a model's inputs are what shards hold."""
    features = {name for name in inputs if name in ("rgb", "audio")}
    masks = {f"{name}_mask" for name in features}
    rank = 2 if set(inputs) == features else 3
    if (
        not features
        or set(inputs) not in (features, features | masks)
        or any(len(inputs[name].shape) != rank for name in features)
    ):
        found = ", ".join(f"{n} {tuple(t.shape)}" for n, t in inputs.items())
        raise ValueError(
            f"{file} holds a model that takes {found}: expected rgb and audio "
            "or one of them, with rgb_mask and audio_mask if they are of "
            "frames, as `attend-fusion train` writes"
        )


def require_sizes(model: Any, schema: Any = None) -> None:
    """Raises `ValueError` if a model takes vectors of other sizes."""
    from keras_attend_fusion import data

    for one in (schema or data.VIDEO).modalities:
        if one.name in model.input:
            size = model.input[one.name].shape[-1]
            if size != one.size:
                raise ValueError(
                    f"the model takes {one.name} of {size} values, but the "
                    f"shards hold {one.size}: pass a model of that size"
                )


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
