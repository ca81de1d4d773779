"""The fused update is Keras' own."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion.private import untried
from keras_attend_fusion.training import adamw
from keras_attend_fusion.training.adamw import FusedAdamW

START = {"kernel": (5, 3), "bias": (3,)}


def weights_after(optimizer_class, steps=7, **options):
    rng = np.random.default_rng(0)
    variables = [
        keras.Variable(rng.normal(size=shape), dtype="float32", name=name)
        for name, shape in START.items()
    ]
    optimizer = optimizer_class(
        keras.optimizers.schedules.CosineDecay(0.1, 20), 0.05, **options
    )
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    for _ in range(steps):
        # As small as the epsilon, so that its place in the formula shows.
        grads = [
            keras.ops.convert_to_tensor(1e-6 * rng.normal(size=v.shape))
            for v in variables
        ]
        grads = [keras.ops.cast(g, "float32") for g in grads]
        optimizer.apply(grads, variables)
    state = [keras.ops.convert_to_numpy(v) for v in optimizer.variables]
    return [keras.ops.convert_to_numpy(v) for v in variables], state


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-5},
        {"amsgrad": True},
        {"global_clipnorm": 1e-6},
        {"use_ema": True, "ema_momentum": 0.5},
        {"gradient_accumulation_steps": 3},
    ],
    ids=lambda options: next(iter(options), "default"),
)
def test_weights_and_state_are_those_of_keras(options):
    weights, state = weights_after(FusedAdamW, **options)
    expected, expected_state = weights_after(keras.optimizers.AdamW, **options)
    for found, right in zip(weights, expected, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-5, atol=1e-6)
    for found, right in zip(state, expected_state, strict=True):
        np.testing.assert_allclose(found, right, rtol=2e-4, atol=1e-20)


def test_a_saved_model_brings_its_optimiser_back(tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile(FusedAdamW(0.01, weight_decay=0.3), loss="mse")
    x, y = np.ones((8, 4), "float32"), np.zeros((8, 3), "float32")
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    assert type(again.optimizer) is FusedAdamW
    for one in (model, again):
        one.fit(x, y, verbose=0)
    for found, right in zip(
        again.get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(found, right, rtol=1e-6)


def test_a_keras_that_keeps_its_moments_elsewhere(monkeypatch):
    def gone(owner, name, package):
        raise untried(package, f"has no `{name}` in FusedAdamW")

    monkeypatch.setattr(adamw, "private", gone)
    if keras.backend.backend() == "jax":  # which takes Keras' own anyway
        weights, _ = weights_after(FusedAdamW)
    else:
        with pytest.warns(UserWarning, match="training is slower: keras "):
            weights, _ = weights_after(FusedAdamW)
    expected, _ = weights_after(keras.optimizers.AdamW)
    for result, right in zip(weights, expected, strict=True):
        np.testing.assert_allclose(result, right, rtol=1e-6)
