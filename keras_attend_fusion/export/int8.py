"""LiteRT files that compute in 8 bits."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from keras_attend_fusion.export.converter import builtin_converter
from keras_attend_fusion.export.runtime import SIGNATURE
from keras_attend_fusion.private import private

# Nearly all weights and most of the work are in these. The weights that
# attention gives to 300 seconds are a few thousandths each, less than one step
# of 8 bits from 0 to 1, so its own products stay in float32.
IN_8_BITS = ("FULLY_CONNECTED",)


def convert_int8(source: Path, calibration: dict[str, np.ndarray]) -> bytes:
    """The `.tflite` file of a SavedModel, its dense layers in 8 bits.

    Args:
        source: the SavedModel.
        calibration: features of real videos by name, one a row. Each tensor
            between dense layers gets the range that it has for them.
    """

    def videos() -> Iterator[tuple[str, dict[str, np.ndarray]]]:
        count = len(next(iter(calibration.values())))
        for i in range(count):
            yield (
                SIGNATURE,
                {name: rows[i : i + 1] for name, rows in calibration.items()},
            )

    warnings.filterwarnings("ignore", "(?s).*tf.lite.Interpreter is deprecated")
    operations = _operations(builtin_converter(source).convert())
    converter = builtin_converter(source)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = videos
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.TFLITE_BUILTINS_INT8,
        tf.lite.OpsSet.TFLITE_BUILTINS,  # of those that stay in float32
    ]
    options = tf.lite.experimental.QuantizationDebugOptions(
        denylisted_ops=sorted(operations.difference(IN_8_BITS))
    )
    debugger = tf.lite.experimental.QuantizationDebugger(
        converter=converter,
        debug_dataset=lambda: iter(()),
        debug_options=options,
    )
    return bytes(debugger.get_nondebug_quantized_model())


def _operations(flat: bytes) -> set[str]:
    """The names of a file's operations."""
    interpreter = tf.lite.Interpreter(model_content=flat)
    details = private(interpreter, "_get_ops_details", "tensorflow")
    return {operation["op_name"] for operation in details()}
