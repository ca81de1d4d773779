"""The model that a --model flag means, trained or exported."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from keras_attend_fusion.export.quiet import quiet
from keras_attend_fusion.export.report import REPORT, check_report
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs.threshold import frozen


def load_any(path: str) -> Any:
    """A Keras model, or an `ExportedModel`, which can stand in for one.

    Raises:
        ValueError: if there is none, or it is none of this package's.
    """
    if not is_export(path):
        return run_folder.load_model(path)
    import numpy as np

    from keras_attend_fusion import export

    check_report(Path(path))
    with quiet():  # at the first call LiteRT tells which delegate it made
        exported = export.load(path, num_threads=os.cpu_count())
        run_folder.require_features(exported, Path(path))
        exported(
            {
                name: np.zeros([size or 1 for size in spec.shape], spec.dtype)
                for name, spec in exported.input.items()
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
    """A model's F1 threshold, and where it is from."""
    if not is_export(path):
        return frozen(path, model)
    threshold = model.facts.get("threshold")
    if threshold is None:
        return None, ""
    return threshold, f"that {model.name} holds"
