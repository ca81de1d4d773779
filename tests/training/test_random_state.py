"""Dropout goes on with the random numbers that it would have drawn."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion.training.random_state import (
    add_random_state,
    restore_random_state,
)


def dropout(layers=2):
    keras.utils.set_random_seed(0)
    inputs = outputs = keras.Input((64,))
    for _ in range(layers):
        outputs = keras.layers.Dropout(0.5)(outputs)
    return keras.Model(inputs, outputs)


def drawn(model):
    return keras.ops.convert_to_numpy(model(np.ones((2, 64)), training=True))


def test_the_next_numbers_are_drawn(tmp_path):
    path = tmp_path / "one.keras"
    model = dropout()
    first = drawn(model)
    model.save(path)
    add_random_state(model, path)
    second = drawn(model)
    again = dropout()
    np.testing.assert_array_equal(drawn(again), first)
    again.load_weights(path)  # the file is sound, and is not enough by itself
    assert (drawn(dropout()) != second).any()
    restore_random_state(again, path)
    np.testing.assert_array_equal(drawn(again), second)


def test_a_file_without_is_left_alone(tmp_path):
    path = tmp_path / "one.keras"
    model = dropout()
    first = drawn(model)
    model.save(path)
    again = dropout()
    restore_random_state(again, path)
    np.testing.assert_array_equal(drawn(again), first)


def test_a_file_of_another_model(tmp_path):
    path = tmp_path / "one.keras"
    dropout().save(path)
    add_random_state(dropout(3), path)
    with pytest.raises(ValueError):
        restore_random_state(dropout(), path)
