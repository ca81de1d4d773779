"""Models refuse features of another kind, however they are run."""

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

LABELS = np.zeros((4, tiny.CLASSES), "float32")


def compiled(model: keras.Model) -> keras.Model:
    model.compile("sgd", "mse", jit_compile=keras.backend.backend() == "jax")
    return model


def restored(model: keras.Model, folder: Path) -> keras.Model:
    model.save(folder / "model.keras")
    return keras.saving.load_model(folder / "model.keras")


@pytest.fixture(scope="module")
def frame_model() -> keras.Model:
    """A model of bytes."""
    return compiled(models.build("logistic", level="frame", **SIZES))


SIZES = {"num_classes": 3, "rgb_size": tiny.RGB, "audio_size": tiny.AUDIO}
WAYS: dict[str, Callable[[Any, Any], Any]] = {
    "call": lambda model, x: model(x),
    "fit": lambda model, x: model.fit(x, LABELS, verbose=0),
    "train_on_batch": lambda model, x: model.train_on_batch(x, LABELS),
    "evaluate": lambda model, x: model.evaluate(x, LABELS, verbose=0),
    "predict": lambda model, x: model.predict(x, verbose=0),
    "predict_on_batch": lambda model, x: model.predict_on_batch(x),
}


@pytest.mark.parametrize("way", WAYS)
def test_values_for_bytes(frame_model: keras.Model, way: str) -> None:
    features = videos("frame")
    features["audio"] = tiny.dequantised(features["audio"])
    with pytest.raises(
        ValueError, match=r"'logistic' takes audio as uint8, but float32 came"
    ):
        WAYS[way](frame_model, features)
    assert np.isfinite(scores(frame_model, videos("frame"))).all()


@pytest.mark.parametrize("dtype", ["float16", "float64", "int32", "bool"])
def test_no_other_dtype_counts_as_bytes(
    frame_model: keras.Model, dtype: str
) -> None:
    features = videos("frame")
    features["rgb"] = features["rgb"].astype(dtype)
    with pytest.raises(ValueError, match=f"rgb as uint8, but {dtype} came"):
        frame_model(features)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool"])
def test_bytes_for_values(dtype: str) -> None:
    model = compiled(models.build("logistic", level="video", **SIZES))
    features = videos("video")
    for precision in ("float16", "float64"):
        given = {name: x.astype(precision) for name, x in features.items()}
        np.testing.assert_allclose(
            scores(model, given), scores(model, features), atol=1e-2
        )
    features["rgb"] = np.ones_like(features["rgb"], dtype)
    for way in ("call", "predict_on_batch"):
        with pytest.raises(
            ValueError, match=f"rgb as float32, but {dtype} came.*Dequantize"
        ):
            WAYS[way](model, features)


def test_copies_refuse_them_too(
    frame_model: keras.Model, tmp_path: Path
) -> None:
    features = videos("frame")
    wrong = {**features, "rgb": tiny.dequantised(features["rgb"])}
    clone = keras.models.clone_model(frame_model)
    clone.set_weights(frame_model.get_weights())
    attend = tiny.attend_fusion("frame")
    for model in (
        clone,
        restored(frame_model, tmp_path),
        models.attention(attend),
        models.VideoModel(
            frame_model.input, frame_model.get_layer("rgb_mean").output
        ),
    ):
        assert isinstance(model, models.VideoModel)
        scores(model, features)
        with pytest.raises(ValueError, match="rgb as uint8, but float32 came"):
            model(wrong)
    np.testing.assert_allclose(
        scores(clone, features), scores(frame_model, features), atol=1e-6
    )


def test_inside_another_model(frame_model: keras.Model) -> None:
    def inputs(dtype: str) -> dict[str, Any]:
        symbols = {}
        for name, x in videos("frame").items():
            kind = "bool" if name.endswith("_mask") else dtype
            symbols[name] = keras.Input(x.shape[1:], dtype=kind, name=name)
        return symbols

    outer = keras.Model(right := inputs("uint8"), frame_model(right))
    assert scores(outer, videos("frame")).shape == (4, 3)
    with pytest.raises(ValueError, match="as uint8, but float32 came"):
        frame_model(inputs("float32"))


def test_a_model_of_a_list_of_inputs() -> None:
    ids = keras.Input((3,), dtype="int32", name="ids")
    values = keras.Input((3,), name="values")
    model = models.VideoModel(
        [ids, values], keras.ops.cast(ids, "float32") + values
    )
    small = np.ones((2, 3), "uint8")
    assert scores(model, [small, np.ones((2, 3))]).tolist() == [[2] * 3] * 2
    with pytest.raises(ValueError, match="takes ids as int32, but float64"):
        model([np.ones((2, 3)), np.ones((2, 3))])


@pytest.mark.parametrize(
    "value", [np.uint8(255), np.int64(-1), np.float32(0.5)]
)
def test_masks_of_any_dtype(frame_model: keras.Model, value: Any) -> None:
    for model in (frame_model, tiny.attend_fusion("frame")):
        features = videos("frame")
        expected = scores(model, features)
        for name in ("rgb_mask", "audio_mask"):
            features[name] = features[name] * value
        np.testing.assert_allclose(scores(model, features), expected, atol=1e-6)


def test_padding_that_is_not_a_number() -> None:
    model = tiny.attend_fusion("frame", feature_dtype="float32")
    features = videos("frame")
    for name in ("rgb", "audio"):
        features[name] = tiny.dequantised(features[name])
    features["audio_mask"][1] = False
    expected = scores(model, features)
    for name in ("rgb", "audio"):
        padding = ~features[f"{name}_mask"][..., None]
        features[name] = np.where(padding, np.float32(np.nan), features[name])
    np.testing.assert_allclose(scores(model, features), expected, atol=1e-5)


def test_tensorflows_datasets(frame_model: keras.Model) -> None:
    tf = pytest.importorskip("tensorflow")
    features = videos("frame")
    features["rgb"] = tiny.dequantised(features["rgb"])
    dataset = tf.data.Dataset.from_tensor_slices((features, LABELS)).batch(2)
    for run in (frame_model.fit, frame_model.evaluate, frame_model.predict):
        with pytest.raises(ValueError, match="rgb as uint8, but float32 came"):
            run(dataset, verbose=0)


def test_ids_are_left_out(frame_model: keras.Model) -> None:
    """As `kaf.data.load(…, with_id=True)` gives them, among the features."""
    tf = pytest.importorskip("tensorflow")
    features = videos("frame")
    ids = np.array([b"a", b"b", b"c", b"d"], object)
    named = {**features, "id": ids}
    expected = scores(frame_model, features)
    tensors = {**features, "id": tf.constant(ids)}
    load = tf.data.Dataset.from_tensor_slices((tensors, LABELS)).batch(2)
    bare = tf.data.Dataset.from_tensor_slices(tensors).batch(2)
    for data in (named, load, bare):
        outputs = frame_model.predict(data, verbose=0)
        np.testing.assert_allclose(outputs, expected, atol=1e-6)
    outputs = frame_model.predict_on_batch(named)
    np.testing.assert_allclose(outputs, expected, atol=1e-6)
    frame_model.evaluate(load, verbose=0)
    with pytest.raises(ValueError, match="audio as uint8, but float64 came"):
        frame_model.predict({**named, "audio": features["audio"] / 2}, 4, 0)
