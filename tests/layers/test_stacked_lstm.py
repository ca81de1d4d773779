"""The stacked LSTM against Keras' own, and what padding does to it."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from keras_attend_fusion.layers import StackedLSTM
from tests.layer_test_case import as_numpy, build_layer, evaluate
from tests.layers.cases import CASES, FRAMES, MASK


def test_one_step_by_hand() -> None:
    # All gates see 0 and are 1/2, but the candidate: tanh(log 3) = 0.8. The
    # cell holds 1/2 * 0.8 and the state is 1/2 * tanh(0.4).
    layer = StackedLSTM(units=1, depth=1)
    layer.build((None, None, 1))
    layer.cells[0].set_weights(
        [
            np.float32([[0, 0, math.log(3.0), 0]]),
            np.zeros((1, 4)),
            np.zeros(4),
        ]
    )
    state = as_numpy(layer(np.ones((1, 1, 1), "float32")))
    np.testing.assert_allclose(state, [[0.5 * math.tanh(0.4)]], 1e-5)


def test_the_same_as_lstms_on_top_of_each_other() -> None:
    layer = build_layer(CASES["StackedLSTM"])
    first = keras.layers.LSTM(4, return_sequences=True)
    second = keras.layers.LSTM(4)
    mask = MASK[:2]  # Keras' has no say on rows that are all masked

    def stack(frames: np.ndarray, mask: np.ndarray) -> np.ndarray:
        return as_numpy(second(first(frames, mask=mask), mask=mask))

    stack(FRAMES[:2], mask)
    for theirs, ours in zip((first, second), layer.cells, strict=True):
        theirs.cell.set_weights(ours.get_weights())
    np.testing.assert_allclose(
        evaluate(layer, FRAMES[:2], mask), stack(FRAMES[:2], mask), atol=1e-5
    )
    # Of another order, another state.
    turned = evaluate(layer, FRAMES[:2, ::-1].copy(), None)
    assert np.abs(turned - evaluate(layer, FRAMES[:2], None)).max() > 1e-3


def test_a_masked_frame_is_as_if_it_were_not_there() -> None:
    layer = build_layer(CASES["StackedLSTM"])
    mask = np.array([[True, False, True, False, True]])
    np.testing.assert_allclose(
        evaluate(layer, FRAMES[:1], mask),
        evaluate(layer, FRAMES[:1, ::2].copy(), None),
        atol=1e-6,
    )


def test_an_all_masked_row_is_a_vector_of_zeros() -> None:
    layer = build_layer(CASES["StackedLSTM"])
    state = evaluate(layer, FRAMES, MASK)
    np.testing.assert_array_equal(state[2], np.zeros(4))


def test_errors() -> None:
    with pytest.raises(ValueError, match=r"units=0 and .*at least 1"):
        StackedLSTM(0)
    with pytest.raises(ValueError, match="depth=0; both must"):
        StackedLSTM(4, 0)
    with pytest.raises(ValueError, match=r"needs \(batch, frames, features"):
        StackedLSTM(4)(FRAMES[:, 0])
