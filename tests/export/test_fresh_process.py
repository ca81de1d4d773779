"""Models of other backends, exported by a TensorFlow process."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from keras_attend_fusion import export

ROOT = Path(__file__).parents[2]

SCRIPT = """
import sys
import keras
import numpy as np
import keras_attend_fusion as kaf

folder = sys.argv[1]
model = kaf.models.FullyConnected(3, units=8, depth=1)
assert keras.backend.backend() != "tensorflow"
rng = np.random.default_rng(0)
features = {
    "rgb": rng.normal(size=(100, 1024)).astype("float32"),
    "audio": rng.normal(size=(100, 128)).astype("float32"),
}
kaf.export.saved_model(model, f"{folder}/saved_model")
kaf.export.litert(model, f"{folder}/a.tflite", "int8", [features])
expected = model.predict_on_batch(features)
for name, bound in (("saved_model", 1e-5), ("a.tflite", 0.1)):
    found = kaf.export.load(f"{folder}/{name}")(features)
    print(np.abs(found - expected).max() < bound)
"""


OWN_LAYER = """
import keras


@keras.saving.register_keras_serializable("exported")
class Scale(keras.layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.factor


@keras.saving.register_keras_serializable("exported")
def half(x):
    return x / 2


def build(num_classes):
    rgb = keras.Input((1024,), name="rgb")
    hidden = keras.layers.Dense(4, activation=half)(Scale()(rgb))
    scores = keras.layers.Dense(num_classes, activation="sigmoid")(hidden)
    return keras.Model({"rgb": rgb}, scores)
"""
OWN_SCRIPT = """
import sys
import keras
import numpy as np
import keras_attend_fusion as kaf

sys.path.insert(0, sys.argv[1])
model = kaf.models.build("exported_model:build", num_classes=3, audio_size=None)
assert keras.backend.backend() != "tensorflow"
video = {"rgb": np.ones((1, 1024), "float32")}
path = kaf.export.litert(model, "model.tflite")
difference = kaf.export.load(path)(video) - model.predict_on_batch(video)
print(np.abs(difference).max() < 1e-5)


@keras.saving.register_keras_serializable("script")
class Here(keras.layers.Layer):
    def call(self, x):
        return x


scores = Here()(model.output)
try:
    kaf.export.litert(keras.Model(model.input, scores), "other.tflite")
except ValueError as error:
    print(error)
"""


@pytest.mark.parametrize("backend", ["jax"])
def test_a_model_with_a_layer_of_ones_own(tmp_path, backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "exported_model.py").write_text(OWN_LAYER)
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    process = subprocess.run(
        [sys.executable, "-c", OWN_SCRIPT, str(tmp_path / "library")],
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    first, second = process.stdout.splitlines()
    assert first == "True"
    assert "script>Here, which the program that runs defines" in second


@pytest.mark.parametrize("backend", ["jax"])
def test_a_model_of_another_backend(tmp_path, backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        env={**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["True", "True"]
    assert {path.name for path in tmp_path.iterdir()} == {
        "saved_model",
        "a.tflite",
    }


def test_what_the_process_says_is_passed_on(video, tmp_path, monkeypatch):
    jobs = []

    def run(command, **options):
        jobs.append((json.loads(command[-1]), options["env"]))
        text = "I0000 a notice\nTraceback …\nValueError: no such thing\n"
        return subprocess.CompletedProcess(command, 1, "", text)

    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(ValueError) as error:
        export.litert(video.model, tmp_path / "a.tflite", "dynamic")
    assert str(error.value) == (
        "Exporting 'attend_fusion' in a TensorFlow process failed: "
        "ValueError: no such thing"
    )
    ((job, environment),) = jobs
    assert environment["KERAS_BACKEND"] == "tensorflow"
    assert job["module"] == "keras_attend_fusion.export.litert"
    assert job["path"] == str(tmp_path / "a.tflite")
    assert job["arguments"] == {"quantize": "dynamic"}
