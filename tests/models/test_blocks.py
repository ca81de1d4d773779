"""The inputs and the trunk that the builders share."""

from __future__ import annotations

import keras
import numpy as np

from keras_attend_fusion.models.blocks import (
    classify,
    open_branches,
    residual_block,
    trunk,
)
from tests.models.tiny import scores


def test_a_branch_for_each_modality_that_is_there() -> None:
    sizes = {"rgb": 4, "audio": None, "text": 3}
    inputs, branches = open_branches("frame", sizes, None)
    assert list(inputs) == ["rgb", "rgb_mask", "text", "text_mask"]
    assert [branch.modality for branch in branches] == ["rgb", "text"]
    assert branches[0].raw is inputs["rgb"]
    assert branches[0].mask is inputs["rgb_mask"]
    assert branches[0].raw.dtype == "uint8"
    assert branches[0].features.dtype == "float32"


def test_a_video_level_branch_has_no_mask() -> None:
    inputs, branches = open_branches("video", {"rgb": 4}, None)
    assert list(inputs) == ["rgb"]
    assert branches[0].mask is None
    assert branches[0].raw.shape == (None, 4)


def test_padding_is_zero_once_dequantised() -> None:
    inputs, branches = open_branches("frame", {"rgb": 2}, None)
    model = keras.Model(inputs, branches[0].features)
    values = scores(
        model,
        {
            "rgb": np.array([[[0, 255], [0, 255]]], "uint8"),
            "rgb_mask": np.array([[True, False]]),
        },
    )
    np.testing.assert_allclose(
        values, [[[-1.9921875, 2.0078125], [0.0, 0.0]]], atol=1e-6
    )


def test_a_trunk_is_as_deep_as_asked() -> None:
    # Norm of 4 features (4 numbers each), then twice: a matrix without bias
    # and a norm of 5.
    for depth, expected in ((0, 16), (1, 16 + 20 + 20), (2, 56 + 25 + 20)):
        inputs = keras.Input((4,))
        outputs = trunk(inputs, 5, depth, 0.1, "rgb")
        assert keras.Model(inputs, outputs).count_params() == expected
        assert outputs.shape == (None, 5 if depth else 4)


def test_a_residual_block_adds_what_is_above_zero() -> None:
    # With the norm's mean at 0 and variance at 1: x + relu(x W / sqrt(1.001)).
    inputs = keras.Input((2,))
    model = keras.Model(inputs, residual_block(inputs, 0.5, "block"))
    model.get_layer("block_dense").set_weights(
        [np.float32([[1.0, -1.0], [2.0, 0.0]])]
    )
    values = scores(model, np.float32([[1.0, 3.0]]))
    np.testing.assert_allclose(
        values, [[1.0 + 7.0 / np.sqrt(1.001), 3.0]], rtol=1e-5
    )


def test_an_untrained_classifier_scores_one_in_a_thousand() -> None:
    inputs = keras.Input((2,))
    model = keras.Model(inputs, classify(inputs, 3))
    np.testing.assert_allclose(
        scores(model, np.zeros((1, 2), "float32")), [[0.001] * 3], rtol=1e-4
    )
