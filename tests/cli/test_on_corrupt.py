"""`--on-corrupt skip` goes on with the rest and counts what it left."""

from __future__ import annotations

import csv
import json

import pytest

from tests.cli import runs
from tests.cli.damage import BAD, good
from tests.data import records


@pytest.mark.parametrize("level", ["video", "frame"])
def test_skipping_trains_on_the_rest_and_counts(command, tmp_path, level):
    """With videos that lack their sound among the rest."""
    first, *rest = good(level)
    bad = [record for record, _ in BAD[level].values()]
    path = records.write(tmp_path / "a.tfrecord", [first, *bad, *rest])
    cut = records.write(tmp_path / "b.tfrecord", good(level, 3))
    records.cut(cut, cut.stat().st_size - 20)
    (tmp_path / "c.tfrecord").touch()
    (tmp_path / "d.tfrecord").symlink_to("gone")
    out = tmp_path / "run"
    answer = command(
        "train",
        f"--train={tmp_path}/*.tfrecord",
        f"--validate={tmp_path}/a.tfrecord",
        f"--out={out}",
        f"--config={runs.ONE_MEMBER}",
        "--preset=mobile",
        "--epochs=2",
        "--on-corrupt=skip",
        f"--num-classes={runs.CLASSES}",
    )
    assert answer.status == 0
    assert (out / "model.keras").is_file()
    with (out / "history.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 2
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["videos"] == 6
    summary, *lines = answer.error.splitlines()
    # Each once, although both epochs and the validation met them.
    assert summary.startswith(f"Skipped {len(bad) + 3} ranges (")
    assert "in 4 shards:" in summary
    reasons = [reason for _, reason in BAD[level].values()]
    for line, reason in zip(lines, reasons, strict=False):
        assert line.startswith(f"  {path}: skipped ")
        assert reason in line


@pytest.mark.parametrize("trained", ["video"], indirect=True)
def test_skipping_scores_the_rest_and_counts(trained, command, tmp_path):
    made = [record for record, _ in BAD["video"].values()]
    path = records.write(tmp_path / "a.tfrecord", good("video") + made)
    report = tmp_path / "report.json"
    answer = command(
        "evaluate",
        f"--model={trained.run}",
        f"--data={path}",
        f"--json={report}",
        "--on-corrupt=skip",
    )
    assert answer.status == 0
    assert json.loads(report.read_text())["videos"] == 6
    assert answer.error.startswith(f"Skipped {len(made)} ranges (")
    inspected = command("inspect", path, f"--num-classes={runs.CLASSES}")
    assert inspected.status == 1
    assert f"{len(made)} corrupt" in inspected.out
    for _, reason in BAD["video"].values():
        assert reason in answer.error
        assert reason in inspected.out


@pytest.mark.parametrize("name", ["train", "evaluate", "predict"])
def test_skipping_everything_is_an_error(video, command, tmp_path, name):
    bad = [BAD["video"]["size"][0]] * 3
    path = records.write(tmp_path / "a.tfrecord", bad)
    sound = records.write(tmp_path / "sound.tfrecord", good("video"))
    out = tmp_path / "out.csv"
    flags = {
        "train": [
            f"--train={path}",
            f"--validate={sound}",
            f"--out={out}",
            *runs.QUICK,
            f"--num-classes={runs.CLASSES}",
        ],
        "evaluate": [f"--model={video.run}", f"--data={path}"],
        "predict": [
            f"--model={video.run}",
            f"--data={path}",
            f"--out={out}",
        ],
    }[name]
    answer = command(name, *flags, "--on-corrupt=skip")
    assert answer.status == 1
    line = answer.error.splitlines()[-1]
    assert line.startswith(f"attend-fusion {name}: ")
    expected = {
        "train": f"--train {path}: no record that can be used",
        "evaluate": "no videos to score",
        "predict": f"--data {path}: no record that can be used",
    }
    assert expected[name] in line
    assert not out.exists()
