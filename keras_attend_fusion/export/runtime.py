"""Running what was exported: NumPy and one runtime, no Keras.

This file imports its neighbours `checksum` and `notes` and the package's
`files` and `extras`, none of which needs Keras or TensorFlow, so that it runs
on a machine that has neither, as `latency` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from keras_attend_fusion.export import checksum, notes
from keras_attend_fusion.extras import require
from keras_attend_fusion.files import printable

SIGNATURE = "serving_default"
OUTPUT = "scores"
MASK = "_mask"  # as `models.describe` has it, which needs Keras

Scored = tuple[int | str, float]


class Input(NamedTuple):
    """What an exported model takes by one name."""

    shape: tuple[int | None, ...]  # None where it may vary
    dtype: np.dtype[Any]


class ExportedModel:
    """An exported model, called with features, whatever its format.

    Its `name`, `input`, `output_shape` and `predict_on_batch` mean what they
    do in a Keras model, so that it can stand in for one where scores are all
    that is asked for.

    Attributes:
        path: the file or folder it was read from.
        format: "saved_model", "litert" or "onnx".
        input: shape and dtype of each input, by name.
        output_shape: `(None, num_classes)`.
        facts: what `add_facts` wrote into it; empty if nothing.
        labels: the names of the classes; empty if it has none.
    """

    def __init__(
        self,
        path: Path,
        format: str,
        run: Callable[..., Any],
        inputs: dict[str, Input],
        num_classes: int | None,
        texts: Mapping[str, str],
    ) -> None:
        if type(num_classes) is not int or num_classes < 1:
            raise ValueError(
                f"its output {OUTPUT} has {num_classes} as its last size, "
                "expected the number of classes"
            )
        self.path, self.format = path, format
        self.name = path.name
        self.input = inputs
        self.output_shape = (None, num_classes)
        self.facts = notes.facts_of(texts, num_classes, self.name)
        self.labels = notes.labels_of(texts, num_classes, self.name)
        order = self.facts.get("inputs", {})
        if set(order) == set(inputs):  # that of the Keras model
            self.input = {name: inputs[name] for name in order}
        self._run = run

    def __call__(self, features: Mapping[str, Any]) -> np.ndarray:
        """Scores, float32 `(batch, num_classes)`, for features by name.

        Raises:
            ValueError: if an input is missing or unknown, or has another
                shape or kind of number than the model takes; if the runtime
                fails, or scores are not finite, as of a damaged file.
        """
        if set(features) != set(self.input):
            raise ValueError(
                f"{self.name} takes the inputs {sorted(self.input)}, "
                f"got {sorted(features)}."
            )
        arrays = {
            name: self._checked(name, np.asarray(features[name]))
            for name in self.input
        }
        self._require_alike(arrays)
        try:
            scores = np.asarray(self._run(arrays))
        except MemoryError:
            raise
        except Exception as error:  # each runtime has its own
            raise ValueError(
                f"{self.path} does not run: {_first_line(error)}"
            ) from error
        finite = np.isfinite(scores).all(axis=tuple(range(1, scores.ndim)))
        if not finite.all():
            raise ValueError(
                f"{self.path} gives scores that are not finite numbers, first "
                f"for the video {int(np.argmin(finite))} of {len(finite)}: "
                "its weights are lost or damaged, or the features are not "
                "finite"
            )
        return scores

    predict_on_batch = __call__

    def top_k(
        self, features: Mapping[str, Any], k: int = 5
    ) -> list[list[Scored]]:
        """The best classes of each video with their scores, best first.

        Classes go by name where the model has names, else by index: the one
        that its training's labels had. Of equal scores the lower index comes
        first.
        """
        scores = self(features)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        classes = (
            self.labels or self.facts.get("classes") or range(len(scores[0]))
        )
        return [
            [(classes[c], float(row[c])) for c in top]
            for row, top in zip(scores, order.tolist(), strict=True)
        ]

    def _checked(self, name: str, array: np.ndarray) -> np.ndarray:
        shape, dtype = self.input[name]
        fits = len(array.shape) == len(shape) and all(
            size in (None, given)
            for size, given in zip(shape, array.shape, strict=True)
        )
        # Bytes stand for other numbers than floats do: neither is cast to
        # the other in silence.
        if not fits or (array.dtype.kind == "f") != (dtype.kind == "f"):
            wanted = ", ".join("any" if n is None else str(n) for n in shape)
            raise ValueError(
                f"{self.name} takes {name} as {dtype} ({wanted}), got "
                f"{array.dtype} {array.shape}."
            )
        return array.astype(dtype, copy=False)

    def _require_alike(self, arrays: Mapping[str, np.ndarray]) -> None:
        first = next(iter(arrays))
        for name in arrays:
            pairs = {"videos": (first, 1)}
            if name.endswith(MASK):
                pairs["frames"] = (name.removesuffix(MASK), 2)
            for unit, (other, axes) in pairs.items():
                shape, wanted = arrays[name].shape, arrays[other].shape
                if shape[:axes] != wanted[:axes]:
                    raise ValueError(
                        f"{self.name} got {name} of shape {shape} and {other} "
                        f"of shape {wanted}: pass as many {unit} of each."
                    )


def load(
    path: str | Path,
    num_threads: int | None = None,
    signature: str = SIGNATURE,
) -> ExportedModel:
    """Loads a SavedModel folder, a `.tflite` or an `.onnx` file for running.

    Args:
        path: what `saved_model`, `litert` or `onnx` wrote.
        num_threads: threads of LiteRT or ONNX Runtime; TensorFlow has its
            own settings for the whole process.
        signature: which signature of a SavedModel to run.

    Raises:
        ValueError: if `path` is none of these, is damaged, by its checksum
            or as its runtime finds it, lacks the signature, or has facts or
            class names that do not fit. A file without checksum, as of
            earlier versions or of others, that is cut off makes TensorFlow's
            own interpreter crash, and LiteRT's not.
        ImportError: if the runtime that the file needs is not installed.

    Example:

    ```python
    model = kaf.export.load("saved_models/mobile/model.tflite")
    scores = model({"rgb": rgb, "audio": audio})
    ```
    """
    path = Path(path)
    try:
        if (path / "saved_model.pb").is_file():
            checksum.check_folder(path, path / notes.EXTRA / checksum.SUMS)
            return _load_saved_model(path, signature)
        if path.is_file():
            checksum.check_file(path)
        if path.is_file() and _starts(path)[4:8] == b"TFL3":
            return _load_litert(path, num_threads)
        if path.is_file() and path.suffix == ".onnx":
            return _load_onnx(path, num_threads)
    except ImportError:
        raise
    except Exception as error:  # each runtime has its own
        raise ValueError(
            f"{path} cannot be loaded: {_first_line(error)}; export it again."
        ) from error
    raise ValueError(
        f"{path} is neither a SavedModel folder nor a LiteRT or ONNX file; "
        "pass what kaf.export.saved_model, litert or onnx wrote."
    )


def _first_line(error: Exception) -> str:
    text = f"no {error}" if isinstance(error, KeyError) else str(error)
    text = text.strip() or type(error).__name__
    return printable(text.split("\n", 1)[0])


def _starts(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _load_saved_model(path: Path, signature: str) -> ExportedModel:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    function = loaded.signatures[signature]
    inputs = {
        name: Input(tuple(spec.shape), np.dtype(spec.dtype.as_numpy_dtype))
        for name, spec in function.structured_input_signature[1].items()
    }

    def run(arrays: dict[str, np.ndarray]) -> Any:
        # Through `loaded`, which owns the weights and has to stay alive.
        tensors = {name: tf.constant(v) for name, v in arrays.items()}
        return loaded.signatures[signature](**tensors)[OUTPUT]

    classes = function.structured_outputs[OUTPUT].shape[-1]
    texts = notes.in_folder(path)
    return ExportedModel(path, "saved_model", run, inputs, classes, texts)


def _load_litert(path: Path, num_threads: int | None) -> ExportedModel:
    interpreter = _interpreter_class()(
        model_path=str(path), num_threads=num_threads
    )
    runner = interpreter.get_signature_runner(SIGNATURE)
    inputs = {
        name: Input(_litert_shape(detail), np.dtype(detail["dtype"]))
        for name, detail in runner.get_input_details().items()
    }
    classes = _litert_shape(runner.get_output_details()[OUTPUT])[-1]
    return ExportedModel(
        path,
        "litert",
        lambda arrays: runner(**arrays)[OUTPUT],
        inputs,
        classes,
        notes.behind(path),
    )


def _litert_shape(detail: Mapping[str, Any]) -> tuple[int | None, ...]:
    sizes = (int(size) for size in detail["shape_signature"])
    return tuple(None if size < 0 else size for size in sizes)


def _interpreter_class() -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:  # the interpreter that TensorFlow itself brings
        import tensorflow as tf

        return tf.lite.Interpreter
    return Interpreter


def _load_onnx(path: Path, num_threads: int | None) -> ExportedModel:
    onnxruntime = require("onnxruntime", f"{path} needs ONNX Runtime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads or 0
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    numbers = {"float": "float32"}
    inputs = {}
    for graph_input in session.get_inputs():
        kind = graph_input.type.removeprefix("tensor(").removesuffix(")")
        sizes = (n if isinstance(n, int) else None for n in graph_input.shape)
        inputs[graph_input.name] = Input(
            tuple(sizes), np.dtype(numbers.get(kind, kind))
        )
    return ExportedModel(
        path,
        "onnx",
        lambda arrays: session.run([OUTPUT], arrays)[0],
        inputs,
        session.get_outputs()[0].shape[-1],
        session.get_modelmeta().custom_metadata_map,
    )
