"""Export to LiteRT (TFLite), the format of phones."""

from __future__ import annotations

import tempfile
from pathlib import Path

import keras
import tensorflow as tf

from keras_attend_fusion.export.fresh_process import needs_tensorflow
from keras_attend_fusion.export.saved_model import (
    SIGNATURE,
    write_saved_model,
)
from keras_attend_fusion.files import beside

QUANTIZE = ("none", "float16", "dynamic")


@needs_tensorflow
def litert(
    model: keras.Model, path: str | Path, quantize: str = "none"
) -> Path:
    """Writes `model` as a `.tflite` file of builtin operations alone.

    The file has the signature `serving_default` with the model's inputs by
    name and the output `scores`; batch size and frame count stay dynamic. An
    operation that phones lack makes the export fail here, not there.

    Args:
        model: a functional Keras model with one output, of any backend and
            precision.
        path: the file to write, replaced only once the new one is whole.
        quantize: "none" keeps float32 weights; "float16" stores them in half
            the bytes; "dynamic" stores the matrices in 8 bits and computes
            with activations quantised on the fly.

    Returns:
        The path.

    Raises:
        ValueError: if `quantize` is unknown, the model is not functional, or
            it needs an operation that LiteRT does not have.

    Example:

    ```python
    model = kaf.models.build("attend_fusion", preset="mobile")
    kaf.export.litert(model, "saved_models/mobile/model.tflite")
    ```
    """
    if quantize not in QUANTIZE:
        raise ValueError(
            f"quantize is {quantize!r}; pass one of {', '.join(QUANTIZE)}."
        )
    path = Path(path)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "saved_model")
        write_saved_model(model, source)
        flat = _convert(source, quantize)
    with beside(path) as unfinished:
        unfinished.write_bytes(flat)
    return path


def _convert(source: Path, quantize: str) -> bytes:
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(source), signature_keys=[SIGNATURE]
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if quantize != "none":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantize == "float16":
        converter.target_spec.supported_types = [tf.float16]
    try:
        return converter.convert()
    except Exception as error:  # the converter has no error type of its own
        reason = next(
            (line for line in str(error).splitlines() if "error:" in line),
            str(error).splitlines()[0],
        )
        raise ValueError(
            f"LiteRT cannot hold this model with builtin operations alone: "
            f"{reason.strip()}"
        ) from error
