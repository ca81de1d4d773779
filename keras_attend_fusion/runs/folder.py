"""The folder that `train` leaves and the other subcommands read."""

from __future__ import annotations

import shutil
import warnings
import zipfile
from pathlib import Path
from typing import Any

from keras_attend_fusion import files
from keras_attend_fusion.runs.keras_file import check_keras_file

MODEL = "model.keras"
CONFIG = "config.json"
METRICS = "metrics.json"
HISTORY = "history.csv"
CHECKPOINTS = "checkpoints"
LOGS = "logs"
WRITTEN = (MODEL, CONFIG, METRICS, HISTORY, CHECKPOINTS, LOGS)


def clear(out: Path) -> None:
    """Removes what `train` writes, and nothing else."""
    for name in WRITTEN:
        files.remove_unfinished(out / name)
        if (out / name).is_dir():
            shutil.rmtree(out / name, ignore_errors=True)
        else:
            (out / name).unlink(missing_ok=True)


def load_model(path: str | Path) -> Any:
    """The trained model of a run folder, or of a `.keras` file.

    Raises:
        ValueError: if there is none, or it is none of this package's.
    """
    import keras

    file = model_file(path)
    if not zipfile.is_zipfile(file):
        raise ValueError(
            f"{file} is not a .keras file, or was cut off: pass one that "
            "`attend-fusion train` wrote"
        )
    try:
        check_keras_file(file)
        with warnings.catch_warnings():  # the error says what there is to say
            warnings.filterwarnings("ignore", "Skipping nested container")
            model = keras.saving.load_model(file, compile=False)
    except Exception as error:  # zip, JSON, HDF5 and Keras each have theirs
        reason = files.printable(str(error).strip().split("\n", 1)[0])
        if "could not be loaded" in reason:  # Keras's, of layer after layer
            reason = (
                "its weights are not those of the model it describes; pass "
                "one that `attend-fusion train` wrote"
            )
        if "Could not locate" in str(error):  # the class of a layer
            reason = (
                "it has a layer that is not known; import the module that "
                "registers it first (--import on the command line)"
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
    require_features(model, file)
    shape = getattr(model.output, "shape", None)
    if shape is None or len(shape) != 2 or shape[-1] is None:
        output = f"of shape {tuple(shape)}" if shape else "of several parts"
        raise ValueError(
            f"{file} holds a model whose output is {output}: expected one "
            "score a class, (batch, classes), as `attend-fusion train` writes"
        )


def require_features(model: Any, file: Path) -> None:
    """Raises `ValueError` unless a model's inputs are what shards hold."""
    from keras_attend_fusion.models import describe

    try:
        describe(model, f"{file} holds a model that")
    except ValueError as error:
        raise ValueError(f"{error}, as `attend-fusion train` writes") from error


def model_file(path: str | Path) -> Path:
    """The `.keras` file that a `--model` flag means."""
    path = Path(path)
    if path.is_file() and path.suffix == ".keras":
        return path
    if not (path / MODEL).is_file():
        raise ValueError(
            f"{path} is not a model folder ({MODEL} not found): pass a folder "
            "that `attend-fusion train` wrote, or a .keras file"
        )
    return path / MODEL


def read_json(path: str | Path, name: str) -> dict[str, Any]:
    """A JSON file of a run folder; empty for a bare `.keras` file.

    Raises:
        ValueError: if the file is not a JSON object.
    """
    file = Path(path) / name
    return files.read_json(file) if file.is_file() else {}


def modalities(model: Any) -> list[str]:
    """The modalities that a model takes."""
    from keras_attend_fusion.models import describe

    return list(describe(model).modalities)


def level(model: Any) -> str:
    """The level of the features that a model takes."""
    from keras_attend_fusion.models import describe

    return describe(model).level
