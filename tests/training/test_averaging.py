"""The average of the weights, by hand and over an interruption."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from keras_attend_fusion import training
from keras_attend_fusion.private import UntriedVersionError
from keras_attend_fusion.training.averaging import EXCHANGE
from keras_attend_fusion.training.checkpoints import restore

MOMENTUM, STEPS = 0.75, 4


def model(ema=MOMENTUM, **recipe):
    keras.utils.set_random_seed(0)
    one = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(2, activation="sigmoid", name="scores"),
        ]
    )
    return training.compile_model(one, 3 * STEPS, ema=ema, **recipe)


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


def average_of(steps):
    """Steps of one training after another, each from the average so far."""
    average = steps[0]
    for weights in steps[1:]:
        average = MOMENTUM * average + (1 - MOMENTUM) * weights
    return average


def test_what_fit_leaves_is_the_average():
    seen, trained = Seen(), model()
    fit(trained, 2, training.AverageWeights(), seen)
    np.testing.assert_array_equal(kernel(trained), seen.scored[-1])
    assert np.abs(kernel(trained) - seen.steps[-1]).max() > 1e-4
    (average, _) = trained.optimizer._model_variables_moving_average
    np.testing.assert_array_equal(kernel(trained), average)
    # Another `fit` starts from it, and averages on.
    fit(trained, 1, training.AverageWeights(), seen)
    np.testing.assert_allclose(
        kernel(trained), average_of(seen.steps), rtol=1e-5
    )


def test_another_fit_without_the_callback():
    trained = model()
    for _ in range(3):
        before = kernel(trained)
        fit(trained, 1)
        assert np.abs(kernel(trained) - before).max() > 1e-4
    (average, _) = trained.optimizer._model_variables_moving_average
    np.testing.assert_array_equal(kernel(trained), average)


def test_a_training_that_ends_early_leaves_the_average():
    class Enough(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    seen, trained = Seen(), model()
    fit(trained, 5, training.AverageWeights(), seen, Enough())
    assert len(seen.scored) == 2
    np.testing.assert_array_equal(kernel(trained), seen.scored[-1])


def test_nothing_left_to_train_leaves_the_average(tmp_path):
    path, seen = tmp_path / "last.keras", Seen()
    fit(model(), 2, training.AverageWeights(), seen, Saved(path, 2))
    trained = model()
    restore(trained, path)
    average = training.AverageWeights(resumed=True)
    fit(trained, 2, average, initial_epoch=2)
    np.testing.assert_array_equal(kernel(trained), seen.scored[-1])


def test_validation_in_fit_is_of_the_average():
    x, y = next(batches())
    trained, seen = model(), Seen()
    history = trained.fit(
        x,
        y,
        batch_size=4,
        epochs=3,
        shuffle=False,
        verbose=0,
        validation_data=(x, y),
        callbacks=[training.AverageWeights(), seen],
    ).history
    assert trained.evaluate(x, y, verbose=0) == pytest.approx(
        history["val_loss"][-1]
    )
    np.testing.assert_allclose(
        kernel(trained), average_of(seen.steps), rtol=1e-5
    )


@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_updates_of_several_batches(precision):
    keras.config.set_dtype_policy(precision)
    ends = []
    for averaging in (training.AverageWeights(), swap_ema_weights()):
        trained = model(accumulate=2)
        fit(trained, 2, averaging)
        ends.append(kernel(trained))
    # On TensorFlow Keras exchanges them by sums, which round.
    np.testing.assert_allclose(*ends, rtol=1e-6)


def swap_ema_weights():
    return keras.callbacks.SwapEMAWeights(swap_on_epoch=True)


def test_an_optimiser_without_an_average():
    with pytest.raises(ValueError, match="compile the model with compile_mod"):
        fit(model(ema=None), 1, training.AverageWeights())


@pytest.mark.parametrize("momentum", [0.0, 1.0, -1.0])
def test_a_momentum_out_of_range(momentum):
    with pytest.raises(ValueError, match=f"and ema={momentum}; expected"):
        model(ema=momentum)


@pytest.mark.parametrize("name", EXCHANGE)
def test_a_keras_that_exchanges_in_another_way(name, monkeypatch):
    assert training.AverageWeights()
    monkeypatch.delattr(keras.callbacks.SwapEMAWeights, name)
    with pytest.raises(UntriedVersionError, match=f"has no `{name}` in SwapEM"):
        training.AverageWeights()
