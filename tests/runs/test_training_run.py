"""A training from Python: trained, ended early, gone on with, looked at."""

from __future__ import annotations

import csv

import keras
import numpy as np
import pytest

from keras_attend_fusion import data, runs, training
from keras_attend_fusion.runs import TrainSettings

CLASSES = 6


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards") / "a"
    data.synthesize(folder, "video", 60, shards=2, classes=CLASSES)
    return folder


def settings(shards, **values):
    return TrainSettings(
        train=f"{shards}/train-*",
        validate=f"{shards}/validate-*",
        model="fully_connected",
        preset="small",
        arguments={"units": 16},
        epochs=3,
        batch_size=16,
        **values,
    )


@pytest.fixture(scope="module")
def run(shards, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "run"
    return runs.train(settings(shards), out=out)


def test_what_a_run_knows(run, shards):
    assert isinstance(run.model, keras.Model)
    assert run.settings.epochs == 3
    assert run.settings.arguments == {"units": 16}
    assert run.config["num_classes"] == CLASSES
    with (run.folder / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in run.history] == [1.0, 2.0, 3.0]
    assert run.history[1]["val_gap_at_20"] == float(rows[1]["val_gap_at_20"])
    best = max(row["val_gap_at_20"] for row in run.history)
    assert run.metrics["gap_at_20"] == pytest.approx(best, abs=1e-9)
    assert run.threshold == run.metrics["threshold"]
    assert len(run.class_names) == CLASSES
    assert run.class_indices == list(range(CLASSES))
    again = runs.load(run.folder)
    assert again.settings == run.settings
    assert again.metrics == run.metrics


class Ended(Exception):
    pass


def test_it_goes_on_where_it_stopped(run, shards, tmp_path, monkeypatch):
    measure = training.Checkpoints.on_epoch_end

    def end(self, epoch, logs=None):
        measure(self, epoch, logs)
        raise Ended

    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(training.Checkpoints, "on_epoch_end", end)
        with pytest.raises(Ended):
            runs.train(settings(shards), out=out)
    with pytest.raises(ValueError, match="or go on with"):
        runs.train(settings(shards), out=out)
    with pytest.raises(ValueError, match="trained with epochs 3, now it is 4"):
        runs.train(settings(shards), out=out, resume=True, epochs=4)
    resumed = runs.train(settings(shards), out=out, resume=True)
    for row, expected in zip(resumed.history, run.history, strict=True):
        assert {**row, "seconds": 0} == {**expected, "seconds": 0}
    for weight, expected in zip(
        resumed.model.weights, run.model.weights, strict=True
    ):
        np.testing.assert_array_equal(weight, expected)


def test_what_fails_leaves_nothing(shards, tmp_path):
    out = tmp_path / "run"
    with pytest.raises(ValueError, match="matches no file"):
        runs.train(train=f"{tmp_path}/no-*", validate="x", out=out)
    with pytest.raises(ValueError, match="`ema` is 2"):
        runs.train(settings(shards), out=out, ema=2.0)
    assert not out.exists()


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(ValueError, match=r"is not a run folder \(config.json"):
        runs.load(tmp_path)
