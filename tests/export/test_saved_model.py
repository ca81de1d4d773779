"""SavedModels: the same scores, and an earlier one stays until replaced."""

from __future__ import annotations

import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import export
from keras_attend_fusion.layers.dequantize import dequantize
from tests.export.conftest import (
    CLASSES,
    assert_it_says_the_same,
    small_model,
)
from tests.export.features import frame_level, video_level


def test_it_says_what_the_model_says(exported):
    loaded = export.load(exported.saved_model)
    assert set(loaded.input) == set(exported.model.input)
    assert_it_says_the_same(loaded, exported)


@pytest.mark.parametrize("kind", ["float32", "uint8"])
def test_values_and_bytes_are_served(exported, kind):
    """Whichever of the two the model itself takes."""
    name = {"float32": "float_features", "uint8": "uint8_features"}[kind]
    loaded = export.load(exported.saved_model, signature=name)
    quantized = frame_level(3, 7)
    if exported.level == "video":
        rng = np.random.default_rng(0)
        quantized = {
            "rgb": rng.integers(0, 256, (3, 1024)).astype("uint8"),
            "audio": rng.integers(0, 256, (3, 128)).astype("uint8"),
        }
    values = {
        name: np.asarray(dequantize(v)) if v.dtype == np.uint8 else v
        for name, v in quantized.items()
    }
    own = values if exported.level == "video" else quantized
    expected = np.asarray(exported.model(own, training=False))
    found = loaded(values if kind == "float32" else quantized)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    with pytest.raises(ValueError, match=f"takes .* as {kind}"):
        loaded(quantized if kind == "float32" else values)


def test_a_model_that_dequantises_nothing_has_one_signature(tmp_path):
    x = keras.Input((4,), name="x")
    model = keras.Model({"x": x}, keras.layers.Dense(3)(x))
    path = export.saved_model(model, tmp_path / "a")
    assert list(tf.saved_model.load(str(path)).signatures) == [
        "serving_default"
    ]


def test_a_mixed_precision_model_is_exported_in_float32(mixed, mixed_twin):
    plain = small_model("video")
    plain.set_weights(mixed.get_weights())
    features = video_level(3)
    expected = np.asarray(plain(features, training=False))
    np.testing.assert_allclose(mixed_twin(features), expected, atol=1e-5)
    rounded = np.asarray(mixed(features, training=False))
    assert np.abs(rounded - expected).max() > 1e-5  # or this shows nothing


def test_an_earlier_export_is_replaced(video, tmp_path):
    path = shutil.copytree(video.saved_model, tmp_path / "out")
    (path / "old").touch()
    assert export.saved_model(video.model, path) == path
    assert not (path / "old").exists()
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    assert export.load(path)(video_level(1)).shape == (1, CLASSES)


def test_a_failing_export_leaves_the_earlier_one(video, tmp_path, monkeypatch):
    path = shutil.copytree(video.saved_model, tmp_path / "out")
    before = export.load(path)(video_level(2))
    sequential = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="Cannot export Sequential"):
        export.saved_model(sequential, path)

    def interrupted(*arguments, **others):
        raise KeyboardInterrupt

    monkeypatch.setattr("tensorflow.saved_model.save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export.saved_model(video.model, path)
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    np.testing.assert_array_equal(export.load(path)(video_level(2)), before)


def test_a_folder_of_something_else_is_not_replaced(video, tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(ValueError, match="holds no SavedModel; pass a new"):
        export.saved_model(video.model, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "precious"


def two_outputs():
    x = keras.Input((4,), name="x")
    return keras.Model({"x": x}, [x, x])


@pytest.mark.parametrize(
    "model",
    [
        keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]),
        keras.Sequential([keras.layers.Dense(3)]),
        two_outputs(),
    ],
    ids=["sequential", "unbuilt", "two outputs"],
)
@pytest.mark.parametrize("to", [export.saved_model, export.litert])
def test_a_model_without_named_inputs_is_refused(tmp_path, model, to):
    with pytest.raises(ValueError, match="expected a functional model with a"):
        to(model, tmp_path / "out")
    assert not any(tmp_path.iterdir())
