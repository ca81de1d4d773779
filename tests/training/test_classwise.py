from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from keras_attend_fusion import training


def test_weights_mask_classes_by_hand():
    labels = np.float32([[1.0, 0.0, 0.25], [0.0, 1.0, 0.0]])
    scores = np.float32([[0.5, 0.9, 0.5], [0.25, 0.5, 0.99]])
    weights = np.float32([[1, 0, 1], [1, 0, 0]])
    loss = training.ClasswiseCrossentropy()(labels, scores, weights)
    expected = (np.log(2) + np.log(2) - np.log(0.75)) / 6
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_without_weights_it_is_that_of_keras():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (4, 7)).astype("float32")
    scores = rng.uniform(0.01, 0.99, (4, 7)).astype("float32")
    ours = training.ClasswiseCrossentropy()(labels, scores)
    keras_own = keras.losses.BinaryCrossentropy()(labels, scores)
    assert float(ours) == pytest.approx(float(keras_own), rel=1e-6)


def test_what_was_not_rated_is_not_learnt():
    """Class 1 is wrong wherever it was not rated, and right where it was."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((256, 4)).astype("float32")
    truth = (inputs[:, :2] > 0).astype("float32")
    weights = rng.integers(0, 2, (256, 2)).astype("float32")
    labels = truth * weights  # 0 where nothing is known
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(2, activation="sigmoid")]
    )
    training.compile_model(
        model, 200, learning_rate=0.05, classwise_weights=True
    )
    for _ in range(200):
        model.train_on_batch(inputs, labels, sample_weight=weights)
    right = (model.predict_on_batch(inputs) > 0.5) == (truth > 0.5)
    assert right.mean() > 0.95


def test_it_is_saved_by_name(tmp_path):
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(2, activation="sigmoid")]
    )
    training.compile_model(model, 2, classwise_weights=True)
    model.train_on_batch(
        np.ones((2, 4), "float32"),
        np.ones((2, 2), "float32"),
        sample_weight=np.ones((2, 2), "float32"),
    )
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    assert isinstance(again.loss, training.ClasswiseCrossentropy)
    inputs = ops.ones((1, 4))
    np.testing.assert_allclose(
        ops.convert_to_numpy(again(inputs)),
        ops.convert_to_numpy(model(inputs)),
        rtol=1e-6,
    )
