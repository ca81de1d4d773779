"""Export to a TensorFlow SavedModel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_attend_fusion.export import checksum
from keras_attend_fusion.export.float32 import as_float32
from keras_attend_fusion.export.fresh_process import needs_tensorflow
from keras_attend_fusion.export.notes import EXTRA
from keras_attend_fusion.export.runtime import OUTPUT, SIGNATURE
from keras_attend_fusion.files import beside
from keras_attend_fusion.layers import Dequantize

# Besides the model's own kind of features, both are served.
TYPED = {"float_features": "float32", "uint8_features": "uint8"}


@needs_tensorflow
def saved_model(model: keras.Model, path: str | Path) -> Path:
    """Writes `model` as a SavedModel that needs no Keras to run.

    The signature `serving_default` takes the model's inputs by name (`rgb`,
    `audio`, at frame level `rgb_mask` and `audio_mask`) with any batch size
    and any frame count, and returns `scores`, float32
    `(batch, num_classes)`. A model that dequantises its features has two
    signatures more, `float_features` and `uint8_features`, which take values
    and quantised bytes, whichever of them the model itself takes. A model
    trained in mixed precision is exported in float32. On JAX and PyTorch the
    model is saved, and exported by a fresh TensorFlow process.

    Args:
        model: a functional Keras model with one output.
        path: the folder to write. An earlier export there is replaced only
            once the new one is whole.

    Returns:
        The path.

    Raises:
        ValueError: if `model` is not a functional model with named inputs,
            or `path` holds something other than a SavedModel, which stays.

    Example:

    ```python
    model = kaf.models.build("attend_fusion", preset="mobile")
    kaf.export.saved_model(model, "saved_models/mobile/saved_model")
    ```
    """
    path = Path(path)
    occupied = path.is_dir() and any(path.iterdir())
    if occupied and not (path / "saved_model.pb").is_file():
        raise ValueError(
            f"{path} is a folder that holds no SavedModel; pass a new path, "
            "or that of an earlier export, which is replaced."
        )
    with beside(path) as unfinished:
        write_saved_model(model, unfinished)
        sums = checksum.sums_of(checksum.files_of(unfinished))
        (unfinished / EXTRA).mkdir()
        (unfinished / EXTRA / checksum.SUMS).write_text(sums, "utf-8")
    return path


def write_saved_model(model: keras.Model, path: Path) -> None:
    """Writes the SavedModel itself; `path` must not exist."""
    input_specs(model)
    model = as_float32(model)
    served = {SIGNATURE: model}
    if any(isinstance(layer, Dequantize) for layer in model.layers):
        served |= {name: _taking(model, kind) for name, kind in TYPED.items()}
    module = tf.Module()
    module.weights = [variable.value for variable in model.variables]
    tf.saved_model.save(
        module,
        str(path),
        signatures={
            name: _function(variant) for name, variant in served.items()
        },
    )


def _taking(model: keras.Model, dtype: str) -> keras.Model:
    """The same layers behind inputs of another dtype; masks stay bool."""
    inputs = {
        name: keras.Input(
            tensor.shape[1:],
            dtype="bool" if tensor.dtype == "bool" else dtype,
            name=name,
        )
        for name, tensor in model.input.items()
    }
    return keras.models.clone_model(
        model, input_tensors=inputs, clone_function=lambda layer: layer
    )


def _function(model: keras.Model) -> Any:
    """What a signature calls."""

    def serve(**features: Any) -> dict[str, Any]:
        return {OUTPUT: model(features, training=False)}

    return tf.function(serve).get_concrete_function(**input_specs(model))


def input_specs(model: keras.Model) -> dict[str, tf.TensorSpec]:
    """Name, shape and dtype of each input of a functional model."""
    inputs = getattr(model, "input", None)
    if not isinstance(inputs, dict) or len(model.outputs) != 1:
        raise ValueError(
            f"Cannot export {type(model).__name__} '{model.name}': expected a "
            "functional model with a dict of inputs and one output, as "
            "kaf.models.build makes."
        )
    return {
        name: tf.TensorSpec(tensor.shape, tensor.dtype, name=name)
        for name, tensor in inputs.items()
    }
