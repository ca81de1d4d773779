"""The configuration that a search found is one that `train` takes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from keras_attend_fusion import models
from keras_attend_fusion.cli import config_file, train
from keras_attend_fusion.cli.common import Flags

DOCS = Path(__file__).parent.parent / "docs"


def test_train_takes_it() -> None:
    path = DOCS / "tuned_mobile.json"
    found = json.loads(path.read_text())
    flag = Flags()
    train.define(flag)
    flag.values(["train", f"--config={path}"])
    arguments = config_file.apply(flag)
    assert (flag["preset"], flag["batch-size"]) == ("mobile", 256)
    model = models.build("attend_fusion", "mobile", **arguments)
    assert model.count_params() == found["found"]["parameters"] < 5_000_000


def test_it_is_the_best_trial_of_the_table() -> None:
    found = json.loads((DOCS / "tuned_mobile.json").read_text())["found"]
    with (DOCS / "tuned_mobile.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40
    best = max(rows, key=lambda row: float(row["val_gap_at_20"]))
    assert best["trial"] == found["trial"]
    page = (DOCS / "guide" / "tuning.md").read_text()
    for trial in ("0", "6", "29"):
        (line,) = (
            one for one in page.splitlines() if f"trial {trial} |" in one
        )
        row = next(one for one in rows if int(one["trial"]) == int(trial))
        count, gap, f1 = (one.strip() for one in line.split("|")[2:5])
        assert int(count.replace(",", "")) == int(row["parameters"])
        assert float(gap) == pytest.approx(
            float(row["val_gap_at_20"]), abs=5e-5
        )
        assert float(f1) == pytest.approx(float(row["val_f1_micro"]), abs=5e-5)
