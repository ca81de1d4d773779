"""Mixtures of experts by hand."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from keras_attend_fusion.layers import MixtureOfExperts
from tests.layer_test_case import as_numpy

LOG2, LOG3 = math.log(2.0), math.log(3.0)


def test_scores_by_hand() -> None:
    # Class 0: gates (1/6, 2/6, silent 3/6), experts (3/4, 1/2):
    # 1/8 + 1/6 = 7/24. Class 1: gates (3/5, 1/5, silent 1/5), experts
    # (1/2, 1/4): 3/10 + 1/20 = 7/20.
    layer = MixtureOfExperts(num_classes=2, num_experts=2)
    layer.build((None, 1))
    layer.gates.set_weights([np.float32([[0, LOG2, LOG3, LOG3, 0, 0]])])
    layer.experts.set_weights(
        [np.float32([[1, 0, 0, 1]]), np.float32([LOG3 - 1, 0, 0, -LOG3 - 1])]
    )
    scores = as_numpy(layer(np.ones((1, 1), "float32")))
    np.testing.assert_allclose(scores, [[7 / 24, 7 / 20]], 1e-5)


def test_a_softmax_divides_by_the_sum_over_classes() -> None:
    # The mixtures of above, 7/24 and 7/20: 5/11 and 6/11.
    layer = MixtureOfExperts(num_classes=2, activation="softmax")
    layer.build((None, 1))
    layer.gates.set_weights([np.float32([[0, LOG2, LOG3, LOG3, 0, 0]])])
    layer.experts.set_weights(
        [np.float32([[1, 0, 0, 1]]), np.float32([LOG3 - 1, 0, 0, -LOG3 - 1])]
    )
    scores = as_numpy(layer(np.ones((1, 1), "float32")))
    np.testing.assert_allclose(scores, [[5 / 11, 6 / 11]], 1e-5)
    layer.experts.set_weights([np.full((1, 4), -1e4), np.zeros(4)])
    scores = as_numpy(layer(np.ones((1, 1), "float32")))
    np.testing.assert_allclose(scores, [[0.5, 0.5]], 1e-5)


def test_one_expert_is_a_gated_logistic() -> None:
    # sigmoid(2 - 1) against silence, experts at sigmoid(2) of it.
    layer = MixtureOfExperts(num_classes=1, num_experts=1)
    layer.build((None, 1))
    layer.gates.set_weights([np.float32([[2, 1]])])
    layer.experts.set_weights([np.float32([[2]]), np.float32([0])])
    scores = as_numpy(layer(np.ones((1, 1), "float32")))
    expected = 1 / (1 + math.exp(-1)) / (1 + math.exp(-2))
    np.testing.assert_allclose(scores, [[expected]], 1e-5)


@pytest.mark.parametrize("num_experts", [1, 2, 5])
def test_an_untrained_class_scores_the_prior(num_experts: int) -> None:
    nothing = np.zeros((1, 4), "float32")
    layer = MixtureOfExperts(3, num_experts, class_prior=0.02)
    np.testing.assert_allclose(as_numpy(layer(nothing)), [[0.02] * 3], 1e-4)
    # Without a prior each expert says 1/2, and has 1 / (E + 1) of the say.
    layer = MixtureOfExperts(3, num_experts)
    expected = 0.5 * num_experts / (num_experts + 1)
    np.testing.assert_allclose(as_numpy(layer(nothing)), [[expected] * 3], 1e-5)


def test_both_kernels_can_be_regularised() -> None:
    # L2 of 0.1 on gates (1, 2) and an expert (3): 0.1 * (1 + 4 + 9).
    layer = MixtureOfExperts(
        1, 1, kernel_regularizer=keras.regularizers.L2(0.1)
    )
    layer.build((None, 1))
    layer.gates.set_weights([np.float32([[1, 2]])])
    layer.experts.set_weights([np.float32([[3]]), np.float32([9])])
    assert sum(float(as_numpy(x)) for x in layer.losses) == pytest.approx(1.4)
    again = MixtureOfExperts.from_config(layer.get_config())
    assert isinstance(again.kernel_regularizer, keras.regularizers.L2)


def test_errors() -> None:
    with pytest.raises(ValueError, match=r"num_classes=0 and .*at least 1"):
        MixtureOfExperts(0)
    with pytest.raises(ValueError, match=r"num_experts=0; both must"):
        MixtureOfExperts(3, 0)
    # Even gates give two experts 2/3 of the say.
    with pytest.raises(ValueError, match=r"class_prior=0\.7; .*0 and 0\.667"):
        MixtureOfExperts(3, class_prior=0.7)
    with pytest.raises(ValueError, match="activation is 'relu'"):
        MixtureOfExperts(3, activation="relu")
    with pytest.raises(ValueError, match="'softmax' for 1 class"):
        MixtureOfExperts(1, activation="softmax")
    with pytest.raises(ValueError, match=r"needs \(batch, features\)"):
        MixtureOfExperts(3)(np.zeros((2, 5, 4), "float32"))
