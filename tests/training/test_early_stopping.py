from __future__ import annotations

import keras
import pytest

from keras_attend_fusion import training
from keras_attend_fusion.training.early_stopping import epochs_without_gain
from tests.training.batches import batches, compiled


class Scores(keras.callbacks.Callback):
    """Puts given GAPs in the place of measured ones."""

    def __init__(self, gaps):
        super().__init__()
        self.gaps = gaps

    def on_epoch_end(self, epoch, logs):
        logs["val_gap_at_20"] = self.gaps[epoch]


def epochs(folder, gaps, patience, first=0):
    """How many epochs a history has at the end."""
    path = folder / "history.csv"
    rows = training.read_history(path, first) if first else []
    checkpoints = training.Checkpoints(folder / "checkpoints", path, rows)
    features, labels = batches()[0]
    compiled().fit(
        features,
        labels,
        epochs=len(gaps),
        initial_epoch=first,
        verbose=0,
        callbacks=[
            Scores(gaps),
            checkpoints,
            training.EarlyStopping(checkpoints, patience),
        ],
    )
    return len(checkpoints.rows)


@pytest.mark.parametrize(
    ("gaps", "patience", "expected"),
    [
        ([0.1, 0.2, 0.3, 0.4], 1, 4),
        ([0.5, 0.4, 0.6, 0.7], 1, 2),
        ([0.5, 0.4, 0.6, 0.6, 0.6, 0.9], 2, 5),  # as good is not better
        ([0.5, 0.4, 0.3, 0.2], 9, 4),
    ],
)
def test_it_ends_without_a_better_epoch(tmp_path, gaps, patience, expected):
    assert epochs(tmp_path, gaps, patience) == expected


def test_what_it_counts_survives_an_interruption(tmp_path):
    gaps = [0.5, 0.4, 0.3, 0.2, 0.1]
    assert epochs(tmp_path, gaps[:2], 3) == 2
    assert epochs(tmp_path, gaps, 3, first=2) == 4
    rows = training.read_history(tmp_path / "history.csv", 9)
    assert epochs_without_gain(rows) == 3
    assert epochs_without_gain([]) == 0
