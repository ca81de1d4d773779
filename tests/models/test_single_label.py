"""Models of classes that exclude each other."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from keras_attend_fusion import models, training
from tests.models import tiny
from tests.models.test_modalities import NARROW, SIZES, narrow, videos

LEVELS = ["video", "frame"]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", models.names())
def test_scores_sum_to_one(name: str, level: str) -> None:
    model = narrow(name, level, SIZES, activation="softmax")
    assert models.describe(model).activation == "softmax"
    scores = tiny.scores(model, videos(level, SIZES))
    assert (scores >= 0).all()
    assert np.ptp(scores, axis=0).max() > 1e-3
    np.testing.assert_allclose(scores.sum(axis=1), np.ones(4), atol=1e-5)
    of_sigmoid = narrow(name, level, SIZES)
    assert models.describe(of_sigmoid).activation == "sigmoid"
    assert of_sigmoid.count_params() == model.count_params()


@pytest.mark.parametrize("name", models.names())
def test_every_class_is_alike_before_training(name: str) -> None:
    model = models.build(
        name,
        num_classes=4,
        modalities={"text": 6},
        activation="softmax",
        **NARROW[name],
    )
    nothing = {"text": np.zeros((1, 6), "float32")}
    scores = tiny.scores(model, nothing)
    np.testing.assert_allclose(scores, np.full((1, 4), 0.25), atol=1e-5)


def test_it_is_saved_and_loaded(tmp_path: Path) -> None:
    for name in ("attend_fusion", "mixture_of_experts"):
        model = narrow(name, "video", SIZES, activation="softmax")
        model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        assert models.describe(loaded) == models.describe(model)
        features = videos("video", SIZES)
        np.testing.assert_allclose(
            tiny.scores(loaded, features), tiny.scores(model, features), 1e-5
        )


@pytest.mark.parametrize("name", ["attend_fusion", "mixture_of_experts"])
def test_it_learns(name: str) -> None:
    # The class is the one of three numbers, each of another modality, that is
    # the largest: no modality knows it alone.
    keras.utils.set_random_seed(1)
    random = np.random.default_rng(1)
    numbers = random.uniform(-1, 1, (512, 3)).astype("float32")
    sizes = dict.fromkeys(("rgb", "audio", "text"), 4)
    features = {
        modality: np.concatenate(
            [numbers[:, [i]], np.ones((512, 3), "float32")], axis=1
        )
        for i, modality in enumerate(sizes)
    }
    classes = numbers.argmax(axis=1)
    labels = np.eye(3, dtype="uint8")[classes]
    arguments = {**NARROW[name]}
    if name == "attend_fusion":
        arguments |= {"trunk_units": 24, "hidden_units": 24, "dropout": 0.0}
        arguments |= {"trunk_dropout": 0.0}
    model = models.build(
        name,
        num_classes=3,
        modalities=sizes,
        activation="softmax",
        **arguments,
    )
    training.compile_model(model, 240, 0.02, weight_decay=0.0)
    loss = model.fit(
        features, labels, batch_size=64, epochs=30, verbose=0
    ).history["loss"]
    assert loss[0] > 0.5
    right = tiny.scores(model, features).argmax(axis=1) == classes
    assert right.mean() > 0.9
