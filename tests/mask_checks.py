"""What a layer owes to its mask, and what it refuses."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from tests.layer_case import (
    LayerCase,
    as_numpy,
    build_layer,
    call,
    compiled,
    learner,
    targets_of,
)


def padded_with(case: LayerCase, other: Any) -> Any:
    """The inputs, with `other(array)` wherever they are masked."""

    def replaced(array: np.ndarray, mask: np.ndarray) -> np.ndarray:
        assert mask.any(), "the case masks everything"
        assert not mask[-1].any(), "the case's last row is not all masked"
        return np.where(mask[..., None], array, other(array))

    return keras.tree.map_structure(replaced, case.inputs, case.mask)


def no_numbers(array: np.ndarray) -> np.ndarray:
    """NaN and both infinities, in turn."""
    return np.resize(np.float32([np.nan, np.inf, -np.inf]), array.shape)


def is_float(case: LayerCase) -> bool:
    return all(x.dtype == "float32" for x in keras.tree.flatten(case.inputs))


def check_mask(case: LayerCase) -> None:
    """What stands at masked positions does not matter, be it no number."""
    if case.mask is None:
        return
    random = np.random.default_rng(11)

    def scramble(array: np.ndarray) -> np.ndarray:
        return random.integers(1, 200, array.shape).astype(array.dtype)

    run = compiled(build_layer(case))
    outputs = as_numpy(run(case.inputs, case.mask))
    assert np.isfinite(outputs).all()
    for other in (scramble, no_numbers) if is_float(case) else (scramble,):
        again = as_numpy(run(padded_with(case, other), case.mask))
        assert np.isfinite(again).all()
        expected = outputs
        if case.keeps_positions:
            expected, again = outputs[case.mask], again[case.mask]
        np.testing.assert_allclose(again, expected, atol=1e-5)


def check_mask_dtype(case: LayerCase) -> None:
    """A mask is true wherever it is not zero."""
    if case.mask is None:
        return
    run = compiled(build_layer(case))
    expected = as_numpy(run(case.inputs, case.mask))
    for value in (np.uint8(255), np.int32(-3), np.float32(0.25)):
        mask = keras.tree.map_structure(lambda m, v=value: m * v, case.mask)
        np.testing.assert_allclose(
            as_numpy(run(case.inputs, mask)), expected, atol=1e-6
        )


def check_padding_in_training(case: LayerCase) -> None:
    """A step of `fit` learns nothing from padding that is not a number."""
    if case.mask is None or not is_float(case):
        return
    model = learner(case, build_layer(case))
    masks = keras.tree.flatten(case.mask)
    start = [ops.convert_to_numpy(variable) for variable in model.variables]
    learned = []
    for other in (np.zeros_like, no_numbers):
        keras.utils.set_random_seed(3)  # PyTorch's dropout draws from it
        for variable, value in zip(model.variables, start, strict=True):
            variable.assign(value)  # the states of other dropouts, too
        inputs = keras.tree.flatten(padded_with(case, other))
        model.train_on_batch(inputs + masks, targets_of(case))
        learned.append([as_numpy(weight) for weight in model.weights])
    for weight, zeros, nans in zip(model.weights, *learned, strict=True):
        assert np.isfinite(nans).all(), f"{weight.path} is not finite"
        np.testing.assert_allclose(nans, zeros, atol=1e-5, err_msg=weight.path)


def refused(layer: Any, *words: Any, inputs: Any, mask: Any = None) -> None:
    """`layer` says in a `ValueError`, eager and symbolic, what came."""

    def symbol(array: np.ndarray) -> Any:
        return keras.Input(batch_shape=array.shape, dtype=str(array.dtype))

    symbols = [inputs] if mask is None else [inputs, mask]
    symbols = keras.tree.map_structure(symbol, symbols)
    for given in ((inputs, mask), symbols):
        message = ""
        try:
            call(layer, *given)
        except ValueError as error:
            message = str(error)
        lacking = [str(word) for word in words if str(word) not in message]
        assert not lacking, f"{message or 'nothing was said'} lacks {lacking}"


def check_refusals(case: LayerCase) -> None:
    """What does not fit is refused, with its shape or its dtype."""
    layer, inputs, mask = build_layer(case), case.inputs, case.mask

    def change(function: Any, arrays: Any) -> Any:
        return keras.tree.map_structure(function, arrays)

    if mask is not None:
        for function in (lambda m: m[..., 1:], lambda m: m[..., None]):
            wrong = change(function, mask)
            shapes = [keras.tree.flatten(x)[0].shape for x in (inputs, wrong)]
            refused(layer, *shapes, inputs=inputs, mask=wrong)
    if case.trainable:
        wrong = change(lambda x: x[..., 1:], inputs)
        shape = keras.tree.flatten(wrong)[0].shape
        refused(layer, shape, inputs=wrong, mask=mask)
    if mask is None or case.takes_bytes:
        return
    refused(layer, "uint8", inputs=change(lambda x: x.astype("uint8"), inputs))
    flat = change(lambda x: x[:, 0], inputs)
    refused(layer, keras.tree.flatten(flat)[0].shape, inputs=flat)
    if isinstance(inputs, np.ndarray):  # frames
        refused(layer, (0, 5, 8), inputs=inputs[:0], mask=mask[:0])
        refused(layer, (3, 0, 8), inputs=inputs[:, :0], mask=mask[:, :0])
