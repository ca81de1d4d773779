"""What models were before they took any modalities, they still are."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest

from keras_attend_fusion import models
from tests.models import reference, tiny


@pytest.mark.parametrize("name", reference.MODELS)
def test_a_file_of_an_earlier_version_scores_the_same(name: str) -> None:
    model = keras.saving.load_model(reference.keras_file(name))
    with np.load(reference.scores_file(name)) as file:
        features = {key: file[key] for key in model.input}
        expected, machine = file["scores"], str(file["machine"])
    outputs = tiny.scores(model, features)
    assert np.ptp(outputs, axis=0).max() > 1e-2
    np.testing.assert_allclose(outputs, expected, atol=2e-5)
    if machine == reference.machine():
        np.testing.assert_array_equal(outputs, expected)


@pytest.mark.parametrize("name", reference.MODELS)
def test_its_weights_score_the_same_in_a_model_of_today(name: str) -> None:
    saved = keras.saving.load_model(reference.keras_file(name))
    model_name, preset, level, sizes = reference.MODELS[name]
    built = models.build(model_name, preset, level, tiny.CLASSES, **sizes)
    assert [w.path for w in built.weights] == [w.path for w in saved.weights]
    built.set_weights(saved.get_weights())
    features = tiny.videos(level, count=6, seed=4)
    np.testing.assert_array_equal(
        tiny.scores(built, features), tiny.scores(saved, features)
    )


@pytest.mark.parametrize("level", reference.LEVELS)
@pytest.mark.parametrize("name", models.names())
def test_layers_and_weights_of_every_preset(name: str, level: str) -> None:
    layouts = json.loads(reference.LAYOUT.read_text(encoding="utf-8"))
    for preset in models.presets(name):
        assert layouts[f"{name} {preset} {level}"] == reference.layout(
            name, preset, level
        )
