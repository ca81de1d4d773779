"""From synthetic shards to a TFLite file that runs, at both levels."""

from __future__ import annotations

import csv

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import data, metrics
from tests.cli import runs
from tests.cli.runs import predictions, read_json

METRICS = {
    "gap_at_20",
    "map",
    "map_top_20",
    "hit_at_1",
    "perr",
    "f1_micro",
    "f1_macro",
    "f1_samples",
    "threshold",
    "videos",
    "classes_with_positives",
    "precision_at_1",
    "precision_at_5",
    "precision_at_20",
    "recall_at_1",
    "recall_at_5",
    "recall_at_20",
    "calibration_error",
}


def test_inspect_finds_what_synthesize_wrote(trained, command, tmp_path):
    report = tmp_path / "report.json"
    shards = sorted(trained.shards.glob("*.tfrecord"))
    answer = command("inspect", *shards, f"--json={report}")
    assert answer.status == 0
    lines = answer.out.splitlines()
    assert len(lines) == len(shards) + 1
    assert all(f"[{trained.level}]" in line for line in lines[:-1])
    videos = runs.VIDEOS[trained.level]
    total = read_json(report)["total"]
    assert total["videos"] == videos + videos // 4
    assert total["corrupt"] == 0
    assert f"{total['videos']} videos" in lines[-1]


def test_train_leaves_what_it_says_and_nothing_else(trained):
    epochs = runs.EPOCHS[trained.level]
    found = {
        str(path.relative_to(trained.run))
        for path in trained.run.rglob("*")
        if path.is_file()
    }
    (events,) = (name for name in found if name.startswith("logs/"))
    assert "tfevents" in events
    assert found - {events} == {
        "model.keras",
        "config.json",
        "metrics.json",
        "history.csv",
        "checkpoints/best.keras",
        f"checkpoints/epoch-{epochs:04d}.keras",
    }


def test_the_config_says_how_it_was_trained(trained):
    config = read_json(trained.run / "config.json")
    expected = {
        "model": "attend_fusion",
        "preset": "mobile",
        "level": trained.level,
        "num_classes": runs.CLASSES,  # of the manifest beside the shards
        "epochs": runs.EPOCHS[trained.level],
        "batch_size": 16,
        "learning_rate": 0.004,  # the most that small models get
        "dtype_policy": "float32",
        "seed": 0,
        "train_videos": runs.VIDEOS[trained.level],
        "backend": "tensorflow",
    }
    assert {name: config[name] for name in expected} == expected
    assert config["versions"]["keras"] == keras.__version__


def test_the_history_has_a_row_an_epoch(trained):
    with (trained.run / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    epochs = runs.EPOCHS[trained.level]
    assert [row["epoch"] for row in rows] == [str(i + 1) for i in range(epochs)]
    losses = [float(row["loss"]) for row in rows]
    assert losses[-1] < losses[0] / 2
    best = max(float(row["val_gap_at_20"]) for row in rows)
    assert read_json(trained.run / "metrics.json")["gap_at_20"] == (
        pytest.approx(best, abs=1e-6)
    )


def test_the_events_are_what_tensorboard_reads(trained):
    (path,) = (trained.run / "logs").iterdir()
    events = [
        tf.compat.v1.Event.FromString(record)
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
    ]
    assert events[0].file_version == "brain.Event:2"
    epochs = runs.EPOCHS[trained.level]
    assert [event.step for event in events[1:]] == list(range(1, epochs + 1))
    with (trained.run / "history.csv").open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    values = {v.tag: v.simple_value for v in events[-1].summary.value}
    assert values["loss"] == pytest.approx(float(last["loss"]), rel=1e-5)
    assert {"val_gap_at_20", "val_f1_micro", "val_hit_at_1"} <= set(values)


def test_the_metrics_are_those_of_the_predictions(trained):
    _, scores, labels = predictions(trained)
    found = read_json(trained.run / "metrics.json")
    assert set(found) == METRICS | {"parameters", "seconds", "weights"}
    expected = metrics.evaluate(scores, labels)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-5), name


def test_it_learns_more_than_how_frequent_classes_are(trained):
    _, scores, labels = predictions(trained)
    load = data.load(
        f"{trained.shards}/train-*", batch_size=1000, num_classes=runs.CLASSES
    )
    ((_, train_labels),) = load.as_numpy_iterator()
    prior = np.tile(train_labels.mean(axis=0), (len(labels), 1))
    by_prior = metrics.evaluate(prior, labels)["gap_at_20"]
    learned = metrics.evaluate(scores, labels)["gap_at_20"]
    assert learned > by_prior + 0.1


def test_evaluate_applies_the_frozen_threshold(trained, command, tmp_path):
    _, scores, labels = predictions(trained)
    frozen = read_json(trained.run / "metrics.json")["threshold"]
    report = tmp_path / "report.json"
    answer = command(
        "evaluate",
        f"--model={trained.run}",
        f"--data={trained.validate}",
        f"--json={report}",
        "--batch-size=7",  # the result does not depend on it
    )
    assert answer.status == 0
    assert answer.error == ""
    found = read_json(report)
    assert set(found) == METRICS
    assert found["threshold"] == frozen
    assert f"F1 at threshold {frozen:.4f}, picked on the val" in answer.out
    expected = metrics.evaluate(scores, labels, threshold=frozen)
    for name, value in expected.items():
        # The threshold is a video's very score, which the batch size moves
        # in its last digits: that video may fall on either side.
        bound = 0.02 if name.startswith("f1_") else 1e-5
        assert found[name] == pytest.approx(value, abs=bound), name
    for name in ("gap_at_20", "f1_micro", "videos"):
        value = found[name]
        shown = f"{value:.5f}" if isinstance(value, float) else f"{value}"
        assert f"  {name}  ".ljust(26) + shown in answer.out


def test_the_frozen_threshold_is_that_of_the_run_folder(
    video, command, tmp_path
):
    # On these very videos another threshold would be picked.
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "model.keras").symlink_to(video.run / "model.keras")
    (folder / "metrics.json").write_text('{"threshold": 0.25}')
    flags = [f"--model={folder}", f"--data={video.validate}"]
    answer = command("evaluate", *flags, f"--json={tmp_path / 'a.json'}")
    assert answer.status == 0
    assert read_json(tmp_path / "a.json")["threshold"] == 0.25


def test_a_given_threshold_is_applied(video, command, tmp_path):
    _, scores, labels = predictions(video)
    answer = command(
        "evaluate",
        f"--model={video.run}",
        f"--data={video.validate}",
        f"--json={tmp_path / 'a.json'}",
        "--threshold=0.9",
    )
    found = read_json(tmp_path / "a.json")
    expected = metrics.evaluate(scores, labels, threshold=0.9)
    assert found["threshold"] == 0.9
    assert found["f1_micro"] == pytest.approx(expected["f1_micro"], abs=1e-5)
    assert "F1 at threshold 0.9000, given" in answer.out


def test_a_bare_model_file_picks_its_threshold_on_the_data(video, command):
    answer = command(
        "evaluate",
        f"--model={video.run / 'model.keras'}",
        f"--data={video.validate}",
    )
    assert answer.status == 0
    assert "picked on these videos, so F1 is optimistic" in answer.out
