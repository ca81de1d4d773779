"""A class that takes all three modalities is learned on every backend."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion import models, training

SIZES = {"rgb": 12, "audio": 6, "text": 8}


def videos(
    count: int, seed: int, undecided: str = ""
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Class 2 where every modality is bright, 1 where some are, 0 where none.

    Some videos lack the text, whose vector is zeros then. With `undecided`,
    the two other modalities are bright in every video.
    """
    rng = np.random.default_rng(seed)
    bright = rng.integers(0, 2, (count, 3)).astype(bool)
    bright[: count // 3] |= not undecided
    bright |= [bool(undecided) and name != undecided for name in SIZES]
    features = {
        name: (rng.normal(0, 0.1, (count, size)) + bright[:, [place]] - 0.5)
        for place, (name, size) in enumerate(SIZES.items())
    }
    lacks_text = rng.random(count) < (0.0 if undecided else 0.1)
    features["text"][lacks_text] = 0.0
    bright[lacks_text, 2] = False
    labels = np.any(bright, axis=1).astype(int) + np.all(bright, axis=1)
    dtypes = {name: x.astype("float32") for name, x in features.items()}
    return dtypes, np.eye(3, dtype="uint8")[labels]


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    model = models.AttendFusion(
        3,
        modalities=SIZES,
        activation="softmax",
        trunk_units=16,
        trunk_dropout=0.0,
        members=2,
        num_heads=2,
        key_dim=8,
        hidden_units=16,
        dropout=0.0,
    )
    training.compile_model(model, total_steps=300, learning_rate=0.01)
    model.fit(*videos(960, 0), batch_size=32, epochs=10, verbose=0)
    return model


def accuracy(model: keras.Model, features: dict, labels: np.ndarray) -> float:
    scores = model.predict(features, verbose=0)
    np.testing.assert_allclose(scores.sum(axis=1), 1.0, atol=1e-5)
    return float(np.mean(scores.argmax(axis=1) == labels.argmax(axis=1)))


def test_all_three_are_used(model: keras.Model) -> None:
    features, labels = videos(300, 1)
    assert accuracy(model, features, labels) > 0.95


@pytest.mark.parametrize("name", SIZES)
def test_it_takes_each_of_them(model: keras.Model, name: str) -> None:
    """The others are bright: whether this one is too, half of them say."""
    features, labels = videos(300, 2, undecided=name)
    assert accuracy(model, features, labels) > 0.9
    missing = {**features, name: np.zeros_like(features[name])}
    assert accuracy(model, missing, labels) < 0.65
