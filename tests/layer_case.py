"""A layer, what to feed it and what must come out, for the layer test base."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import ops

# Compiled on JAX, where single operations are slow; not on TensorFlow, where
# XLA takes longer than the step.
JIT = keras.backend.backend() == "jax"


@dataclass(frozen=True)
class LayerCase:
    """A layer, its inputs and what must come out.

    `inputs` is an array, or a list of arrays; `mask` has the same structure,
    and its last row is all False. Arrays of rank 3 have frames on axis 1.
    `output_dtype` is None where the layer answers in its compute dtype.
    `keeps_positions` says that the output has a row for each input position:
    then what stands at masked positions may change, the rest may not.
    `takes_bytes` says that any dtype and any number of axes will do.
    """

    layer_class: type[keras.layers.Layer]
    inputs: Any
    output_shape: tuple[int, ...]
    init_kwargs: dict[str, Any] = field(default_factory=dict)
    mask: Any = None
    output_dtype: str | None = None
    trainable: int = 0
    non_trainable: int = 0
    keeps_positions: bool = False
    takes_bytes: bool = False


def as_numpy(tensor: Any) -> np.ndarray:
    """Any backend's tensor, half precision too, as a float32 array."""
    return ops.convert_to_numpy(ops.cast(tensor, "float32"))


def dtype_of(tensor: Any) -> str:
    return keras.backend.standardize_dtype(tensor.dtype)


def shape_of(tensor: Any) -> tuple[int | None, ...]:
    return tuple(tensor.shape)


def build_layer(case: LayerCase, **kwargs: Any) -> keras.layers.Layer:
    """The layer of `case`, with no weight left at an initial zero or one."""
    layer = case.layer_class(**case.init_kwargs, **kwargs)
    shapes = keras.tree.map_structure(lambda x: x.shape, case.inputs)
    layer.build(shapes)
    random = np.random.default_rng(7)
    for weight in layer.weights:
        value = random.normal(0.0, 0.3, weight.shape)
        weight.assign(
            np.abs(value) + 0.5 if "variance" in weight.path else value
        )
    return layer


def call(layer: keras.layers.Layer, inputs: Any, mask: Any = None) -> Any:
    return layer(inputs) if mask is None else layer(inputs, mask=mask)


def compiled(layer: Any) -> Callable[..., Any]:
    """`call` of `layer`, compiled on JAX, where single operations are slow.

    The weights are those of now: compile again after changing them.
    """
    run = functools.partial(call, layer)
    if keras.backend.backend() != "jax":
        return run
    import jax

    return jax.jit(run)


def evaluate(layer: Any, inputs: Any, mask: Any = None) -> np.ndarray:
    return as_numpy(compiled(layer)(inputs, mask))


def functional(
    case: LayerCase, layer: keras.layers.Layer, open_frames: bool = True
) -> keras.Model:
    """A model of `layer` alone; batch, and if asked frames, unknown."""

    def symbol(array: np.ndarray, rank_of_frames: int) -> Any:
        shape = list(array.shape[1:])
        if open_frames and array.ndim == rank_of_frames:
            shape[0] = None
        return keras.Input(shape, dtype=str(array.dtype))

    inputs = keras.tree.map_structure(lambda x: symbol(x, 3), case.inputs)
    symbols, mask = keras.tree.flatten(inputs), None
    if case.mask is not None:
        mask = keras.tree.map_structure(lambda x: symbol(x, 2), case.mask)
        symbols += keras.tree.flatten(mask)
    return keras.Model(symbols, call(layer, inputs, mask))


def arrays(case: LayerCase) -> list[np.ndarray]:
    """Inputs and masks as `functional`'s models take them."""
    masks = [] if case.mask is None else keras.tree.flatten(case.mask)
    return keras.tree.flatten(case.inputs) + masks


def learner(case: LayerCase, layer: keras.layers.Layer) -> keras.Model:
    """A compiled model of `layer` and one dense unit behind it."""
    model = functional(case, layer, open_frames=False)
    size = math.prod(case.output_shape[1:])
    flat = ops.reshape(ops.cast(model.output, "float32"), (-1, size))
    model = keras.Model(model.input, keras.layers.Dense(1)(flat))
    model.compile(optimizer="sgd", loss="mse", jit_compile=JIT)
    return model


def targets_of(case: LayerCase) -> np.ndarray:
    rows = case.output_shape[0]
    return np.arange(rows, dtype="float32").reshape(rows, 1)
