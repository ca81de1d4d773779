"""A search in the shell: its folder, going on, the config, and workers."""

from __future__ import annotations

import csv
import json
import sys
import time

import pytest

import keras_attend_fusion
from keras_attend_fusion import data, training
from tests.cli import runs
from tests.data.file_server import free_port


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A very small video-level set."""
    folder = tmp_path_factory.mktemp("few") / "shards"
    data.synthesize(folder, "video", 40, 1, runs.CLASSES)
    return folder


def flags(shards, out, *others):
    return [
        "tune",
        f"--train={shards}/train-*",
        f"--validate={shards}/validate-*",
        f"--out={out}",
        "--presets=mobile",
        "--tuner=random",
        "--max-trials=1",
        "--max-parameters=2500000",
        "--epochs=1",
        "--batch-size=32",
        "--dtype-policy=float32",
        *others,
    ]


def rows_of(out):
    with (out / "trials.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_search_and_what_it_leaves(few, command, fails, tmp_path):
    out = tmp_path / "search"
    answer = command(*flags(few, out))
    assert answer.status == 0, answer
    (row,) = rows_of(out)
    config = runs.read_json(out / "config.json")
    assert config["found"]["trial"] == row["trial"] == "0"
    assert (out / "trials.png").stat().st_size > 10_000

    # A trial says what it is, and shows and keeps its epochs.
    assert "Training trial 0: " in answer.out
    assert f"val_gap_at_20: {float(row['val_gap_at_20']):.4f}" in answer.out
    (epoch,) = training.read_history(out / "trials/trial_0/history.csv", 9)
    assert float(epoch["val_gap_at_20"]) == float(row["val_gap_at_20"])
    (log,) = out.glob("trials/trial_0/logs/events.out.tfevents.*")
    assert b"val_gap_at_20" in log.read_bytes()

    # `train` takes the config, and repeats the trial.
    run = tmp_path / "run"
    words = ("train", f"--config={out}/config.json", f"--out={run}")
    assert command(*words).status == 0
    metrics = runs.read_json(run / "metrics.json")
    for name in ("gap_at_20", "f1_micro", "hit_at_1"):
        score = float(row[f"val_{name}"])
        assert metrics[name] == pytest.approx(score, abs=1e-6)
    assert metrics["parameters"] == int(row["parameters"])

    # The same command trains nothing more; a higher limit goes on.
    (result,) = out.rglob("result.json")
    before = result.stat().st_mtime_ns
    assert "trials done: 1" in command(*flags(few, out)).out
    answer = command(*flags(few, out, "--max-trials=2"))
    assert answer.out.count("Trial ") == 1
    assert result.stat().st_mtime_ns == before
    rows = rows_of(out)
    scores = [float(row["val_gap_at_20"]) for row in rows]
    assert len(scores) == 2
    assert scores[0] >= scores[1]
    assert all(int(row["parameters"]) <= 2_500_000 for row in rows)
    table = answer.out.split("hit_at_1")[-1].splitlines()[1:3]
    assert [line.split()[0] for line in table] == [r["trial"] for r in rows]
    config = runs.read_json(out / "config.json")
    assert config["found"]["val_gap_at_20"] == scores[0]

    for change, expected in {
        "--epochs=4": "epochs 1, now it is 4",
        "--tuner=bayesian": "tuner 'random', now it is 'bayesian'",
        "--objective=f1_micro": "objective 'gap_at_20', now it is 'f1_micro'",
        "--max-parameters=9000000": "max_parameters 2500000, now it is 9000000",
        "--batch-size=16": "batch_size [16, 32, 64], now it is [8, 16, 32]",
        "--presets=mobile,small": "preset ['mobile'], now it is ['mobile', ",
        "--seed=1": "seed 0, now it is 1",
        f"--train={few}/*.tfrecord": "train_videos 40, now it is 50",
        f"--validate={few}/*.tfrecord": "validation_videos 10, now it is 50",
    }.items():
        line = fails(*flags(few, out, change))
        assert f"{out} is a search with {expected}" in line


OWN = """
import keras


@keras.saving.register_keras_serializable("tuned")
class Scale(keras.layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.factor


def build(num_classes, audio_size=128, dropout=0.2, units=8):
    audio = keras.Input((audio_size,), name="audio")
    hidden = keras.layers.Dense(units, activation="relu")(Scale()(audio))
    hidden = keras.layers.Dropout(dropout)(hidden)
    scores = keras.layers.Dense(num_classes, activation="sigmoid")(hidden)
    return keras.Model({"audio": audio}, scores)
"""


def own_flags(shards, out, *others):
    words = [word for word in flags(shards, out) if "--presets" not in word]
    return [*words, "--modalities=audio", *others]


def test_the_recipe_of_a_builder_of_ones_own(
    few, command, fails, tmp_path, monkeypatch
):
    (tmp_path / "tuned_model.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    out, model = tmp_path / "search", "--model=tuned_model:build"
    answer = command(*own_flags(few, out, model, "--max-trials=2"))
    assert answer.status == 0, answer
    assert "tuned_model:build, video level, 8 classes" in answer.out
    rows = rows_of(out)
    assert [row["status"] for row in rows] == ["COMPLETED"] * 2
    (first,) = (row for row in rows if row["trial"] == "0")
    assert first["dropout"] == "0.2"
    config = runs.read_json(out / "config.json")
    assert config["model"] == "tuned_model:build"
    assert list(config["arguments"]) == ["dropout"]
    space = runs.read_json(out / "search.json")["space"]
    assert set(space) == {
        *("dropout", "batch_size", "epochs"),
        *("learning_rate", "weight_decay"),
    }

    # `train` takes the config, if the code may run.
    run = tmp_path / "run"
    words = ("train", f"--config={out}/config.json", f"--out={run}")
    assert "pass --model=tuned_model:build too" in fails(*words, status=2)
    assert command(*words, model).status == 0
    metrics = runs.read_json(run / "metrics.json")
    score = float(rows[0]["val_gap_at_20"])
    assert metrics["gap_at_20"] == pytest.approx(score, abs=1e-6)
    line = fails(*flags(few, out, "--max-trials=2"))
    assert "is a search with model 'tuned_model:build', now it is" in line


def test_what_of_other_models_cannot_be_searched(
    few, fails, tmp_path, monkeypatch
):
    (tmp_path / "untuned_model.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    out, model = tmp_path / "search", "--model=untuned_model:build"
    for change, status, expected in [
        ("--model=lstm", 2, "--model=lstm: tune searches attend_fusion, or"),
        ("--model=gru", 2, "--model=gru: expected attend_fusion"),
        ("--model=untuned_model:none", 1, "has no function 'none'"),
        ("--model=nowhere:build", 1, "nowhere cannot be imported"),
        ("--modalities=rgb,audio", 1, "rgb (batch, 1024) float32"),
        ("--max-parameters=9", 1, "max_parameters is 9, but the model of"),
        ("--presets=mobile", 2, "--presets is of attend_fusion: leave it out"),
    ]:
        line = fails(*own_flags(few, out, model, change), status=status)
        assert expected in line
    assert not out.exists()


def test_bad_flags_are_refused_before_anything_is_written(
    few, fails, tmp_path, monkeypatch
):
    out = tmp_path / "search"
    for change, status, expected in [
        ("--presets=huge", 2, "--presets has 'huge': attend_fusion comes as"),
        ("--presets=base,audio", 2, "sizes that take the same modalities"),
        ("--max-parameters=9", 1, "max_parameters is 9, but the smallest"),
        (f"--train={few}/nothing*", 1, "nothing*"),
        ("--num-classes=2", 1, "pass --num-classes="),
    ]:
        line = fails(*flags(few, out, change), status=status)
        assert expected in line
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "chief")
    assert "KERASTUNER_ORACLE_IP" in fails(*flags(few, out))
    assert not out.exists()
    monkeypatch.delenv("KERASTUNER_TUNER_ID")
    out.mkdir()
    (out / "precious").touch()
    assert "exists and is not an empty folder" in fails(*flags(few, out))


def test_without_keras_tuner_it_says_what_to_install(
    few, fails, tmp_path, monkeypatch
):
    monkeypatch.delattr(keras_attend_fusion, "tuning")
    for name in list(sys.modules):
        if name.startswith("keras_attend_fusion.tuning"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "keras_tuner", None)
    line = fails(*flags(few, tmp_path / "search"))
    assert 'pip install "keras-attend-fusion[tune]"' in line


def test_a_chief_and_two_workers(few, tmp_path):
    out = tmp_path / "search"
    port = free_port()

    def start(name):
        return runs.spawn(
            *flags(few, out, "--max-trials=3", "--tuner=hyperband"),
            variables={
                "KERASTUNER_TUNER_ID": name,
                "KERASTUNER_ORACLE_IP": "127.0.0.1",
                "KERASTUNER_ORACLE_PORT": str(port),
            },
        )

    first, second = start("one"), start("two")  # they wait for the chief
    chief = start("chief")
    deadline = time.monotonic() + 600
    while not list(out.glob("trials/trial_*/trial.json")):
        assert chief.poll() is None, chief.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    answers = [one.communicate(timeout=600) for one in (chief, first, second)]
    for process, (_, error) in zip(
        (chief, first, second), answers, strict=True
    ):
        assert process.returncode == 0, error
        assert error == ""
    assert len(rows_of(out)) == 3
    assert {row["status"] for row in rows_of(out)} == {"COMPLETED"}
    assert answers[0][0].count("Trial ") == 3
    for (printed, _), name in zip(answers[1:], ("one", "two"), strict=True):
        assert f"No trial is left for {name}" in printed
    trained = [
        json.loads(path.read_text())["worker"]
        for path in out.glob("trials/trial_*/result.json")
    ]
    assert set(trained) == {"one", "two"}
    assert (out / "config.json").is_file()
