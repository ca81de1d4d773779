"""The fully connected baseline."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from keras_attend_fusion import models
from tests.models import tiny
from tests.models.tiny import scores, videos


def fully_connected(level: str) -> keras.Model:
    model = models.FullyConnected(
        tiny.CLASSES,
        level,
        rgb_size=tiny.RGB,
        audio_size=tiny.AUDIO,
        units=6,
        depth=2,
    )
    tiny.randomise(model)
    return model


def test_parameters_by_hand() -> None:
    # Picture 16*6+6 and 6*6+6, sound 8*6+6 and 6*6+6, classifier 12*3+3.
    for level in ("video", "frame"):
        model = fully_connected(level)
        assert model.count_params() == 102 + 42 + 54 + 42 + 39


def test_scores_by_hand() -> None:
    # One unit a modality: relu(1 + 2) = 3 and relu(-1) = 0, so the logit of
    # 3 * 1 + 0 * 5 - 3 is 0 and the score 1/2.
    model = models.FullyConnected(1, rgb_size=2, audio_size=1, units=1, depth=1)
    model.get_layer("rgb_dense_1").set_weights([np.ones((2, 1)), np.zeros(1)])
    model.get_layer("audio_dense_1").set_weights(
        [-np.ones((1, 1)), np.zeros(1)]
    )
    model.get_layer("classifier").set_weights(
        [np.float32([[1.0], [5.0]]), np.float32([-3.0])]
    )
    features = {"rgb": np.float32([[1, 2]]), "audio": np.float32([[1]])}
    np.testing.assert_allclose(scores(model, features), [[0.5]], atol=1e-6)


def test_at_frame_level_it_takes_the_mean_of_real_frames() -> None:
    of_frames, of_means = fully_connected("frame"), fully_connected("video")
    features = videos("frame")
    means = {}
    for name in ("rgb", "audio"):
        keep = features[f"{name}_mask"][..., None]
        values = tiny.dequantised(features[name]) * keep
        means[name] = (values.sum(1) / keep.sum(1)).astype("float32")
    np.testing.assert_allclose(
        scores(of_frames, features), scores(of_means, means), atol=1e-5
    )


@pytest.mark.parametrize("level", ["video", "frame"])
def test_saved_and_loaded_it_is_the_same(level: str, tmp_path: Path) -> None:
    model = fully_connected(level)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(
        scores(loaded, videos(level)), scores(model, videos(level)), atol=1e-6
    )


def test_one_modality() -> None:
    model = models.FullyConnected(2, rgb_size=None, audio_size=4, units=3)
    assert set(model.input) == {"audio"}
    assert model.output.shape == (None, 2)


def test_errors() -> None:
    with pytest.raises(ValueError, match="level is 'shot'; pass one of"):
        models.FullyConnected(level="shot")
    with pytest.raises(ValueError, match="Every modality is left out"):
        models.FullyConnected(rgb_size=None, audio_size=None)
