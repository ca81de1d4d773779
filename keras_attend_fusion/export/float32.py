"""A float32 twin of a model trained in mixed precision."""

from __future__ import annotations

import keras


def as_float32(model: keras.Model) -> keras.Model:
    """The model itself, or a float32 copy where it computes in 16 bits.

    Mixed precision keeps its weights in float32; only the computation
    changes. Converters turn the 16-bit matrix products into operations that
    phones do not have, so an export always starts from float32.

    Args:
        model: a functional model.

    Returns:
        A model with the same weights, inputs and outputs that computes in
        float32.
    """
    policies = {layer.dtype_policy.compute_dtype for layer in model.layers}
    if not policies & {"float16", "bfloat16"}:
        return model

    def rebuild(layer: keras.Operation) -> keras.Operation:
        config = layer.get_config()
        if isinstance(layer, keras.layers.Layer):  # others have no dtype
            config["dtype"] = "float32"
        return type(layer).from_config(config)

    twin = keras.models.clone_model(model, clone_function=rebuild)
    twin.set_weights(model.get_weights())
    return twin
