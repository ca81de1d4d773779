"""Every exported layer through the test base, and the base through faults."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from keras_attend_fusion import layers
from tests import layer_test_case as base
from tests.layers.cases import CASES, FRAMES, MASK


def exported() -> set[type]:
    found = (getattr(layers, name) for name in dir(layers))
    return {
        item
        for item in found
        if inspect.isclass(item) and issubclass(item, keras.layers.Layer)
    }


@pytest.mark.parametrize("check", base.CHECKS, ids=lambda c: c.__name__[6:])
@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, check: Callable[[base.LayerCase], None]) -> None:
    keras.utils.set_random_seed(1)
    check(CASES[name])


def test_no_exported_layer_is_left_out() -> None:
    assert len(exported()) > 0
    assert exported() == {case.layer_class for case in CASES.values()}


def test_every_layer_that_takes_a_mask_is_tried_with_one() -> None:
    takes = {
        layer
        for layer in exported()
        if "mask" in inspect.signature(layer.call).parameters
    }
    tried = {c.layer_class for c in CASES.values() if c.mask is not None}
    assert takes == tried


def test_run_layer_checks_runs_them_all() -> None:
    base.run_layer_checks(layers.MeanPooling, FRAMES, (3, 8), mask=MASK)
    with pytest.raises(AssertionError):
        base.run_layer_checks(layers.MeanPooling, FRAMES, (3, 9), mask=MASK)


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class Faulty(keras.layers.Layer):
    """A layer that does wrong whatever a check looks for."""

    def __init__(self, factor: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.unused = self.add_weight(shape=(input_shape[-1],), name="unused")
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        # Half precision is lost, padding is not left out, a mask is a
        # factor, and a batch's rows depend on each other.
        outputs = self.factor * ops.max(inputs, axis=1) + ops.max(inputs)
        if mask is not None:
            outputs = outputs * ops.max(ops.cast(mask, outputs.dtype))
        return ops.cast(outputs, "float32")

    def compute_output_spec(self, inputs: Any, mask: Any = None) -> Any:
        return keras.KerasTensor((inputs.shape[0], 1), "float32")

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], 1)

    def get_config(self) -> dict[str, Any]:
        return super().get_config()  # and nothing of the factor


class Unregistered(keras.layers.Layer):
    """A layer that a `.keras` file cannot name."""

    def call(self, inputs: Any) -> Any:
        return inputs


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
@pytest.mark.parametrize(
    "check",
    [
        base.check_config,
        base.check_weights,
        base.check_shapes,
        base.check_unknown_sizes,
        base.check_fit,
        base.check_precision,
        base.check_mask,
        base.check_mask_dtype,
        base.check_padding_in_training,
        base.check_refusals,
    ],
    ids=lambda c: c.__name__[6:],
)
def test_a_check_finds_the_fault(
    check: Callable[[base.LayerCase], None],
) -> None:
    case = base.LayerCase(
        Faulty,
        np.float32([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [9.0, 9.0]]]),
        (2, 2),
        mask=np.array([[True, False], [False, False]]),
    )
    with pytest.raises((AssertionError, TypeError, ValueError)):
        check(case)


@pytest.mark.parametrize(
    "check",
    [base.check_serialisation, base.check_save_and_load],
    ids=lambda c: c.__name__[6:],
)
def test_a_check_finds_a_layer_that_cannot_be_saved(
    check: Callable[[base.LayerCase], None],
) -> None:
    case = base.LayerCase(Unregistered, FRAMES, (3, 5, 8))
    with pytest.raises((AssertionError, TypeError, ValueError)):
        check(case)
