"""The average of the weights, by hand and over an interruption."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from keras_attend_fusion import training
from keras_attend_fusion.training.checkpoints import restore

MOMENTUM, STEPS = 0.75, 4


def model(ema=MOMENTUM):
    keras.utils.set_random_seed(0)
    one = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(2, activation="sigmoid", name="scores"),
        ]
    )
    return training.compile_model(one, 3 * STEPS, ema=ema)


def batches():
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        x = rng.normal(size=(8, 3)).astype("float32")
        yield x, (x[:, :2] > 0).astype("float32")


def kernel(one):
    return ops.convert_to_numpy(one.get_layer("scores").kernel).copy()


class Seen(keras.callbacks.Callback):
    """The kernel after every step, and where a callback would score it."""

    def __init__(self):
        super().__init__()
        self.steps, self.scored = [], []

    def on_train_batch_end(self, batch, logs=None):
        if keras.backend.backend() == "jax":
            self.model.jax_state_sync()
        self.steps.append(kernel(self.model))

    def on_epoch_end(self, epoch, logs=None):
        self.scored.append(kernel(self.model))


class Saved(keras.callbacks.Callback):
    """Saves the model after an epoch."""

    def __init__(self, path, epoch):
        super().__init__()
        self.path, self.epoch = path, epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 == self.epoch:
            self.model.save(self.path)


def fit(one, epochs, *callbacks, initial_epoch=0):
    x, y = (np.concatenate(part) for part in zip(*batches(), strict=True))
    one.fit(
        x,
        y,
        batch_size=8,
        epochs=epochs,
        initial_epoch=initial_epoch,
        shuffle=False,
        verbose=0,
        callbacks=list(callbacks),
    )


def averaged():
    seen = Seen()
    fit(model(), 3, training.AverageWeights(), seen)
    return seen


def test_what_is_scored_is_the_average():
    seen = averaged()
    assert len(seen.steps) == 3 * STEPS
    average = seen.steps[0]
    for number, weights in enumerate(seen.steps[1:], 2):
        average = MOMENTUM * average + (1 - MOMENTUM) * weights
        if number % STEPS == 0:
            scored = seen.scored[number // STEPS - 1]
            np.testing.assert_allclose(scored, average, rtol=1e-5)
            assert np.abs(scored - weights).max() > 1e-4


def test_training_goes_on_as_without():
    seen = Seen()
    fit(model(ema=None), 3, seen)
    np.testing.assert_array_equal(seen.steps, averaged().steps)


def test_an_interruption_changes_nothing(tmp_path):
    path, seen = tmp_path / "after-two.keras", Seen()
    fit(model(), 2, training.AverageWeights(), seen, Saved(path, 2))
    one = model()
    restore(one, path)
    fit(one, 3, training.AverageWeights(resumed=True), seen, initial_epoch=2)
    whole = averaged()
    np.testing.assert_array_equal(whole.steps, seen.steps)
    np.testing.assert_array_equal(whole.scored, seen.scored)


def test_an_optimiser_without_an_average():
    with pytest.raises(ValueError, match="compile the model with compile_mod"):
        fit(model(ema=None), 1, training.AverageWeights())


@pytest.mark.parametrize("momentum", [0.0, 1.0, -1.0])
def test_a_momentum_out_of_range(momentum):
    with pytest.raises(ValueError, match=f"and ema={momentum}; expected"):
        model(ema=momentum)
