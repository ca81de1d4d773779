"""The same numbers, whether the number of positions is known or open."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion.layers.positions import (
    dense,
    join_heads,
    multiply,
    split_heads,
)
from tests.layer_test_case import as_numpy

INPUTS = np.random.default_rng(0).normal(size=(2, 5, 6)).astype("float32")
KERNEL = np.random.default_rng(1).normal(size=(6, 4)).astype("float32")


def heads(inputs):
    return split_heads(inputs, 3)


def there_and_back(inputs):
    return join_heads(split_heads(inputs, 2))


def product(inputs):
    return multiply(inputs, keras.ops.convert_to_tensor(KERNEL))


EXPECTED = {
    heads: INPUTS.reshape(2, 5, 3, 2).transpose(0, 2, 1, 3),
    there_and_back: INPUTS,
    product: INPUTS @ KERNEL,
}


@pytest.mark.parametrize("function", EXPECTED, ids=lambda one: one.__name__)
def test_known_positions(function):
    found = as_numpy(function(keras.ops.convert_to_tensor(INPUTS)))
    np.testing.assert_allclose(found, EXPECTED[function], atol=1e-6)


@pytest.mark.parametrize("function", EXPECTED, ids=lambda one: one.__name__)
def test_open_positions(function):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("other backends know every shape")
    import tensorflow as tf

    spec = tf.TensorSpec((None, None, 6))
    graph = tf.function(function, input_signature=[spec])
    found = graph(INPUTS).numpy()
    np.testing.assert_allclose(found, EXPECTED[function], atol=1e-6)
    operations = {
        one.type for one in graph.get_concrete_function().graph.get_operations()
    }
    assert "Shape" not in operations


@pytest.mark.parametrize("use_bias", [True, False])
def test_a_dense_layer(use_bias):
    layer = keras.layers.Dense(4, use_bias=use_bias, bias_initializer="ones")
    expected = as_numpy(layer(INPUTS))
    found = as_numpy(dense(layer, keras.ops.convert_to_tensor(INPUTS)))
    np.testing.assert_allclose(found, expected, atol=1e-6)
