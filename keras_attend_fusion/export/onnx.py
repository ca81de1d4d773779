"""Export to ONNX, the format that most servers run."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_attend_fusion.export import checksum
from keras_attend_fusion.export.float32 import as_float32
from keras_attend_fusion.export.fresh_process import needs_tensorflow
from keras_attend_fusion.export.runtime import OUTPUT
from keras_attend_fusion.export.saved_model import input_specs
from keras_attend_fusion.extras import require
from keras_attend_fusion.files import beside

OPSET = 18  # of ONNX 1.13, early 2023; the newest that the converter knows


@needs_tensorflow
def onnx(model: keras.Model, path: str | Path) -> Path:
    """Writes `model` as an `.onnx` file, in float32.

    The inputs go by name and the output is `scores`, float32
    `(batch, num_classes)`; batch size and frame count stay dynamic. On JAX
    and PyTorch the model is saved, and exported by a fresh TensorFlow
    process.

    Args:
        model: a functional Keras model with one output, of any backend and
            precision.
        path: the file to write, which has to end in `.onnx`; replaced only
            once the new one is whole.

    Returns:
        The path.

    Raises:
        ValueError: if `path` ends otherwise, `model` is not a functional
            model with named inputs, or it needs an operation that ONNX does
            not have.
        MissingPackageError: if the converter is not installed.

    Example:

    ```python
    model = kaf.models.build("attend_fusion", preset="mobile")
    kaf.export.onnx(model, "saved_models/mobile/model.onnx")
    ```
    """
    format = require("onnx", "Export to ONNX needs onnx")
    tf2onnx = require("tf2onnx", "Export to ONNX needs tf2onnx")
    path = Path(path)
    if path.suffix != ".onnx":
        raise ValueError(f"{path} has to end in .onnx, by which it is known.")
    specs = input_specs(model)
    twin = as_float32(model)
    trained = twin.trainable_variables
    every = [*trained, *twin.non_trainable_variables]
    weights = {f"weight_{i}": variable for i, variable in enumerate(every)}

    def serve(*tensors: Any) -> dict[str, Any]:
        features = dict(zip(specs, tensors, strict=False))
        values = tensors[len(specs) :]
        scores, _ = twin.stateless_call(
            values[: len(trained)],
            values[len(trained) :],
            features,
            training=False,
        )
        return {OUTPUT: scores}

    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)
    # The weights come later: the converter copies what it is given, again and
    # again.
    signature = [
        *specs.values(),
        *(tf.TensorSpec(w.shape, w.dtype, name) for name, w in weights.items()),
    ]
    try:
        written, _ = tf2onnx.convert.from_function(
            tf.function(serve, input_signature=signature),
            input_signature=signature,
            opset=OPSET,
        )
        # The converter leaves what ONNX lacks under TensorFlow's own name.
        format.checker.check_model(written)
    except Exception as error:  # the converter has no error type of its own
        reason = str(error).strip().split("\n", 1)[0]
        raise ValueError(f"ONNX cannot hold this model: {reason}") from error
    _put_in(written.graph, weights)
    place = {checksum.PROPERTY: checksum.PLACE.decode()}
    format.helper.set_model_props(written, place)
    with beside(path) as unfinished:
        unfinished.write_bytes(written.SerializeToString())
        checksum.fill_in(unfinished)
    return path


def _put_in(graph: Any, weights: dict[str, keras.Variable]) -> None:
    """Makes inputs of an ONNX graph what they are in the model: constants."""
    from onnx.numpy_helper import from_array

    for graph_input in list(graph.input):
        if graph_input.name in weights:
            values = keras.ops.convert_to_numpy(weights[graph_input.name])
            graph.initializer.append(from_array(values, graph_input.name))
            graph.input.remove(graph_input)
