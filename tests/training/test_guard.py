"""A training that can come to nothing stops."""

from __future__ import annotations

import math
import types

import numpy as np
import pytest

from keras_attend_fusion import training
from tests.training.batches import batches, compiled


@pytest.mark.parametrize("lost", [math.nan, math.inf, np.float32("nan")])
@pytest.mark.parametrize(
    ("at_once", "where"), [(1, "at step 3"), (2, "within steps 2 to 3")]
)
def test_a_loss_that_is_no_number_stops_at_its_step(lost, at_once, where):
    guard = training.TerminateOnNonFinite()
    guard.set_model(types.SimpleNamespace(steps_per_execution=at_once))
    guard.on_epoch_begin(1)
    guard.on_train_batch_end(0, {"loss": 1.0})
    guard.on_train_batch_end(1, {"loss": 1e30})
    with pytest.raises(ValueError, match=f"not a number {where} of epoch 2"):
        guard.on_train_batch_end(2, {"loss": lost})


def test_an_epoch_without_batches_stops():
    guard = training.TerminateOnNonFinite()
    guard.on_epoch_begin(0)
    guard.on_train_batch_end(0, {"loss": 1.0})
    guard.on_epoch_end(0)
    guard.on_epoch_begin(1)
    with pytest.raises(ValueError, match="no video to train on"):
        guard.on_epoch_end(1)


def test_a_sound_training_goes_through():
    features, labels = batches()[0]
    guard = training.TerminateOnNonFinite()
    model = compiled()
    model.fit(features, labels, epochs=2, verbose=0, callbacks=[guard])
    assert guard.batches == 1
