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
model = kaf.models.AttendFusion(3, trunk_units=8, hidden_units=8)
assert keras.backend.backend() != "tensorflow"
kaf.export.saved_model(model, f"{folder}/saved_model")
features = kaf.export.one_video(model)
found = kaf.export.load(f"{folder}/saved_model")(features)
expected = keras.ops.convert_to_numpy(model(features))
print(np.abs(found - expected).max() < 1e-5)
"""


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
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "True\n"
    assert [one.name for one in tmp_path.iterdir()] == ["saved_model"]


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
