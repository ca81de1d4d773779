"""History and checkpoints that do not belong together."""

from __future__ import annotations

import zipfile

import pytest

from keras_attend_fusion.files import beside
from keras_attend_fusion.training import checked_history
from keras_attend_fusion.training.history import (
    add_history,
    history_within,
    write_history,
)

GAPS = [0.3, 0.6, 0.5]


def rows_of(gaps, seconds=1.5):
    """A history of a training; another training took other seconds."""
    return [
        {"epoch": n, "loss": 1 / n, "val_gap_at_20": gap, "seconds": seconds}
        for n, gap in enumerate(gaps, 1)
    ]


def checkpoint(path, rows):
    """A file with the history of a checkpoint, if it has one."""
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", "{}")
    if rows:
        add_history(path, rows)
    return path


class Folder:
    """A run after three epochs, of which the second was the best."""

    def __init__(self, folder):
        self.history = folder / "history.csv"
        self.last = folder / "checkpoints/epoch-0003.keras"
        self.best = folder / "checkpoints/best.keras"
        write_history(self.history, rows_of(GAPS))
        checkpoint(self.last, rows_of(GAPS))
        checkpoint(self.best, rows_of(GAPS[:2]))

    def edit(self, change):
        lines = self.history.read_text().splitlines(keepends=True)
        self.history.write_text("".join(change(lines)))

    def rows(self, epoch=3):
        return checked_history.checked_history(self.history, self.last, epoch)

    def check_best(self, write=True):
        checked_history.check_best(self.rows(), self.last, write)


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def test_what_belongs_together(folder):
    assert [float(row["val_gap_at_20"]) for row in folder.rows()] == GAPS
    before = folder.best.read_bytes()
    folder.check_best()
    assert folder.best.read_bytes() == before


def test_rows_behind_the_checkpoint_are_left_out(folder):
    write_history(folder.history, rows_of([*GAPS, 0.9]))
    assert [float(row["val_gap_at_20"]) for row in folder.rows()] == GAPS


def test_numbers_that_a_spreadsheet_wrote_otherwise(folder):
    text = folder.history.read_text().replace("0.6", "0.600")
    folder.history.write_text(text, "utf-8-sig")
    assert len(folder.rows()) == 3


def test_a_history_that_is_missing_is_within_the_checkpoint(folder):
    expected = folder.rows()
    folder.history.unlink()
    assert folder.rows() == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda lines: [], "history.csv has 0 rows, but epoch-0003"),
        (lambda lines: lines[:1], "history.csv has 0 rows, but"),
        (lambda lines: lines[:3], "history.csv has 2 rows, but"),
        (lambda lines: lines[1:], "history.csv has no column epoch"),
        (lambda lines: lines[:2] + lines[3:], "row 2 is of epoch 3"),
        (lambda lines: lines[:1] + lines[:0:-1], "row 1 is of epoch 3"),
        (lambda lines: [*lines, lines[-1]], "row 4 is of epoch 3"),
        (
            lambda lines: [line.replace("0.6", "nan") for line in lines],
            "row 2 has 'nan' in column val_gap_at_20: expected a finite",
        ),
        (
            lambda lines: [line.replace("0.6", "best") for line in lines],
            "row 2 has 'best' in column val_gap_at_20",
        ),
        (
            lambda lines: [line.replace("0.6", "0.2") for line in lines],
            "row 2 differs from what epoch-0003.keras holds of that epoch",
        ),
        (
            lambda lines: [line.replace(",1.5", ",2.5") for line in lines],
            "row 1 differs from what epoch-0003.keras holds",
        ),
        (
            lambda lines: [*lines[:-1], lines[-1][:5]],
            "row 3 has None in column val_gap_at_20",
        ),
    ],
)
def test_a_history_that_was_changed(folder, change, expected):
    folder.edit(change)
    with pytest.raises(ValueError, match=expected) as error:
        folder.rows()
    advice = "remove it, and `resume` writes it again from epoch-0003.keras"
    assert advice in str(error.value)


def test_a_checkpoint_under_another_name(folder):
    write_history(folder.history, rows_of([*GAPS, 0.9, 0.9]))
    with pytest.raises(ValueError, match="is the checkpoint of epoch 3: give"):
        folder.rows(epoch=5)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (rows_of(GAPS[:2], seconds=9.0), "is of another training, but the"),
        (rows_of(GAPS[:1]), "is of epoch 1, but the best epoch of the hi"),
        (rows_of(GAPS), "is of epoch 3, but the best epoch of the history is"),
        (None, "is of another training, but the best epoch"),
    ],
)
def test_a_best_epoch_that_is_not_the_best(folder, rows, expected):
    checkpoint(folder.best, rows)
    with pytest.raises(ValueError, match=expected):
        folder.check_best()


def test_a_kill_before_the_best_epoch_was_copied(folder):
    gaps = [*GAPS[:2], 0.7]
    write_history(folder.history, rows_of(gaps))
    checkpoint(folder.last, rows_of(gaps))
    before = folder.best.read_bytes()
    folder.check_best(write=False)
    assert folder.best.read_bytes() == before
    folder.check_best()
    assert folder.best.read_bytes() == folder.last.read_bytes()


def test_a_run_of_an_earlier_version(folder):
    """Its checkpoints say nothing; what can be told is told."""
    checkpoint(folder.last, None)
    checkpoint(folder.best, None)
    folder.check_best()
    assert len(history_within(folder.best)) == 2
    folder.check_best()  # again, after another kill
    folder.edit(lambda lines: lines[:3])
    with pytest.raises(ValueError, match=r"has 2 rows.*put back the run's own"):
        folder.rows()
    folder.history.unlink()
    with pytest.raises(ValueError, match=r"history.csv is missing: put back"):
        folder.rows()


def test_a_history_within_that_is_not_one(folder):
    with beside(folder.last) as path, zipfile.ZipFile(path, "w") as file:
        file.writestr("history.csv", "epoch,val_gap_at_20\n1,high\n")
    with pytest.raises(ValueError, match=r"epoch-0003.keras: history.csv: row"):
        folder.rows()
