"""The recipe of `mobile` is one that `train` takes, and its tables are true."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from keras_attend_fusion import models
from keras_attend_fusion.runs.config_file import read_settings

DOCS = Path(__file__).parent.parent / "docs"
RECIPE = json.loads((DOCS / "tuned_mobile.json").read_text())


def lines_with(text: str) -> list[list[str]]:
    """The cells of the table rows of the guide that hold a text."""
    page = (DOCS / "guide" / "tuning.md").read_text()
    return [
        [cell.strip(" *") for cell in line.split("|")[1:-1]]
        for line in page.splitlines()
        if line.startswith("|") and text in line
    ]


def test_train_takes_it() -> None:
    settings = read_settings(DOCS / "tuned_mobile.json")
    assert (settings["preset"], settings["batch_size"]) == ("mobile", 256)
    model = models.build("attend_fusion", "mobile", **settings["arguments"])
    assert model.count_params() == RECIPE["found"]["parameters"]


def test_the_guide_has_its_scores() -> None:
    ((_, sizes, count, gap, f1),) = lines_with("`mobile` now")
    preset = models.build("attend_fusion", "mobile")
    assert int(count.replace(",", "")) == preset.count_params()
    assert sizes == "176, 208"
    found = RECIPE["found"]
    for text, name in ((gap, "val_gap_at_20"), (f1, "val_f1_micro")):
        assert len(found[name]) == len(found["seeds"]) == 3
        assert float(text) == pytest.approx(np.mean(found[name]), abs=6e-5)


def test_the_guide_has_the_best_trials() -> None:
    with (DOCS / "tuned_mobile.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    small = [row for row in rows if int(row["parameters"]) < 3_000_000]
    ranked, of_small = (
        sorted(some, key=lambda row: -float(row["val_gap_at_20"]))
        for some in (rows, small)
    )
    for row in (ranked[0], ranked[1], of_small[0]):
        ((_, count, gap, f1),) = lines_with(f"trial {int(row['trial'])} |")
        assert int(count.replace(",", "")) == int(row["parameters"])
        for text, name in ((gap, "val_gap_at_20"), (f1, "val_f1_micro")):
            assert float(text) == pytest.approx(float(row[name]), abs=5e-5)
