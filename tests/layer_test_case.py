"""One base that puts a layer through everything a Keras layer must do.

A `LayerCase` says what to build, what to feed and what to expect; each
function in `CHECKS` proves one habit of a good layer, and
`run_layer_checks` runs them all.
"""

from __future__ import annotations

import functools
import inspect
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

POLICIES = ("mixed_bfloat16", "float16")
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


def check_config(case: LayerCase) -> None:
    """Every constructor argument is in the config, and rebuilds the layer."""
    layer = case.layer_class(**case.init_kwargs)
    config = layer.get_config()
    names = set(inspect.signature(case.layer_class.__init__).parameters)
    missing = names - {"self", "kwargs"} - set(config)
    assert not missing, f"get_config() lacks {sorted(missing)}"
    for name, value in case.init_kwargs.items():
        assert config[name] == value, f"get_config() changed {name}"
    again = case.layer_class.from_config(config)
    assert again.get_config() == config


def check_serialisation(case: LayerCase) -> None:
    """Keras rebuilds the layer from its name in the registry."""
    layer = case.layer_class(**case.init_kwargs)
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(layer)
    )
    assert type(again) is case.layer_class
    assert again.get_config() == layer.get_config()
    name = keras.saving.get_registered_name(case.layer_class)
    assert name == f"keras_attend_fusion>{case.layer_class.__name__}"


def check_weights(case: LayerCase) -> None:
    layer = build_layer(case)
    assert len(layer.trainable_weights) == case.trainable
    assert len(layer.non_trainable_weights) == case.non_trainable


def check_shapes(case: LayerCase) -> None:
    """Symbolic, eager and computed shape and dtype are the same."""
    layer = build_layer(case)
    eager = compiled(layer)(case.inputs, case.mask)
    assert shape_of(eager) == case.output_shape
    assert dtype_of(eager) == (case.output_dtype or layer.compute_dtype)
    shapes = keras.tree.map_structure(lambda x: x.shape, case.inputs)
    assert tuple(layer.compute_output_shape(shapes)) == case.output_shape
    symbolic = functional(case, layer, open_frames=False).output
    assert shape_of(symbolic) == (None, *case.output_shape[1:])
    assert dtype_of(symbolic) == dtype_of(eager)


def check_unknown_sizes(case: LayerCase) -> None:
    """One model takes any batch and any number of frames."""
    model = functional(case, build_layer(case))
    full = evaluate(model, arrays(case))
    assert full.shape == case.output_shape
    first = evaluate(model, [array[:1] for array in arrays(case)])
    np.testing.assert_allclose(first, full[:1], atol=1e-5)
    if any(array.ndim == 3 for array in arrays(case)):
        fewer = [array[:, :-1] for array in arrays(case)]
        outputs = evaluate(model, fewer)
        assert outputs.ndim == full.ndim
        assert np.isfinite(outputs).all()


def check_save_and_load(case: LayerCase) -> None:
    """A `.keras` file gives the same outputs back."""
    model = functional(case, build_layer(case))
    expected = evaluate(model, arrays(case))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.keras"
        model.save(path)
        loaded = keras.saving.load_model(path)
    np.testing.assert_allclose(
        evaluate(loaded, arrays(case)), expected, atol=1e-6
    )


def check_fit(case: LayerCase) -> None:
    """One step of `fit` has a finite loss and moves every weight."""
    layer = build_layer(case)
    model = functional(case, layer, open_frames=False)
    size = math.prod(case.output_shape[1:])
    flat = ops.reshape(ops.cast(model.output, "float32"), (-1, size))
    model = keras.Model(model.input, keras.layers.Dense(1)(flat))
    model.compile(optimizer="sgd", loss="mse", jit_compile=JIT)
    before = [as_numpy(weight) for weight in layer.trainable_weights]
    rows = case.output_shape[0]
    targets = np.arange(rows, dtype="float32").reshape(rows, 1)
    history = model.fit(
        arrays(case), targets, batch_size=rows, epochs=1, verbose=0
    )
    assert np.isfinite(history.history["loss"][0])
    for weight, old in zip(layer.trainable_weights, before, strict=True):
        new = as_numpy(weight)
        assert np.isfinite(new).all(), f"{weight.path} is not finite"
        assert not np.array_equal(new, old), f"{weight.path} did not move"


def check_precision(case: LayerCase) -> None:
    """Half precision answers in the right dtype, near the float32 answer."""
    reference = build_layer(case)
    expected = evaluate(reference, case.inputs, case.mask)
    for policy in POLICIES:
        layer = build_layer(case, dtype=policy)
        layer.set_weights(reference.get_weights())
        outputs = compiled(layer)(case.inputs, case.mask)
        dtype = case.output_dtype or layer.compute_dtype
        assert dtype_of(outputs) == dtype, policy
        assert dtype_of(functional(case, layer).output) == dtype, policy
        np.testing.assert_allclose(
            as_numpy(outputs), expected, atol=0.1, err_msg=policy
        )


def check_mask(case: LayerCase) -> None:
    """What stands at masked positions does not matter."""
    if case.mask is None:
        return
    random = np.random.default_rng(11)

    def scramble(array: np.ndarray, mask: np.ndarray) -> np.ndarray:
        assert mask.any(), "the case masks everything"
        assert not mask[-1].any(), "the case's last row is not all masked"
        other = random.integers(1, 200, array.shape).astype(array.dtype)
        return np.where(mask[..., None], array, other)

    run = compiled(build_layer(case))
    outputs = as_numpy(run(case.inputs, case.mask))
    scrambled = keras.tree.map_structure(scramble, case.inputs, case.mask)
    again = as_numpy(run(scrambled, case.mask))
    assert np.isfinite(outputs).all()
    assert np.isfinite(again).all()
    if case.keeps_positions:
        outputs, again = outputs[case.mask], again[case.mask]
    np.testing.assert_allclose(again, outputs, atol=1e-5)


CHECKS: tuple[Callable[[LayerCase], None], ...] = (
    check_config,
    check_serialisation,
    check_weights,
    check_shapes,
    check_unknown_sizes,
    check_save_and_load,
    check_fit,
    check_precision,
    check_mask,
)


def run_layer_checks(
    layer_class: type[keras.layers.Layer],
    inputs: Any,
    output_shape: tuple[int, ...],
    **facts: Any,
) -> None:
    """Runs every check on one layer; `facts` are those of `LayerCase`."""
    case = LayerCase(layer_class, inputs, output_shape, **facts)
    for check in CHECKS:
        check(case)
