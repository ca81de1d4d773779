"""Running what was exported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_attend_fusion.export.saved_model import OUTPUT, SIGNATURE


class ExportedModel:
    """An exported model, called with features, whatever its format.

    Attributes:
        path: the file or folder it was read from.
        inputs: the dtype of each input, by name.
    """

    def __init__(self, path: Path, runner: Any, inputs: dict[str, Any]) -> None:
        self.path = path
        self.inputs = inputs
        self._runner = runner

    def __call__(self, features: Mapping[str, Any]) -> np.ndarray:
        """Scores, `(batch, num_classes)`, for features by name.

        Raises:
            ValueError: if an input is missing or unknown.
        """
        if set(features) != set(self.inputs):
            raise ValueError(
                f"{self.path.name} takes the inputs {sorted(self.inputs)}, "
                f"got {sorted(features)}."
            )
        arrays = {
            name: np.asarray(features[name], dtype)
            for name, dtype in self.inputs.items()
        }
        return np.asarray(self._runner(**arrays)[OUTPUT])


def load(path: str | Path, num_threads: int | None = None) -> ExportedModel:
    """Loads a SavedModel folder or a `.tflite` file for running.

    Args:
        path: what `saved_model` or `litert` wrote.
        num_threads: threads of the LiteRT interpreter.

    Raises:
        ValueError: if `path` is neither, is cut off (which TensorFlow's
            own interpreter does not check, and LiteRT's does), or lacks the
            signature `serving_default` that they write.

    Example:

    ```python
    model = kaf.export.load("saved_models/mobile/model.tflite")
    scores = model({"rgb": rgb, "audio": audio})
    ```
    """
    path = Path(path)
    try:
        if (path / "saved_model.pb").is_file():
            return _load_saved_model(path)
        if path.is_file() and path.read_bytes()[4:8] == b"TFL3":
            return _load_litert(path, num_threads)
    except Exception as error:  # each runtime has its own
        reason = str(error).strip().split("\n", 1)[0]
        raise ValueError(
            f"{path} cannot be loaded: {reason}; export it again."
        ) from error
    raise ValueError(
        f"{path} is neither a SavedModel folder nor a LiteRT file; pass what "
        "kaf.export.saved_model or kaf.export.litert wrote."
    )


def _load_saved_model(path: Path) -> ExportedModel:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    specs = loaded.signatures[SIGNATURE].structured_input_signature[1]
    inputs = {name: spec.dtype.as_numpy_dtype for name, spec in specs.items()}

    def run(**arrays: Any) -> Any:
        # Through `loaded`, which owns the weights and has to stay alive.
        tensors = {name: tf.constant(v) for name, v in arrays.items()}
        return loaded.signatures[SIGNATURE](**tensors)

    return ExportedModel(path, run, inputs)


def _load_litert(path: Path, num_threads: int | None) -> ExportedModel:
    interpreter = _interpreter_class()(
        model_path=str(path), num_threads=num_threads
    )
    runner = interpreter.get_signature_runner(SIGNATURE)
    details = runner.get_input_details()
    inputs = {name: detail["dtype"] for name, detail in details.items()}
    return ExportedModel(path, runner, inputs)


def _interpreter_class() -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:  # the interpreter that TensorFlow itself brings
        import tensorflow as tf

        return tf.lite.Interpreter
    return Interpreter
