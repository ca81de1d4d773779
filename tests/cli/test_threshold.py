"""A frozen threshold goes with the weights that it was picked for."""

from __future__ import annotations

import json
import shutil

import keras
import numpy as np
import pytest

from keras_attend_fusion.runs.threshold import fingerprint
from tests.cli.runs import read_json


@pytest.fixture
def run(video, tmp_path):
    """A copy of the run, whose metrics a test may change."""
    for name in ("model.keras", "metrics.json"):
        shutil.copy(video.run / name, tmp_path / name)
    return tmp_path


def change(run, **changes):
    """Changes metrics.json; None takes a key away."""
    known = read_json(run / "metrics.json") | changes
    known = {name: value for name, value in known.items() if value is not None}
    (run / "metrics.json").write_text(json.dumps(known))


def refusal(run, shown):
    return f"{run / 'metrics.json'} is of another model ({shown}"


def test_train_says_of_which_weights_its_metrics_are(video):
    model = keras.saving.load_model(video.run / "model.keras", compile=False)
    known = read_json(video.run / "metrics.json")
    assert known["weights"] == fingerprint(model)


def test_metrics_of_another_training_are_refused(run, video, command, fails):
    model = keras.saving.load_model(run / "model.keras", compile=False)
    bias = model.weights[-1]
    bias.assign(np.asarray(bias) + 1e-3)
    model.save(run / "model.keras")
    flags = ["evaluate", f"--model={run}", f"--data={video.validate}"]
    was = read_json(run / "metrics.json")["weights"]
    line = fails(*flags)
    assert refusal(run, f"the weights {was}, those of model.keras are") in line
    assert f"{fingerprint(model)})" in line
    assert "pass --threshold=…, or put the metrics.json back" in line
    answer = command(*flags, "--threshold=0.3")
    assert answer.status == 0
    assert "F1 at threshold 0.3000, given." in answer.out


def test_earlier_metrics_are_taken_with_a_note(run, video, command):
    change(run, weights=None)
    answer = command("evaluate", f"--model={run}", f"--data={video.validate}")
    assert answer.status == 0
    assert "of the training run, if metrics.json is of this model" in answer.out


def test_earlier_metrics_of_another_size_are_refused(run, video, fails):
    change(run, weights=None, parameters=7)
    line = fails("evaluate", f"--model={run}", f"--data={video.validate}")
    assert refusal(run, "parameters 7, those of model.keras are ") in line


def dense(*names):
    inputs = keras.Input((2,))
    parts = [keras.layers.Dense(2, name=n)(inputs) for n in names]
    return keras.Model(inputs, parts)


def test_the_fingerprint_is_of_the_weights_alone(tmp_path):
    model, renamed, swapped = dense("a", "b"), dense("c", "d"), dense("e", "f")
    renamed.set_weights(model.get_weights())
    first, second, third, fourth = model.get_weights()
    swapped.set_weights([third, fourth, first, second])
    assert fingerprint(renamed) == fingerprint(model) == fingerprint(swapped)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert fingerprint(loaded) == fingerprint(model)
    renamed.set_weights([first.T, second, third, fourth])
    assert fingerprint(renamed) != fingerprint(model)


def test_the_same_numbers_in_another_shape_are_other_weights():
    prints = set()
    for size in (1, 2, 4):
        inputs = keras.Input((size,))
        dense = keras.layers.Dense(
            4 // size, use_bias=False, kernel_initializer="ones"
        )
        prints.add(fingerprint(keras.Model(inputs, dense(inputs))))
    assert len(prints) == 3
