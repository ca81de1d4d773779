"""LiteRT files whose dense layers compute in 8 bits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


def some(level, batch, seed=0):
    if level == "video":
        return video_level(batch, seed)
    return frame_level(batch, 12 + seed, seed=seed)


def test_it_is_small_close_and_for_any_shape(exported, tmp_path):
    batches = [some(exported.level, 25, seed) for seed in range(5)]
    path = tmp_path / "a.tflite"
    export.litert(exported.model, path, "int8", iter(batches))
    assert foreign_operations(path) == []
    assert path.stat().st_size < 0.35 * exported.litert.stat().st_size
    loaded = export.load(path)
    others = [some(exported.level, batch, seed=9) for batch in (1, 7)]
    if exported.level == "frame":
        others += [frame_level(2, 60, audio=7), frame_level(1, 300)]
    for features in others:
        expected = np.asarray(exported.model(features, training=False))
        difference = np.abs(loaded(features) - expected)
        assert 0.0 < difference.max() < 0.1
        assert difference.mean() < 0.02


def test_the_dense_layers_are_in_8_bits(video, tmp_path):
    path = tmp_path / "a.tflite"
    export.litert(video.model, path, "int8", [video_level(100)])
    interpreter = tf.lite.Interpreter(str(path))
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


SCRIPT = """
import sys
import keras
import numpy as np
import keras_attend_fusion as kaf

model = kaf.models.AttendFusion(3, trunk_units=8, hidden_units=8)
assert keras.backend.backend() == "jax"
rng = np.random.default_rng(0)
features = {
    "rgb": rng.normal(size=(100, 1024)).astype("float32"),
    "audio": rng.normal(size=(100, 128)).astype("float32"),
}
kaf.export.litert(model, sys.argv[1], "int8", [features])
found = kaf.export.load(sys.argv[1])(features)
print(np.abs(found - np.asarray(model(features))).max() < 0.1)
"""


def test_a_model_of_another_backend(tmp_path):
    pytest.importorskip("jax")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "a.tflite")],
        env={**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("True\n")


def test_what_is_compared_can_be_given(video, tmp_path):
    class Wrong:
        def __call__(self, features):
            return np.zeros((len(features["rgb"]), 6), np.float32)

    found = export.parity(video.model, Wrong(), batches=[video_level(3)])
    scores = keras.ops.convert_to_numpy(video.model(video_level(3)))
    assert found["videos"] == 3
    assert found["max_difference"] == pytest.approx(scores.max())
