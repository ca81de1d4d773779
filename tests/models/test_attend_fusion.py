"""Attend-Fusion: what comes in, who may be missing, what it shows."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_attend_fusion import models
from tests.models import tiny
from tests.models.tiny import scores, videos

LEVELS = ["video", "frame"]


@pytest.fixture(scope="module", params=LEVELS)
def level(request: pytest.FixtureRequest) -> str:
    return request.param


@functools.cache
def shared_model(level: str) -> keras.Model:
    """One model for the tests that leave its weights as they are."""
    return tiny.attend_fusion(level)


@pytest.fixture
def model(level: str) -> keras.Model:
    return shared_model(level)


@pytest.fixture
def frame_model() -> keras.Model:
    return shared_model("frame")


def inputs_of(model: keras.Model) -> dict[str, tuple[Any, str]]:
    return {name: (x.shape, x.dtype) for name, x in model.input.items()}


def test_inputs_have_names_and_dtypes() -> None:
    rgb, audio = tiny.RGB, tiny.AUDIO
    assert inputs_of(shared_model("video")) == {
        "rgb": ((None, rgb), "float32"),
        "audio": ((None, audio), "float32"),
    }
    assert inputs_of(shared_model("frame")) == {
        "rgb": ((None, None, rgb), "uint8"),
        "rgb_mask": ((None, None), "bool"),
        "audio": ((None, None, audio), "uint8"),
        "audio_mask": ((None, None), "bool"),
    }
    named = inputs_of(tiny.attend_fusion("video", feature_dtype="uint8"))
    assert named["rgb"] == ((None, rgb), "uint8")
    assert named["audio"] == ((None, audio), "uint8")


def test_the_names_of_the_inputs_are_their_keys(model: keras.Model) -> None:
    assert {key: x.name for key, x in model.input.items()} == {
        key: key for key in model.input
    }


def test_scores(model: keras.Model, level: str) -> None:
    assert model.output.shape == (None, tiny.CLASSES)
    assert model.output.dtype == "float32"
    outputs = scores(model, videos(level))
    assert outputs.shape == (4, tiny.CLASSES)
    assert ((outputs > 0) & (outputs < 1)).all()
    assert np.abs(outputs - outputs[:1]).max() > 1e-3


def test_an_untrained_model_expects_few_positives(level: str) -> None:
    # The classifier starts from a prior of 0.001.
    model = models.AttendFusion(tiny.CLASSES, level, **tiny.SIZES)
    assert scores(model, videos(level)).max() < 0.05


def test_bytes_and_their_values_agree(level: str) -> None:
    of_bytes = tiny.attend_fusion(level, feature_dtype="uint8")
    of_values = tiny.attend_fusion(level, feature_dtype="float32")
    features = videos("frame")
    if level == "video":
        features = {name: features[name][:, 0] for name in ("rgb", "audio")}
    values = {
        name: x if x.dtype == bool else tiny.dequantised(x)
        for name, x in features.items()
    }
    np.testing.assert_allclose(
        scores(of_values, values), scores(of_bytes, features), atol=1e-5
    )


@pytest.mark.parametrize("kept", ["rgb", "audio"])
def test_one_modality(level: str, kept: str, tmp_path: Path) -> None:
    left_out = {"rgb": "audio", "audio": "rgb"}[kept]
    model = tiny.attend_fusion(level, **{f"{left_out}_size": None})
    names = {name for name in videos(level) if name.startswith(kept)}
    assert set(model.input) == names
    features = {name: videos(level)[name] for name in names}
    outputs = scores(model, features)
    assert outputs.shape == (4, tiny.CLASSES)
    model.save(tmp_path / "one.keras")
    loaded = keras.saving.load_model(tmp_path / "one.keras")
    np.testing.assert_allclose(scores(loaded, features), outputs, atol=1e-6)


@pytest.mark.parametrize("missing", ["rgb", "audio"])
def test_missing_frames_change_nothing_whatever_they_hold(
    frame_model: keras.Model, missing: str
) -> None:
    features = videos("frame")
    there = scores(frame_model, features)
    features[f"{missing}_mask"] = np.zeros_like(features[f"{missing}_mask"])
    outputs = [scores(frame_model, features)]
    for content in (0, 255, videos("frame", seed=9)[missing]):
        features[missing] = np.full_like(features[missing], content)
        outputs.append(scores(frame_model, features))
    for other in outputs[1:]:
        np.testing.assert_allclose(other, outputs[0], atol=1e-6)
    assert np.abs(outputs[0] - there).max() > 1e-3


@pytest.mark.parametrize("missing", ["rgb", "audio"])
@pytest.mark.parametrize("feature_dtype", ["float32", "uint8"])
def test_a_missing_vector_leaves_its_branch_without_a_say(
    missing: str, feature_dtype: str
) -> None:
    # A row of zeros is all that says so, so it is the branch's weights that
    # are changed here: they count where the modality is there, and only
    # there.
    model = tiny.attend_fusion("video", feature_dtype=feature_dtype)
    features = {
        name: (np.abs(x) * 100).astype(feature_dtype)
        for name, x in videos("video").items()
    }
    features[missing][1:3] = 0
    before = scores(model, features)
    for weight in model.weights:
        if f"{missing}_" in weight.path:
            value = keras.ops.convert_to_numpy(weight)
            weight.assign(value * 1.5 + 0.25)
    after = scores(model, features)
    np.testing.assert_allclose(after[1:3], before[1:3], atol=1e-6)
    assert np.abs(after[[0, 3]] - before[[0, 3]]).min(0).max() > 1e-4


def test_a_video_of_nothing_is_finite(model: keras.Model, level: str) -> None:
    nothing = {name: np.zeros_like(x) for name, x in videos(level).items()}
    outputs = scores(model, nothing)
    assert np.isfinite(outputs).all()
    np.testing.assert_allclose(outputs, outputs[[0, 0, 0, 0]], atol=1e-6)


@pytest.mark.parametrize("padded", ["rgb", "audio"])
def test_more_padding_does_not_change_scores(
    frame_model: keras.Model, padded: str
) -> None:
    features = videos("frame")
    expected = scores(frame_model, features)
    # Three frames more, which the mask leaves out, and content in those
    # that were padding already.
    content = features[padded].copy()
    content[0, 3:] = 255
    features[padded] = np.pad(
        content, ((0, 0), (0, 3), (0, 0)), constant_values=200
    )
    mask = features[f"{padded}_mask"]
    features[f"{padded}_mask"] = np.pad(mask, ((0, 0), (0, 3)))
    np.testing.assert_allclose(
        scores(frame_model, features), expected, atol=1e-5
    )
    features[f"{padded}_mask"][:, -1] = True
    assert np.abs(scores(frame_model, features) - expected).max() > 1e-3


def test_an_unknown_level_dtype_and_no_modality() -> None:
    with pytest.raises(
        ValueError, match=r"level is 'shot'; pass one of \('video', 'frame'\)"
    ):
        tiny.attend_fusion("shot")
    with pytest.raises(
        ValueError, match=r"feature_dtype is 'int8'; .*'uint8', 'float32'"
    ):
        tiny.attend_fusion("video", feature_dtype="int8")
    with pytest.raises(
        ValueError, match=r"left out; .*'rgb_size', 'audio_size'"
    ):
        tiny.attend_fusion("video", rgb_size=None, audio_size=None)


def test_attention_over_frames_and_modalities(
    frame_model: keras.Model,
) -> None:
    features = videos("frame")
    features["audio_mask"][1] = False
    weights = scores(models.attention(frame_model), features)
    pooling = {
        name: weights[name].shape[1]
        for name in ("rgb_pooling", "audio_pooling")
    }
    assert {name: w.shape for name, w in weights.items()} == {
        "rgb_frames": (4, 2, 5, 5),
        "rgb_pooling": (4, pooling["rgb_pooling"], 5),
        "audio_frames": (4, 2, 4, 4),
        "audio_pooling": (4, pooling["audio_pooling"], 4),
        "modalities": (4, 4, 3, 3),  # two heads of each of two members
    }
    # Video 1 has no sound; where there is something, weights sum to 1.
    for name, got in weights.items():
        total = np.ones(got.shape[:-1])
        if name.startswith("audio"):
            total[1] = 0
        np.testing.assert_allclose(got.sum(-1), total, atol=1e-5)
    # Video 0 has three frames of each; the rest is padding.
    for name in ("rgb_frames", "rgb_pooling", "audio_frames", "audio_pooling"):
        assert not weights[name][0, ..., 3:].any(), name
        assert (weights[name][0, ..., :3] > 0).all(), name
    assert not weights["modalities"][1, ..., 1].any()
    assert weights["modalities"][0, ..., 1].any()


def test_attention_at_video_level() -> None:
    model = shared_model("video")
    features = videos("video")
    features["rgb"][2] = 0
    weights = scores(models.attention(model), features)
    assert set(weights) == {"modalities"}
    got = weights["modalities"]
    assert got.shape == (4, 4, 3, 3)
    np.testing.assert_allclose(got.sum(-1), np.ones((4, 4, 3)), atol=1e-5)
    np.testing.assert_allclose(got[2, ..., 0], np.zeros((4, 3)), atol=1e-6)


def test_attention_of_a_model_that_has_none() -> None:
    model = models.FullyConnected(2, rgb_size=4, audio_size=2, units=3)
    with pytest.raises(ValueError, match="'fully_connected' has no attention"):
        models.attention(model)


def test_saved_and_loaded_it_is_the_same(
    model: keras.Model, level: str, tmp_path: Path
) -> None:
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    features = videos(level)
    np.testing.assert_allclose(
        scores(loaded, features), scores(model, features), atol=1e-6
    )
    assert inputs_of(loaded) == inputs_of(model)
    expected = scores(models.attention(model), features)
    got = scores(models.attention(loaded), features)
    assert set(got) == set(expected)
    for name, weights in expected.items():
        np.testing.assert_allclose(got[name], weights, atol=1e-6)


def test_it_learns(level: str) -> None:
    # Class 0: the picture's first feature is high. Class 1: the sound's is.
    # Class 2: both. The best constant guess of two fair coins and one of a
    # quarter loses (2 * 0.693 + 0.562) / 3 = 0.65.
    keras.utils.set_random_seed(3)
    random = np.random.default_rng(3)
    features = videos(level, count=128)
    high = random.integers(0, 2, (128, 2))
    for i, name in enumerate(("rgb", "audio")):
        first = (
            (100 + 100 * high[:, i]) if level == "frame" else high[:, i] - 0.5
        )
        features[name][..., 0] = first[:, None] if level == "frame" else first
    labels = np.stack([high[:, 0], high[:, 1], high.prod(1)], 1)
    model = models.AttendFusion(
        tiny.CLASSES,
        level,
        **{**tiny.SIZES, "trunk_units": 16, "hidden_units": 16},
        trunk_dropout=0.0,
        dropout=0.0,
    )
    model.compile(
        keras.optimizers.Adam(0.01),
        "binary_crossentropy",
        jit_compile=keras.backend.backend() == "jax",
    )
    # Variables that a step makes have TensorFlow trace it twice.
    model.optimizer.build(model.trainable_variables)
    losses = model.fit(
        features, labels.astype("float32"), 64, epochs=30, verbose=0
    ).history["loss"]
    assert losses[0] > 0.6
    assert losses[-1] < 0.2


def test_the_joint_token_can_be_left_out(level: str) -> None:
    features = videos(level)
    without = tiny.attend_fusion(level, joint_token=False)
    weights = scores(models.attention(without), features)
    assert weights["modalities"].shape == (4, 4, 2, 2)
    one = tiny.attend_fusion(level, audio_size=None)
    assert not [layer for layer in one.layers if "joint" in layer.name]


def test_a_missing_modality_is_zeros_in_the_joint_token() -> None:
    model = tiny.attend_fusion("frame")
    features = videos("frame")
    features["audio_mask"][1] = False
    joined = keras.Model(model.input, model.get_layer("join").output)
    vectors = scores(joined, features)
    assert not vectors[1, tiny.RGB :].any()
    assert vectors[0, tiny.RGB :].all()
    assert vectors[1, : tiny.RGB].all()
