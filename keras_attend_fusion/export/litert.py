"""Export to LiteRT (TFLite), the format of phones."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_attend_fusion.export import checksum
from keras_attend_fusion.export.calibration import Features, collect
from keras_attend_fusion.export.converter import builtin_converter
from keras_attend_fusion.export.float16 import halved
from keras_attend_fusion.export.fresh_process import needs_tensorflow
from keras_attend_fusion.export.int4 import in_4_bits
from keras_attend_fusion.export.int8 import convert_int8
from keras_attend_fusion.export.saved_model import write_saved_model
from keras_attend_fusion.files import beside
from keras_attend_fusion.private import UntriedVersionError

QUANTIZE = ("none", "float16", "dynamic", "int8", "int4")


def litert(
    model: keras.Model,
    path: str | Path,
    quantize: str = "none",
    calibration: Iterable[Features] | None = None,
) -> Path:
    """Writes `model` as a `.tflite` file of builtin operations alone.

    The file has the signature `serving_default` with the model's inputs by
    name and the output `scores`; batch size and frame count stay dynamic. An
    operation that phones lack makes the export fail here, not there.

    Args:
        model: a functional Keras model with one output, of any backend and
            precision.
        path: the file to write, replaced only once the new one is whole.
        quantize: "none" keeps float32 weights; "float16" stores the matrices
            in half the bytes; "dynamic" stores them in 8 bits and computes
            with activations quantised on the fly; "int8" has the dense layers
            compute in 8 bits throughout, with ranges measured beforehand;
            "int4" is as "dynamic", but the weights of dense layers take 4
            bits: half of the bytes again, for a little of the scores
            (TensorFlow 2.16 is too old to run it).
        calibration: for "int8", batches of features of 100 real videos or
            more, such as `features for features, _ in kaf.data.load(…)`; the
            first 200 videos count.

    Returns:
        The path.

    Raises:
        ValueError: if `quantize` is unknown, `calibration` is missing or does
            not fit, the model is not functional, or it needs an operation
            that LiteRT does not have.

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
    if quantize != "int8":
        return _write(model, path, quantize)
    if calibration is None:
        raise ValueError(
            "int8 takes calibration: features of 100 real videos or more."
        )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "calibration.npz")
        videos: dict[str, Any] = collect(calibration, model)
        np.savez(file, **videos)
        return _write(model, path, quantize, str(file))


@needs_tensorflow
def _write(
    model: keras.Model,
    path: str | Path,
    quantize: str,
    calibration: str | None = None,
) -> Path:
    path = Path(path)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "saved_model")
        write_saved_model(model, source)
        with _named_reason():
            if calibration is not None:
                flat = convert_int8(source, dict(np.load(calibration)))
            else:
                flat = _convert(source, quantize)
    with beside(path) as unfinished:
        unfinished.write_bytes(checksum.with_place(flat))
        checksum.fill_in(unfinished)
    return path


def _convert(source: Path, quantize: str) -> bytes:
    converter = builtin_converter(source)
    if quantize == "dynamic":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    flat = bytes(converter.convert())
    if quantize == "float16":
        return halved(flat)
    return in_4_bits(flat) if quantize == "int4" else flat


@contextlib.contextmanager
def _named_reason() -> Iterator[None]:
    """The converter's own errors, in one line."""
    try:
        yield
    except UntriedVersionError:
        raise
    except Exception as error:  # the converter has no error type of its own
        reason = next(
            (line for line in str(error).splitlines() if "error:" in line),
            str(error).splitlines()[0],
        )
        raise ValueError(
            f"LiteRT cannot hold this model with builtin operations alone: "
            f"{reason.strip()}"
        ) from error
