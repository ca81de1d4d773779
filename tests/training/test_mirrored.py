"""Several devices on TensorFlow, against one; the CPU is cut into them."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import signal
import subprocess
import sys
import zipfile

import keras
import pytest

from keras_attend_fusion import data
from keras_attend_fusion.cli.main import main
from keras_attend_fusion.layers import EnsembleMean
from keras_attend_fusion.private import UntriedVersionError
from keras_attend_fusion.training import mirrored
from tests.cli import runs

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="tf.distribute"
)
CUT = """
import sys
import tensorflow as tf

(cpu,) = tf.config.list_physical_devices("CPU")
one = tf.config.LogicalDeviceConfiguration()
count = int(sys.argv.pop(1))
tf.config.set_logical_device_configuration(cpu, [one] * count)
"""
FIT = """
import json
import keras
import keras_attend_fusion as kaf

pattern, level, model = sys.argv[1:]
batches = kaf.data.load(
    pattern, batch_size=16, num_classes=8, drop_remainder=True
)

def losses():
    keras.utils.set_random_seed(0)
    built = kaf.models.build(
        model, "small", level, 8, **json.loads(sys.stdin.readline())
    )
    kaf.training.compile_model(built, 100, learning_rate=1e-4)
    found = []
    log = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: found.append(logs["loss"])
    )
    built.fit(batches, shuffle=False, verbose=0, callbacks=[log])
    return found

alone = losses()
assert kaf.training.join().devices == count
print(json.dumps([alone, losses()]))
"""
# A model after each of two calls, of which both train.
TWICE = """
import keras
import numpy as np
import keras_attend_fusion as kaf

x, y = np.ones((8, 4), "float32"), np.ones((8, 3), "float32")
trained = []
for _ in range(2):
    assert kaf.training.join().devices == count
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, activation="sigmoid")]
    )
    trained.append(kaf.training.compile_model(model, 4))
print([
    model.fit(x, y, batch_size=8, epochs=2, verbose=0).history["loss"]
    for model in [*trained, *trained[:1]]
])
"""
COMMAND = """
from keras_attend_fusion.cli.main import main

sys.exit(main(sys.argv[1:]))
"""
# One command after the other: the status and the last line of each error.
COMMANDS = """
import contextlib
import io
import json
from keras_attend_fusion.cli.main import main

said = []
for words in json.loads(sys.argv[1]):
    with contextlib.redirect_stderr(io.StringIO()) as error:
        status = main(words)
    said.append([status, error.getvalue().splitlines()[-1]])
print(json.dumps(said))
"""
LONG = ("--epochs=4", "--ema=0.9")
# Dropout is each device's own.
SIZES = {
    "attend_fusion": {
        "joint_token": False,
        "trunk_units": 32,
        "trunk_dropout": 0.0,
        "hidden_units": 32,
        "members": 2,
        "independence": 50.0,
        "dropout": 0.0,
    },
    "attend_fusion, softmax": {
        "activation": "softmax",
        "joint_token": False,
        "trunk_units": 32,
        "trunk_dropout": 0.0,
        "hidden_units": 32,
        "members": 2,
        "dropout": 0.0,
    },
    "netvlad": {"visual_clusters": 4, "audio_clusters": 4, "hidden_units": 32},
}


def start(program, *arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-c", CUT + program, *map(str, arguments)],
        env={
            **os.environ,
            "PYTHONPATH": str(runs.ROOT),
            "KERAS_BACKEND": "tensorflow",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def train_words(shards, out, *others):
    """The words of a small training."""
    words = runs.train_flags(
        shards, out, "--model=early_fusion", "--preset=normalized", *others
    )
    settings = {"arguments": {"units": 32, "depth": 1, "dropout": 0.3}}
    config = out.parent / "config.json"
    config.write_text(json.dumps(settings))
    return [*words, f"--config={config}"]


def train(shards, out, *others):
    """Starts a training on two devices."""
    return start(COMMAND, 2, *train_words(shards, out, *others))


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return runs.make_set(tmp_path_factory.mktemp("mirrored") / "a", "video")


@pytest.fixture(scope="module")
def trained(shards, tmp_path_factory):
    """What a training leaves, and what it said."""
    out = tmp_path_factory.mktemp("trained") / "run"
    process = train(shards, out, *LONG)
    said, error = process.communicate(timeout=900)
    assert process.returncode == 0, error
    return out, said


@pytest.mark.parametrize(
    ("model", "level", "count"),
    [
        ("attend_fusion", "video", 2),
        ("attend_fusion, softmax", "video", 2),
        ("netvlad", "frame", 4),
    ],
)
def test_devices_train_as_one_does(tmp_path, model, level, count):
    data.synthesize(tmp_path / "a", level, videos=96, shards=2, classes=8)
    name, _, _ = model.partition(",")
    process = start(FIT, count, f"{tmp_path}/a/train-*", level, name)
    sizes = json.dumps(SIZES[model])
    out, error = process.communicate(f"{sizes}\n{sizes}\n", timeout=900)
    assert process.returncode == 0, error
    alone, together = json.loads(out.splitlines()[-1])
    assert len(alone) >= 4
    assert together == pytest.approx(alone, rel=5e-4)


def test_joining_before_each_model():
    process = start(TWICE, 2)
    out, error = process.communicate(timeout=900)
    assert process.returncode == 0, error
    first, second, again = json.loads(out.splitlines()[-1])
    assert second == pytest.approx(first, rel=1e-5)
    assert again[0] < first[0]


def test_what_they_leave_is_of_one_device(shards, trained, tmp_path, capsys):
    out, said = trained
    assert "on tensorflow, 2 devices" in said
    for path in (out / "model.keras", *(out / "checkpoints").iterdir()):
        with zipfile.ZipFile(path) as file:
            layers = json.loads(file.read("config.json"))["config"]["layers"]
        flags = [one["config"].get("synchronized") for one in layers]
        assert False in flags
        assert True not in flags
    expected = pytest.approx(
        runs.read_json(out / "metrics.json")["gap_at_20"], abs=1e-6
    )
    words = ["evaluate", f"--model={out}", f"--data={shards}/validate-*"]
    path = tmp_path / "tensorflow.json"
    status = main([*words, f"--json={path}"])
    assert (status, capsys.readouterr().err) == (0, "")
    assert runs.read_json(path)["gap_at_20"] == expected
    if importlib.util.find_spec("jax"):
        path = tmp_path / "jax.json"
        status, _, error = runs.shell(*words, f"--json={path}", backend="jax")
        assert (status, error) == (0, "")
        assert runs.read_json(path)["gap_at_20"] == expected


def history(out):
    with (out / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        del row["seconds"]
    return rows


def test_a_killed_training_goes_on(shards, trained, tmp_path):
    out = tmp_path / "run"
    words = train_words(shards, out, *LONG, "--resume")
    process = start(runs.KILLED, 2, "after", *words)
    _, error = process.communicate(timeout=900)
    assert process.returncode == -signal.SIGKILL, error
    assert (out / "checkpoints/epoch-0002.keras").exists()
    assert not (out / "model.keras").exists()
    process = train(shards, out, *LONG, "--resume")
    _, error = process.communicate(timeout=900)
    assert process.returncode == 0, error
    assert history(out) == history(trained[0])


REFUSED = {
    "--clip-norm=1": "clip_norm and accumulate go with one device on",
    "--accumulate=2": "clip_norm and accumulate go with one device on",
    "--steps-per-execution=2": "steps_per_execution is 2, but Keras runs",
    "--batch-size=15": (
        "a batch of 15 cannot be cut into equal parts for 2 devices"
    ),
}


def test_what_goes_with_one_device_alone(shards, tmp_path):
    out = tmp_path / "run"
    words = [train_words(shards, out, flag) for flag in REFUSED]
    process = start(COMMANDS, 2, json.dumps(words))
    said, error = process.communicate(timeout=900)
    assert process.returncode == 0, error
    outcomes = json.loads(said.splitlines()[-1])
    for expected, (status, line) in zip(
        REFUSED.values(), outcomes, strict=True
    ):
        assert status == 1
        assert expected in line
    assert not out.exists()


@pytest.mark.parametrize(
    "name",
    [
        "_clear_losses",
        "_flatten_layers",
        "_maybe_symbolic_build",
        "_symbolic_build",
    ],
)
def test_a_keras_without_the_methods_to_replace(name, monkeypatch):
    inputs = [keras.Input((3,)), keras.Input((3,))]
    model = keras.Model(inputs, EnsembleMean()(inputs))
    mirrored.over_the_whole_batch(model)
    owner = next(kind for kind in type(model).__mro__ if name in vars(kind))
    vars(model).pop(name, None)  # what the call above put there
    monkeypatch.delattr(owner, name)
    with pytest.raises(UntriedVersionError, match=f"has no `{name}` in "):
        mirrored.over_the_whole_batch(model)
