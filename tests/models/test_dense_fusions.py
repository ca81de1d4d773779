"""The dense baselines: early fusion, residual, residual with gating."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_attend_fusion import models
from tests.models import tiny
from tests.models.tiny import scores, videos

SIZES: dict[str, Any] = {"rgb_size": tiny.RGB, "audio_size": tiny.AUDIO}
BUILDERS: dict[str, Callable[..., keras.Model]] = {
    "early_fusion": models.EarlyFusion,
    "residual": models.Residual,
    "residual_gating": models.ResidualGating,
}


@pytest.fixture(params=BUILDERS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def tiny_model(name: str, level: str, **changes: Any) -> keras.Model:
    arguments = {**SIZES, "units": 6, "depth": 2, **changes}
    model = BUILDERS[name](tiny.CLASSES, level, **arguments)
    tiny.randomise(model)
    return model


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        # 24 inputs to 6, 6 to 6, 6 to 3 classes, each with biases.
        ("early_fusion", {}, 150 + 42 + 21),
        # A norm of 4 numbers a feature, a matrix without biases and a norm
        # of 6 (picture 16, sound 8); twice a matrix and a norm; 12 to 3.
        ("residual", {}, 64 + 96 + 24 + 32 + 48 + 24 + 4 * (36 + 24) + 39),
        # As many, and four gates of 6 to 6 with biases.
        ("residual_gating", {"gating_rank": None}, 567 + 4 * 42),
        ("residual_gating", {"gating_rank": 2}, 567 + 4 * (12 + 18)),
    ],
)
@pytest.mark.parametrize("level", ["video", "frame"])
def test_parameters_by_hand(
    name: str, changes: dict[str, Any], expected: int, level: str
) -> None:
    assert tiny_model(name, level, **changes).count_params() == expected


def test_early_fusion_by_hand() -> None:
    # One unit over both: relu(1 + 2 - 5) = 0 and relu(3 + 4 - 5) = 2, so the
    # logits are -1 and 2 * 0.5 - 1 = 0.
    model = models.EarlyFusion(1, rgb_size=1, audio_size=1, units=1, depth=1)
    model.get_layer("joint_dense_1").set_weights(
        [np.ones((2, 1)), np.float32([-5.0])]
    )
    model.get_layer("classifier").set_weights(
        [np.float32([[0.5]]), np.float32([-1.0])]
    )
    features = {"rgb": np.float32([[1], [3]]), "audio": np.float32([[2], [4]])}
    np.testing.assert_allclose(
        scores(model, features), [[1 / (1 + np.e)], [0.5]], atol=1e-6
    )


def test_gates_that_are_open_leave_the_residual_network() -> None:
    gated = tiny_model("residual_gating", "video")
    plain = tiny_model("residual", "video")
    for layer in plain.layers:
        layer.set_weights(gated.get_layer(layer.name).get_weights())
    features = videos("video")
    expected = scores(plain, features)
    assert np.abs(scores(gated, features) - expected).max() > 1e-3
    for layer in gated.layers:
        if "gating" in layer.name:
            shapes = [weight.shape for weight in layer.weights]
            kernels = [np.zeros(shape) for shape in shapes[:-1]]
            layer.set_weights([*kernels, np.full(shapes[-1], 40.0)])
    np.testing.assert_allclose(scores(gated, features), expected, atol=1e-5)


def test_at_frame_level_it_takes_the_mean_of_real_frames(name: str) -> None:
    of_frames, of_means = tiny_model(name, "frame"), tiny_model(name, "video")
    features = videos("frame")
    means = {}
    for modality in SIZES:
        modality = modality.removesuffix("_size")
        keep = features[f"{modality}_mask"][..., None]
        values = tiny.dequantised(features[modality]) * keep
        means[modality] = (values.sum(1) / keep.sum(1)).astype("float32")
    np.testing.assert_allclose(
        scores(of_frames, features), scores(of_means, means), atol=1e-5
    )


@pytest.mark.parametrize("level", ["video", "frame"])
def test_a_video_of_nothing_is_finite(name: str, level: str) -> None:
    nothing = {key: np.zeros_like(x) for key, x in videos(level).items()}
    outputs = scores(tiny_model(name, level), nothing)
    assert np.isfinite(outputs).all()
    assert outputs.dtype == "float32"


@pytest.mark.parametrize("level", ["video", "frame"])
@pytest.mark.parametrize("left_out", ["rgb_size", "audio_size", None])
def test_saved_and_loaded_it_is_the_same(
    name: str, level: str, left_out: str | None, tmp_path: Path
) -> None:
    changes = {} if left_out is None else {left_out: None}
    model = tiny_model(name, level, **changes)
    features = {key: videos(level)[key] for key in model.input}
    outputs = scores(model, features)
    assert (np.ptp(outputs, axis=0) / outputs.max(0)).max() > 1e-2
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(scores(loaded, features), outputs, rtol=1e-4)


def test_errors(name: str) -> None:
    with pytest.raises(ValueError, match="level is 'shot'; pass one of"):
        tiny_model(name, "shot")
    with pytest.raises(ValueError, match="Every modality is left out"):
        tiny_model(name, "video", rgb_size=None, audio_size=None)
