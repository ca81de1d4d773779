"""TFLite files: the same scores, of builtin operations alone."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import export
from tests.export.conftest import assert_it_says_the_same
from tests.export.features import (
    foreign_operations,
    frame_level,
    video_level,
)


@keras.saving.register_keras_serializable(package="tests")
class NotOnPhones(keras.layers.Layer):
    """An operation that LiteRT does not have."""

    def call(self, inputs):
        return tf.linalg.inv(inputs)

    def compute_output_shape(self, input_shape):
        return input_shape


def not_on_phones():
    x = keras.Input((4, 4), name="x")
    return keras.Model({"x": x}, NotOnPhones()(x), name="foreign")


def test_it_says_what_the_model_says(exported):
    loaded = export.load(exported.litert)
    assert set(loaded.input) == set(exported.model.input)
    assert_it_says_the_same(loaded, exported)


def test_bytes_and_masks_go_in_as_they_are(frame):
    inputs = export.load(frame.litert).input
    assert {name: one.dtype for name, one in inputs.items()} == {
        "rgb": np.uint8,
        "audio": np.uint8,
        "rgb_mask": np.bool_,
        "audio_mask": np.bool_,
    }


def test_an_absent_modality_is_one_masked_second_of_zeros(frame):
    """As the samples for phones pass it; the interpreter takes no fewer."""
    features = frame_level(1, 7)
    runner = tf.lite.Interpreter(str(frame.litert)).get_signature_runner()
    absent = {
        "audio": np.zeros((1, 1, features["audio"].shape[2]), "uint8"),
        "audio_mask": np.zeros((1, 1), "bool"),
    }
    scores = runner(**{**features, **absent})["scores"]
    masked = {"audio_mask": np.zeros_like(features["audio_mask"])}
    expected = frame.model.predict_on_batch({**features, **masked})
    assert scores == pytest.approx(expected, abs=1e-5)
    nothing = {name: value[:, :0] for name, value in absent.items()}
    with pytest.raises((RuntimeError, ValueError)):
        runner(**{**features, **nothing})


def test_a_mixed_precision_model_has_builtin_operations(
    mixed, mixed_twin, tmp_path
):
    path = export.litert(mixed, tmp_path / "a.tflite")
    assert foreign_operations(path) == []
    features = video_level(3)
    np.testing.assert_allclose(
        export.load(path)(features), mixed_twin(features), atol=1e-5
    )


def test_builtin_operations_alone(exported):
    assert foreign_operations(exported.litert) == []


def test_a_foreign_operation_would_be_seen(tmp_path):
    """What the check above looks for is what a converter would write."""
    function = tf.function(
        tf.linalg.inv, input_signature=[tf.TensorSpec([4, 4])]
    ).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.TFLITE_BUILTINS,
        tf.lite.OpsSet.SELECT_TF_OPS,
    ]
    path = tmp_path / "a.tflite"
    path.write_bytes(converter.convert())
    assert foreign_operations(path) == ["FlexMatrixInverse"]


def test_a_foreign_operation_fails_and_leaves_the_earlier_file(tmp_path):
    path = tmp_path / "a.tflite"
    path.write_bytes(b"earlier")
    with pytest.raises(ValueError, match=r"operations alone: .+") as e:
        export.litert(not_on_phones(), path)
    assert "\n" not in str(e.value)
    assert "MatrixInverse" in str(e.value)
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_an_earlier_file_is_replaced(video, tmp_path):
    path = tmp_path / "new" / "a.tflite"
    path.parent.mkdir()
    path.write_bytes(b"earlier")
    assert export.litert(video.model, path) == path
    assert path.read_bytes() == video.litert.read_bytes()
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_is_not_replaced(tmp_path):
    (tmp_path / "precious").touch()
    x = keras.Input((4,), name="x")
    model = keras.Model({"x": x}, keras.layers.Dense(3)(x))
    with pytest.raises(IsADirectoryError, match="is a folder"):
        export.litert(model, tmp_path)
    assert (tmp_path / "precious").exists()


def test_an_unknown_quantisation_lists_those_there_are(video, tmp_path):
    with pytest.raises(
        ValueError, match="quantize is 'int2'; pass one of none, float16, dyn"
    ):
        export.litert(video.model, tmp_path / "a.tflite", quantize="int2")
    assert not any(tmp_path.iterdir())


def test_half_of_the_bytes_is_of_matrices_alone(tmp_path):
    """A vector, such as a bias, loses nothing; nor a small matrix."""
    inputs = {"audio": keras.Input((128,), name="audio")}
    large, small = keras.layers.Dense(64), keras.layers.Dense(3)
    model = keras.Model(inputs, small(large(inputs["audio"])))
    kernel = np.random.default_rng(0).integers(-4, 5, (128, 64)) / 64
    bias = np.full(64, 6.9007, "float32")  # halves lie 1/256 apart there
    large.set_weights([kernel, bias])
    features = video_level(3)
    expected = np.asarray(model({"audio": features["audio"]}))
    files = [
        export.litert(model, tmp_path / f"{kind}.tflite", kind)
        for kind in ("float16", "none")
    ]
    assert files[0].stat().st_size < files[1].stat().st_size - 15_000
    scores = export.load(files[0])({"audio": features["audio"]})
    np.testing.assert_allclose(scores, expected, rtol=1e-6, atol=1e-5)
