"""TensorFlow's converter to LiteRT, as every kind of file starts with it."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from keras_attend_fusion.export.runtime import SIGNATURE


def builtin_converter(source: Path) -> tf.lite.TFLiteConverter:
    """A converter of a SavedModel that knows builtin operations alone."""
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(source), signature_keys=[SIGNATURE]
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    return converter
