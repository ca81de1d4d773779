"""One base that puts a layer through everything a Keras layer must do.

A `LayerCase` says what to build, what to feed and what to expect; each
function in `CHECKS` proves one habit of a good layer, and
`run_layer_checks` runs them all.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tests.layer_case import (
    JIT,
    LayerCase,
    arrays,
    as_numpy,
    build_layer,
    compiled,
    dtype_of,
    evaluate,
    functional,
    learner,
    shape_of,
    targets_of,
)
from tests.mask_checks import (
    check_mask,
    check_mask_dtype,
    check_padding_in_training,
    check_refusals,
)

__all__ = [
    "JIT",
    "LayerCase",
    "as_numpy",
    "build_layer",
    "dtype_of",
    "evaluate",
]

POLICIES = ("mixed_bfloat16", "float16")


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
    model = learner(case, layer)
    before = [as_numpy(weight) for weight in layer.trainable_weights]
    history = model.fit(
        arrays(case), targets_of(case), len(targets_of(case)), verbose=0
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
    check_mask_dtype,
    check_padding_in_training,
    check_refusals,
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
