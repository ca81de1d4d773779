"""Several devices on TensorFlow, against one; the CPU is cut into them."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
import zipfile

import keras
import pytest

from keras_attend_fusion import data
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
COMMAND = """
from keras_attend_fusion.cli.main import main

sys.exit(main(sys.argv[1:]))
"""
# Dropout is each device's own.
SIZES = {
    "attend_fusion": {
        "trunk_units": 32,
        "trunk_dropout": 0.0,
        "hidden_units": 32,
        "members": 2,
        "independence": 50.0,
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


def train(shards, out, *others, count=2):
    """Starts a training on two devices."""
    words = runs.train_flags(
        shards, out, "--model=early_fusion", "--preset=normalized"
    )
    settings = {"arguments": {"units": 32, "depth": 1, "dropout": 0.3}}
    config = out.parent / "config.json"
    config.write_text(json.dumps(settings))
    return start(COMMAND, count, *words, f"--config={config}", *others)


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return runs.make_set(tmp_path_factory.mktemp("mirrored") / "a", "video")


@pytest.mark.parametrize(
    ("model", "level", "count"),
    [
        ("attend_fusion", "video", 4),
        ("attend_fusion", "frame", 2),
        ("netvlad", "frame", 2),
    ],
)
def test_devices_train_as_one_does(tmp_path, model, level, count):
    data.synthesize(tmp_path / "a", level, videos=96, shards=2, classes=8)
    process = start(FIT, count, f"{tmp_path}/a/train-*", level, model)
    sizes = json.dumps(SIZES[model])
    out, error = process.communicate(f"{sizes}\n{sizes}\n", timeout=300)
    assert process.returncode == 0, error
    alone, together = json.loads(out.splitlines()[-1])
    assert len(alone) >= 4
    assert together == pytest.approx(alone, rel=5e-4)


def test_what_they_leave_is_of_one_device(shards, tmp_path):
    out = tmp_path / "run"
    process = train(shards, out, "--epochs=2", "--ema=0.9")
    said, error = process.communicate(timeout=300)
    assert process.returncode == 0, error
    assert "on tensorflow, 2 devices" in said
    for path in (out / "model.keras", *(out / "checkpoints").iterdir()):
        with zipfile.ZipFile(path) as file:
            layers = json.loads(file.read("config.json"))["config"]["layers"]
        flags = [one["config"].get("synchronized") for one in layers]
        assert False in flags
        assert True not in flags
    others = [one for one in ("jax",) if importlib.util.find_spec(one)]
    for backend in ("tensorflow", *others):
        found = tmp_path / f"{backend}.json"
        status, _, error = runs.shell(
            "evaluate",
            f"--model={out}",
            f"--data={shards}/validate-*",
            f"--json={found}",
            backend=backend,
        )
        assert (status, error) == (0, "")
        assert runs.read_json(found)["gap_at_20"] == pytest.approx(
            runs.read_json(out / "metrics.json")["gap_at_20"], abs=1e-6
        )


def history(out):
    with (out / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        del row["seconds"]
    return rows


def test_a_killed_training_goes_on(shards, tmp_path):
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    whole, killed = (tmp_path / n / "run" for n in ("whole", "killed"))
    process = train(shards, killed, "--epochs=5", "--resume")
    deadline = time.monotonic() + 240
    while not (killed / "checkpoints/epoch-0002.keras").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for out in (killed, whole):
        _, error = (
            one := train(shards, out, "--epochs=5", "--resume")
        ).communicate(timeout=300)
        assert one.returncode == 0, error
    assert history(killed) == history(whole)


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("--clip-norm=1", "clip_norm and accumulate go with one device on"),
        ("--accumulate=2", "clip_norm and accumulate go with one device on"),
        ("--steps-per-execution=2", "steps_per_execution is 2, but Keras runs"),
    ],
)
def test_what_goes_with_one_device_alone(shards, tmp_path, flag, expected):
    process = train(shards, tmp_path / "run", flag)
    _, error = process.communicate(timeout=300)
    assert process.returncode == 1
    line = error.splitlines()[-1]
    assert expected in line
    assert not (tmp_path / "run").exists()


def test_a_batch_that_cannot_be_cut(shards, tmp_path):
    process = train(shards, tmp_path / "run", "--batch-size=15")
    _, error = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "a batch of 15 cannot be cut into equal parts for 2 devices" in error
