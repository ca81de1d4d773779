"""Which positions count, and inputs whose padding cannot do harm.

A product with 0 does not leave padding out where padding is NaN or infinite,
neither in a result nor in its gradient. So each layer selects, once, at its
entry; whatever is computed from there on is finite.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def as_mask(mask: Any) -> Any:
    """A bool tensor, True wherever `mask` is not zero.

    Example:

    >>> import numpy as np
    >>> [bool(m) for m in as_mask(np.array([0, 1, 255], "uint8"))]
    [False, True, True]
    """
    return ops.cast(ops.convert_to_tensor(mask), "bool")


def select(inputs: Any, mask: Any = None) -> Any:
    """`inputs` at the positions in `mask`, zeros at the others.

    Args:
        inputs: float tensor of shape `(…, features)`.
        mask: tensor that broadcasts to `(…)`, true wherever it is not zero;
            None selects all.

    Example:

    >>> import numpy as np
    >>> frames = np.float32([[[2.0], [np.nan]]])
    >>> [float(x) for x in ops.ravel(select(frames, np.array([[1, 0]])))]
    [2.0, 0.0]
    """
    if mask is None:
        return inputs
    return ops.where(ops.expand_dims(as_mask(mask), axis=-1), inputs, 0.0)


def check_floats(layer: Any, inputs: Any) -> None:
    """Refuses what is not floating-point, such as bytes.

    Raises:
        ValueError: if it is not.
    """
    dtype = keras.backend.standardize_dtype(inputs.dtype)
    if not keras.backend.is_float_dtype(dtype):
        raise ValueError(
            f"{type(layer).__name__} got inputs of dtype {dtype}; it needs "
            "floating-point values. Dequantize turns bytes into them."
        )


def check_mask(layer: Any, shape: Any, mask: Any) -> None:
    """Refuses a mask that has not one entry for each position.

    Args:
        layer: the layer, for its name.
        shape: that of the inputs, `(…, features)`; sizes that are not known,
            None or a symbol, fit any other.
        mask: the mask, or None.

    Raises:
        ValueError: if the mask is of another shape than `(…)`.
    """
    if mask is None:
        return
    if not hasattr(mask, "shape"):
        mask = ops.convert_to_tensor(mask)
    given = tuple(mask.shape)
    shape = tuple(shape)
    fits = len(given) == len(shape) - 1 and all(
        a == b or not (isinstance(a, int) and isinstance(b, int))
        for a, b in zip(given, shape, strict=False)
    )
    if not fits:
        raise ValueError(
            f"{type(layer).__name__} got a mask of shape {given} for inputs "
            f"of shape {shape}; the mask needs the shape {shape[:-1]}."
        )


def check_frames(layer: Any, inputs: Any, mask: Any = None) -> None:
    """Refuses what is not one or more positions of floats, and their mask.

    Raises:
        ValueError: if the inputs are not floats of shape
            `(batch, positions, features)`, a batch or a position is not
            there, or the mask is of another shape.
    """
    shape = tuple(inputs.shape)
    if len(shape) != 3 or any(isinstance(n, int) and n == 0 for n in shape):
        raise ValueError(
            f"{type(layer).__name__} got inputs of shape {shape}; it needs "
            f"(batch, {layer.positions}, features), of each at least 1."
        )
    check_floats(layer, inputs)
    check_mask(layer, shape, mask)


def frames_and_mask(layer: Any, inputs: Any, mask: Any) -> tuple[Any, Any]:
    """What a layer over frames starts from.

    Returns:
        The inputs, zeros where they are masked, and the mask as bool, or
        None.

    Raises:
        ValueError: as `check_frames`.
    """
    inputs = ops.convert_to_tensor(inputs)
    mask = None if mask is None else ops.convert_to_tensor(mask)
    check_frames(layer, inputs, mask)
    mask = None if mask is None else as_mask(mask)
    return select(inputs, mask), mask


def check_vectors(layer: Any, inputs: Any, masks: Any = None) -> None:
    """Refuses what is not one or more vectors a video, and their masks.

    Raises:
        ValueError: if an input is not floats of shape `(batch, features)`,
            or there is not one `(batch,)` mask for each of them.
    """
    name = type(layer).__name__
    for vector in inputs:
        shape = tuple(vector.shape)
        if len(shape) != 2:
            raise ValueError(
                f"{name} got a vector of shape {shape}; it needs "
                "(batch, features)."
            )
        check_floats(layer, vector)
    if masks is None:
        return
    given = [mask for mask in masks if mask is not None]
    if not len(inputs) == len(masks) == len(given):
        raise ValueError(
            f"{name} got {len(inputs)} vectors and {len(given)} masks; pass "
            "one (batch,) mask for each vector."
        )
    for vector, mask in zip(inputs, given, strict=True):
        check_mask(layer, vector.shape, mask)


def expect_features(layer: Any, input_shape: Any) -> int:
    """The number of features, which the layer takes from now on.

    For `build`. Later inputs of another rank or with another number of
    features are refused by Keras, through the layer's `input_spec`.

    Raises:
        ValueError: if the shape is not that of frames, or the number of
            features is not known.
    """
    shape = tuple(input_shape)
    if len(shape) != 3 or not shape[-1]:
        raise ValueError(
            f"{type(layer).__name__} got an input of shape {shape}; it needs "
            f"(batch, {layer.positions}, features) with the features known."
        )
    layer.input_spec = keras.layers.InputSpec(ndim=3, axes={-1: shape[-1]})
    return int(shape[-1])
