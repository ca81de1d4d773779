"""A model of the user's own, from training to export."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from keras_attend_fusion import data, runs
from keras_attend_fusion.cli.main import main
from tests.models.test_own_builder import simple

ROOT = Path(__file__).parents[2]
MODULE = """
import keras
from keras_attend_fusion.layers import Dequantize, MeanPooling


@keras.saving.register_keras_serializable("mine")
class Scale(keras.layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.factor


def build(num_classes, level, audio_size=128, units=8):
    audio = keras.Input((None, audio_size), dtype="uint8", name="audio")
    mask = keras.Input((None,), dtype="bool", name="audio_mask")
    pooled = Scale()(MeanPooling()(Dequantize()(audio), mask=mask))
    hidden = keras.layers.Dense(units, activation="relu")(pooled)
    scores = keras.layers.Dense(num_classes, activation="sigmoid")(hidden)
    return keras.Model({"audio": audio, "audio_mask": mask}, scores)
"""


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own") / "shards"
    data.synthesize(folder, "frame", videos=60, shards=2, classes=5)
    return folder


def shell(folder, *words, **variables):
    """Runs the command where the module lies."""
    process = subprocess.run(
        [sys.executable, "-m", "attend_fusion", *words],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONSAFEPATH": "1",
            **variables,
        },
        capture_output=True,
        text=True,
    )
    return process.returncode, process.stdout, process.stderr


def test_from_training_to_export(shards, tmp_path):
    (tmp_path / "mine.py").write_text(MODULE)
    train = [
        *("train", f"--train={shards}/train-*", "--out=run"),
        *(f"--validate={shards}/validate-*", "--batch-size=16"),
        *("--modalities=audio", "--epochs=1"),
    ]
    status, out, error = shell(tmp_path, *train, "--model=mine:build")
    assert (status, error) == (0, "")
    assert "mine:build" in out
    config = json.loads((tmp_path / "run/config.json").read_text())
    assert config["model"] == "mine:build"
    validate = f"--data={shards}/validate-*"
    model = ["--model=run", validate]
    status, _, error = shell(tmp_path, "evaluate", *model)
    assert status == 1
    (line,) = error.splitlines()
    assert "--import" in line
    status, out, error = shell(
        tmp_path, "evaluate", *model, "--import=mine", "--json=m.json"
    )
    assert (status, error) == (0, "")
    metrics = json.loads((tmp_path / "m.json").read_text())
    expected = json.loads((tmp_path / "run/metrics.json").read_text())
    assert metrics["gap_at_20"] == pytest.approx(
        expected["gap_at_20"], abs=1e-6
    )
    status, out, error = shell(
        *(tmp_path, "export", "--model=run", "--out=exported"),
        *("--import=mine", "--formats=litert"),
    )
    assert (status, error) == (0, "")
    assert (tmp_path / "exported/model.tflite").is_file()
    if importlib.util.find_spec("jax") is None:
        return
    # On another backend, a TensorFlow process exports it.
    status, out, error = shell(
        *(tmp_path, "export", "--model=run", "--out=from_jax"),
        *("--import=mine", "--formats=litert"),
        KERAS_BACKEND="jax",
    )
    assert (status, error) == (0, "")
    assert (tmp_path / "from_jax/model.tflite").is_file()


def test_a_function_in_python_resumed(shards, tmp_path):
    arguments = {
        "train": f"{shards}/train-*",
        "validate": f"{shards}/validate-*",
        "out": tmp_path / "run",
        "model": simple,
        "batch_size": 16,
        "arguments": {"units": 3},
    }
    first = runs.train(**arguments, epochs=1)
    assert first.settings.model == "tests.models.test_own_builder:simple"
    assert first.model.layers[-2].units == 3
    again = runs.train(**arguments, epochs=1, resume=True)
    assert again.metrics == first.metrics
    assert again.evaluate(arguments["validate"])["videos"] == 15


def test_code_that_a_file_names_is_not_run(shards, tmp_path, capsys):
    """A file of settings may come from others."""
    marker = tmp_path / "ran"
    (tmp_path / "evil.py").write_text(f"open({str(marker)!r}, 'w')")
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"model": "evil:build"}))
    words = [
        *("train", f"--train={shards}/train-*", f"--out={tmp_path}/run"),
        *(f"--validate={shards}/validate-*", f"--config={config}"),
    ]
    assert main(words) == 2
    assert "pass --model=evil:build too" in capsys.readouterr().err
    assert not marker.exists()


@pytest.mark.parametrize(
    ("model", "status", "said"),
    [
        ("gru", 2, "--model=gru: expected attend_fusion"),
        ("nowhere:build", 1, "nowhere cannot be imported"),
    ],
)
def test_one_line_of_error(shards, tmp_path, capsys, model, status, said):
    words = [
        *("train", f"--train={shards}/train-*", f"--out={tmp_path}/run"),
        *(f"--validate={shards}/validate-*", f"--model={model}"),
    ]
    assert main(words) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not (tmp_path / "run").exists()
