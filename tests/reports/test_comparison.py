"""Runs side by side."""

from __future__ import annotations

import json

import pytest

from keras_attend_fusion import reports
from tests.reports import made
from tests.reports.test_run_page import Parsed

HISTORY = "epoch,loss,val_gap_at_20\n1,4.0,0.25\n2,2.0,{gap}\n"


def write_run(folder, *, gap=0.5, metrics=True, **settings):
    folder.mkdir(parents=True)
    config = {
        "model": "attend_fusion",
        "preset": "mobile",
        "level": "video",
        "num_classes": 3,
        "epochs": 2,
        "batch_size": 32,
        "versions": {"keras": "3.15"},
        **settings,
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "history.csv").write_text(HISTORY.format(gap=gap))
    values = {
        "gap_at_20": gap,
        "f1_micro": 0.4,
        "calibration_error": gap / 2,
        "threshold": gap,
        "videos": 40,
        "parameters": 1000,
        "seconds": 2.0,
    }
    if metrics:
        (folder / "metrics.json").write_text(json.dumps(values))
    return folder


@pytest.fixture
def folders(tmp_path):
    return [
        write_run(tmp_path / "a", seed=1),
        write_run(tmp_path / "b", gap=0.75, seed=2, learning_rate=0.01),
        write_run(tmp_path / "c", gap=0.625, seed=1, preset="base"),
    ]


def test_what_differs_and_what_is_equal(folders):
    comparison = reports.compare(folders)
    assert comparison.names == ["a", "b", "c"]
    assert comparison.settings == {
        "preset": ["mobile", "mobile", "base"],
        "seed": [1, 2, 1],
        "learning_rate": [None, 0.01, None],
    }
    assert comparison.equal_settings["batch_size"] == 32
    assert comparison.metrics["gap_at_20"] == [0.5, 0.75, 0.625]
    assert comparison.facts["best epoch"] == [2, 2, 2]
    assert comparison.warnings == []
    assert json.loads(json.dumps(comparison.as_dict()))["runs"] == [*"abc"]


def test_the_best_of_a_row(folders):
    comparison = reports.compare(folders)
    assert comparison.best("gap_at_20") == [False, True, False]
    assert comparison.best("calibration_error") == [True, False, False]
    for name in ("f1_micro", "threshold", "videos"):  # equal, or not a score
        assert comparison.best(name) == [False] * 3


def test_as_text(folders):
    lines = str(reports.compare(folders)).splitlines()
    rows = [line.split() for line in lines]
    assert rows[0] == ["a", "b", "c"]
    assert ["gap_at_20", "0.50000", "0.75000", "0.62500"] in rows
    assert ["learning_rate", "–", "0.01000", "–"] in rows
    assert all(line == line.rstrip() for line in lines)


def test_the_page(folders, tmp_path):
    out = tmp_path / "page.html"
    reports.compare(folders, out)
    page = Parsed(out.read_text())
    assert page.tables["Metrics"][:2] == [
        ["Metric", "a", "b", "c"],
        ["GAP@20", "0.5000", "0.7500", "0.6250"],
    ]
    assert ["seed", "1", "2", "1"] in page.tables["Settings that differ"]
    assert ["batch_size", "32"] in page.tables["Settings that are equal"]
    assert len([c for c in page.of("figure") if c["class"] == "chart"]) == 2
    assert all(f"kind{kind}" in str(page.of("path")) for kind in range(3))


def test_a_name_is_text_alone(folders, tmp_path):
    hostile = write_run(tmp_path / 'x<b a="', train=made.HOSTILE)
    text = reports.compare([folders[0], hostile]).page()
    assert "<script" not in text
    assert "x&lt;b" in text


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"level": "frame"}, "level differs"),
        ({"num_classes": 4}, "num_classes differs"),
        ({"metrics": False}, "other: the training has not ended"),
    ],
)
def test_what_cannot_be_compared_is_said(folders, tmp_path, changes, line):
    other = write_run(tmp_path / "other", **changes)
    comparison = reports.compare([folders[0], other])
    assert comparison.warnings == [line]
    assert line in str(comparison)
    assert line in comparison.page()


def test_runs_of_one_name_are_told_apart(tmp_path):
    runs = [write_run(tmp_path / part / "run") for part in ("x", "y")]
    assert reports.compare(runs).names == ["x/run", "y/run"]
    assert "All settings are equal." in str(reports.compare(runs))


def test_more_runs_than_kinds_of_line(tmp_path):
    runs = [
        write_run(tmp_path / f"r{i:02}", gap=0.3 + i / 16, seed=i)
        for i in range(11)
    ]
    text = reports.compare(runs).page()
    assert "2 more are in the tables alone" in text
    drawn = text.split("</figcaption>")[0].split("<figcaption>")[1]
    assert "r10" in drawn
    assert "r01" not in drawn


def test_what_is_refused(folders, tmp_path):
    with pytest.raises(ValueError, match="two run folders or more, got 1"):
        reports.compare(folders[:1])
    with pytest.raises(ValueError, match="comes twice"):
        reports.compare([folders[0], tmp_path / "b" / ".." / "a"])
    with pytest.raises(ValueError, match="has to end in"):
        reports.compare(folders, tmp_path / "page.pdf")
    with pytest.raises(ValueError, match=r"config\.json"):
        reports.compare([folders[0], tmp_path])
