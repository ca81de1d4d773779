"""LiteRT files whose dense layers compute in 8 bits."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import export
from tests.export.features import (
    foreign_operations,
    frame_level,
    video_level,
)


@pytest.fixture(scope="module")
def in_8_bits(video, tmp_path_factory):
    """The video-level model's; test_batches_and_frames.py has both levels."""
    path = tmp_path_factory.mktemp("int8") / "a.tflite"
    batches = [video_level(25, seed) for seed in range(5)]
    return export.litert(video.model, path, "int8", iter(batches))


def test_it_is_small_close_and_for_any_batch(video, in_8_bits):
    assert foreign_operations(in_8_bits) == []
    assert in_8_bits.stat().st_size < 0.35 * video.litert.stat().st_size
    loaded = export.load(in_8_bits)
    for batch in (1, 7):
        features = video_level(batch, seed=9)
        expected = np.asarray(video.model(features, training=False))
        difference = np.abs(loaded(features) - expected)
        assert 0.0 < difference.max() < 0.1
        assert difference.mean() < 0.02


def test_frames_are_small_close_and_of_any_length(frame, tmp_path):
    path = tmp_path / "a.tflite"
    batches = [frame_level(25, 12 + seed, seed=seed) for seed in range(5)]
    export.litert(frame.model, path, "int8", iter(batches))
    assert foreign_operations(path) == []
    assert path.stat().st_size < 0.35 * frame.litert.stat().st_size
    loaded = export.load(path)
    others = [frame_level(batch, 21, seed=9) for batch in (1, 7)]
    others += [frame_level(2, 60, audio=7), frame_level(1, 300)]
    for features in others:
        expected = np.asarray(frame.model(features, training=False))
        difference = np.abs(loaded(features) - expected)
        assert 0.0 < difference.max() < 0.1
        assert difference.mean() < 0.02


def test_the_dense_layers_are_in_8_bits(in_8_bits):
    interpreter = tf.lite.Interpreter(str(in_8_bits))
    tensors = {one["index"]: one for one in interpreter.get_tensor_details()}
    dense = [
        one
        for one in interpreter._get_ops_details()
        if one["op_name"] == "FULLY_CONNECTED"
    ]
    assert dense
    for one in dense:
        features, weights = (tensors[i]["dtype"] for i in one["inputs"][:2])
        assert features is weights is np.int8


@pytest.mark.parametrize(
    ("calibration", "message"),
    [
        (None, "int8 takes calibration"),
        ([], "calibration holds 0 videos: give 100"),
        ([video_level(99)], "calibration holds 99 videos"),
        ([{"rgb": np.zeros((100, 1024))}], "calibration lacks audio"),
        (
            [{"rgb": np.zeros((100, 4)), "audio": np.zeros((100, 128))}],
            r"has rgb of shape \(100, 4\); the model takes \(None, 1024\)",
        ),
    ],
)
def test_calibration_that_does_not_do(video, tmp_path, calibration, message):
    with pytest.raises(ValueError, match=message):
        export.litert(video.model, tmp_path / "a", "int8", calibration)
    assert not any(tmp_path.iterdir())


def test_what_is_compared_can_be_given(video, tmp_path):
    class Wrong:
        def __call__(self, features):
            return np.zeros((len(features["rgb"]), 6), np.float32)

    found = export.parity(video.model, Wrong(), batches=[video_level(3)])
    scores = keras.ops.convert_to_numpy(video.model(video_level(3)))
    assert found["videos"] == 3
    assert found["max_difference"] == pytest.approx(scores.max())
