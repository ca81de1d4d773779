"""The model that a --model flag means, trained or exported."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import run_folder
from keras_attend_fusion.cli.quiet import quiet
from keras_attend_fusion.cli.threshold import frozen

FLAG = (
    "folder that train wrote, a .keras file, or what export wrote: a .tflite "
    "or .onnx file or a SavedModel folder"
)
REPORT = "export.json"


def load_any(path: str) -> Any:
    """A Keras model, or an `ExportedModel`, which can stand in for one.

    Raises:
        ValueError: if there is none, or it is none of this package's.
    """
    if not is_export(path):
        return run_folder.load_model(path)
    import numpy as np

    from keras_attend_fusion import export

    with quiet():  # at the first call LiteRT tells which delegate it made
        exported = export.load(path, num_threads=os.cpu_count())
        run_folder.require_features(exported.input, Path(path))
        exported(
            {
                name: np.zeros([size or 1 for size in one.shape], one.dtype)
                for name, one in exported.input.items()
            }
        )
    return exported


def is_export(path: str) -> bool:
    """Whether a path is an exported model, as far as its name tells."""
    folder = Path(path)
    if (folder / REPORT).is_file():
        raise ValueError(
            f"{folder} is an export folder: name one of the files in it, such "
            f"as {folder / 'model.tflite'}"
        )
    single = folder.is_file() and folder.suffix != ".keras"
    return single or (folder / "saved_model.pb").is_file()


def threshold_of(path: str, model: Any) -> tuple[float | None, str]:
    """The threshold of F1 that goes with a model, and where it is from."""
    if not is_export(path):
        return frozen(path, model)
    threshold = model.facts.get("threshold")
    if threshold is None:
        return None, ""
    return threshold, f"that {model.name} holds"


def names_of(model: Any, indices: Sequence[int]) -> dict[int, str]:
    """Class names by index that an exported model holds.

    `indices` has the class of each score.
    """
    labels = getattr(model, "labels", [])
    return dict(zip(indices, labels, strict=True)) if labels else {}
