"""Which checkpoints stay, and that each is whole."""

from __future__ import annotations

import csv

import keras
import numpy as np
import pytest

from keras_attend_fusion import training
from keras_attend_fusion.training.checkpoints import BEST, epochs_in, restore
from keras_attend_fusion.training.history import history_within
from tests.training.batches import batches, compiled


class Fit:
    """A training whose validation scores are given."""

    def __init__(self, folder, rows=None):
        self.folder = folder
        self.model = compiled()
        self.checkpoints = training.Checkpoints(
            folder / "checkpoints", folder / "history.csv", rows
        )
        self.checkpoints.set_model(self.model)

    def epoch(self, number, gap):
        """An epoch after which every weight is its number."""
        for variable in self.model.weights:
            variable.assign(np.full(variable.shape, number))
        logs = {"loss": 1 / number, "val_gap_at_20": gap}
        self.checkpoints.on_epoch_end(number - 1, logs)

    def names(self):
        return sorted(p.name for p in (self.folder / "checkpoints").iterdir())

    def best(self):
        path = self.folder / "checkpoints" / BEST
        model = keras.saving.load_model(path, compile=False)
        return float(model.get_weights()[0].flat[0])


def test_the_last_and_the_best_are_kept_alone(tmp_path):
    fit = Fit(tmp_path)
    for number, gap in enumerate([0.2, 0.5, 0.4, 0.5], start=1):
        fit.epoch(number, gap)
        assert fit.names() == ["best.keras", f"epoch-{number:04d}.keras"]
    assert fit.best() == 2.0  # the first of two that are equally good


def test_the_best_one_is_a_copy_with_its_history(tmp_path):
    fit = Fit(tmp_path)
    for number, gap in enumerate([0.5, 0.4], start=1):
        fit.epoch(number, gap)
    folder = tmp_path / "checkpoints"
    assert len(history_within(folder / BEST)) == 1
    assert len(history_within(folder / "epoch-0002.keras")) == 2
    fit.epoch(3, 0.6)
    best, last = folder / BEST, folder / "epoch-0003.keras"
    assert best.read_bytes() == last.read_bytes()


def test_the_history_is_written_and_read(tmp_path):
    fit = Fit(tmp_path)
    fit.epoch(1, 0.25)
    fit.epoch(2, 0.5)
    with (tmp_path / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {"epoch": "1", "loss": "1.0", "val_gap_at_20": "0.25"},
        {"epoch": "2", "loss": "0.5", "val_gap_at_20": "0.5"},
    ]
    # A history may be an epoch ahead of the checkpoint beside it.
    assert training.read_history(tmp_path / "history.csv", 1) == rows[:1]


def test_a_resumed_training_knows_the_best_so_far(tmp_path):
    Fit(tmp_path).epoch(1, 0.5)
    rows = training.read_history(tmp_path / "history.csv", 1)
    resumed = Fit(tmp_path, rows)
    resumed.epoch(2, 0.4)
    assert resumed.best() == 1.0
    assert len(training.read_history(tmp_path / "history.csv", 9)) == 2
    resumed.epoch(3, 0.6)
    assert resumed.best() == 3.0


def test_the_optimiser_goes_on_where_it_was(tmp_path):
    model = compiled()
    features, labels = batches()[0]
    model.fit(
        features,
        labels,
        epochs=2,
        batch_size=2,
        verbose=0,
        callbacks=[
            training.ValidationScores(batches()),
            training.Checkpoints(tmp_path, tmp_path / "history.csv"),
        ],
    )
    ((number, path),) = epochs_in(tmp_path)
    assert number == 2
    loaded = keras.saving.load_model(path)
    assert int(loaded.optimizer.iterations) == 4


def test_a_checkpoint_is_restored_with_its_optimiser(tmp_path):
    model = compiled()
    features, labels = batches()[0]
    model.fit(features, labels, batch_size=2, verbose=0)
    model.save(tmp_path / "epoch-0001.keras")
    fresh = compiled()
    restore(fresh, tmp_path / "epoch-0001.keras")
    assert int(fresh.optimizer.iterations) == 2
    for mine, theirs in zip(
        fresh.get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("missing", "is missing: put back"),
        ("garbage", "is not a checkpoint, or was cut off: put back"),
        ("other", "holds stranger with 12 parameters, but this run trains"),
        ("no optimiser", "does not fit this training, its optimiser included"),
    ],
)
def test_what_cannot_be_restored(tmp_path, case, expected):
    path = tmp_path / "epoch-0001.keras"
    if case == "garbage":
        path.write_text("garbage")
    elif case == "other":
        inputs = keras.Input((3,))
        outputs = keras.layers.Dense(3)(inputs)
        keras.Model(inputs, outputs, name="stranger").save(path)
    elif case == "no optimiser":
        stored = compiled()
        stored.optimizer = None
        stored.compiled = False
        stored.save(path)
    with pytest.raises(ValueError, match=expected) as error:
        restore(compiled(), path)
    assert str(error.value).startswith(f"{path} ")
    assert "\n" not in str(error.value)


def test_an_interrupt_while_saving_leaves_the_earlier_one(
    tmp_path, monkeypatch
):
    fit = Fit(tmp_path)
    fit.epoch(1, 0.5)
    before = {
        path.name: path.read_bytes()
        for path in (tmp_path / "checkpoints").iterdir()
    }

    def interrupted(path):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(fit.model, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit.epoch(2, 0.9)
    after = {
        path.name: path.read_bytes()
        for path in (tmp_path / "checkpoints").iterdir()
    }
    assert after == before


def test_the_epochs_of_a_folder_are_in_order(tmp_path):
    for name in (
        "epoch-0010.keras",
        "epoch-0002.keras",
        ".1234.epoch-0003.keras",
        "epoch-x.keras",
        "best.keras",
    ):
        (tmp_path / name).touch()
    found = epochs_in(tmp_path)
    assert [(n, path.name) for n, path in found] == [
        (2, "epoch-0002.keras"),
        (10, "epoch-0010.keras"),
    ]
    assert epochs_in(tmp_path / "nope") == []
