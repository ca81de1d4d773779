"""What evaluate leaves besides the table of metrics."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sys

import numpy as np
import pytest

from keras_attend_fusion import metrics
from tests.cli import runs
from tests.cli.runs import predictions, read_json
from tests.data import records
from tests.files.test_places import read_in_thread

COLUMNS = (
    "index,name,positives,predicted,average_precision,"
    "average_precision_top_20,precision,recall,f1"
)


def table(path):
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    assert text.splitlines()[0] == COLUMNS
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def evaluate(video, command, tmp_path):
    """Evaluates the run on its validation videos."""

    def run(*others):
        report = tmp_path / "report.json"
        answer = command(
            "evaluate",
            f"--model={video.run}",
            f"--data={video.validate}",
            f"--json={report}",
            *others,
        )
        assert answer.status == 0, answer
        assert answer.error == ""
        return answer, read_json(report)

    return run


@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
def test_a_row_a_class(video, evaluate, tmp_path, suffix):
    vocabulary = tmp_path / "vocabulary.csv"
    names = [f"class, “{c}”" for c in range(runs.CLASSES)]
    with vocabulary.open("w", newline="", encoding="utf-8") as file:
        rows = [[c, name] for c, name in enumerate(names)]
        csv.writer(file).writerows([["Index", "Name"], *rows[::-1]])
    out = tmp_path / f"classes.{suffix}"
    answer, found = evaluate(
        f"--per-class={out}", f"--vocabulary={vocabulary}", "--threshold=0.3"
    )
    assert f"Wrote {out}.\n" in answer.out
    rows = table(out)
    assert [row["index"] for row in rows] == [str(c) for c in range(8)]
    assert [row["name"] for row in rows] == names
    _, scores, labels = predictions(video)
    chosen = scores >= 0.3
    for c, row in enumerate(rows):
        assert int(row["positives"]) == labels[:, c].sum() > 0
        assert int(row["predicted"]) == pytest.approx(chosen[:, c].sum(), abs=1)
    for key, column in (
        ("map", "average_precision"),
        ("map_top_20", "average_precision_top_20"),
        ("f1_macro", "f1"),
    ):
        mean = np.mean([float(row[column]) for row in rows])
        assert found[key] == pytest.approx(mean, abs=1e-12)


def test_a_name_that_is_a_formula_is_guarded(evaluate, tmp_path):
    labels, out = tmp_path / "labels.txt", tmp_path / "classes.csv"
    labels.write_text("=1+1\n@a\n\n-b\n" + "x\n" * 4)
    evaluate(f"--per-class={out}", f"--vocabulary={labels}")
    names = [row["name"] for row in table(out)]
    assert names[:4] == ["'=1+1", "'@a", "class 2", "-b"]


def test_the_report_goes_through_a_pipe_or_a_link(video, command, tmp_path):
    fifo, link = tmp_path / "fifo.json", tmp_path / "link.csv"
    os.mkfifo(fifo)
    link.symlink_to("new.csv")
    thread, content = read_in_thread(fifo)
    answer = command(
        "evaluate",
        f"--model={video.run}",
        f"--data={video.validate}",
        f"--json={fifo}",
        f"--per-class={link}",
    )
    assert answer.status == 0
    thread.join(60)
    assert json.loads(content[0])["videos"] > 0
    assert fifo.is_fifo()
    assert link.is_symlink()
    assert len(table(tmp_path / "new.csv")) == runs.CLASSES


def test_what_a_class_has_not_is_blank(video, command, tmp_path):
    made = [records.video("v000", labels=[2]), records.video("v001", [2, 5])]
    path = records.write(tmp_path / "a.tfrecord", made)
    out = tmp_path / "classes.csv"
    flags = [f"--model={video.run}", f"--data={path}", f"--per-class={out}"]
    assert command("evaluate", *flags).status == 0
    manifest = runs.read_json(video.shards / "manifest.json")
    names = [one["name"] for one in manifest["classes"]]
    for row in table(out):
        seen = row["index"] in ("2", "5")
        assert row["name"] == names[int(row["index"])]
        assert bool(row["average_precision"]) == seen
        assert bool(row["average_precision_top_20"]) == seen
        assert row["recall"] != ""
    assert command("evaluate", *flags, "--ranking=top_20").status == 0
    for row in table(out):
        assert row["average_precision"] == ""
        assert bool(row["average_precision_top_20"]) == (
            row["index"] in ("2", "5")
        )


def test_ranking_the_top_alone_leaves_map_out(video, evaluate):
    _, every = evaluate()
    answer, top = evaluate("--ranking=top_20")
    assert set(every) - set(top) == {"map"}
    assert "map " not in answer.out
    # Eight classes, so the top is everything.
    assert {name: every[name] for name in top} == top


def test_empty_classes_count_zero(video, command, tmp_path):
    made = [records.video("v000", labels=[2]), records.video("v001", [2, 5])]
    path = records.write(tmp_path / "a.tfrecord", made)
    found = {}
    for rule in ("drop", "zero"):
        report = tmp_path / f"{rule}.json"
        flags = [f"--model={video.run}", f"--data={path}", f"--json={report}"]
        answer = command("evaluate", *flags, f"--empty-classes={rule}")
        assert answer.status == 0
        found[rule] = read_json(report)
    assert found["drop"]["map"] > 0
    for name in ("map", "map_top_20", "f1_macro"):
        zero = found["drop"][name] * 2 / 8
        assert found["zero"][name] == pytest.approx(zero)
    assert found["zero"]["gap_at_20"] == found["drop"]["gap_at_20"]


def test_the_scores_are_those_of_the_library(video, evaluate):
    _, scores, labels = predictions(video)
    _, found = evaluate("--threshold=0.2")
    expected = metrics.evaluate(scores, labels, threshold=0.2)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-5), name


@pytest.mark.parametrize("name", ["json", "per-class"])
def test_an_output_that_is_a_folder_is_found_first(fails, tmp_path, name):
    folder = tmp_path / "a.csv"
    folder.mkdir()
    line = fails("evaluate", "--model=x", "--data=x", f"--{name}={folder}")
    assert f"--{name} {folder} is a folder: name a file" in line


def test_plots_that_are_a_file_are_found_first(fails, tmp_path):
    (tmp_path / "a").touch()
    flags = ["--model=x", "--data=x", f"--plots={tmp_path / 'a'}"]
    line = fails("evaluate", *flags)
    assert f"--plots {tmp_path / 'a'} is a file: name a folder" in line


def test_plots_without_matplotlib_say_what_to_install(
    fails, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    flags = ["--model=nope", "--data=nope", f"--plots={tmp_path / 'plots'}"]
    line = fails("evaluate", *flags)
    assert 'pip install "keras-attend-fusion[plot]"' in line
    assert not any(tmp_path.iterdir())


def test_a_history_that_is_none(video, fails, tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "model.keras").symlink_to(video.run / "model.keras")
    flags = [f"--model={tmp_path}", "--data=nope", f"--plots={tmp_path / 'p'}"]
    for text in ("epoch,loss\n1,x\n", "epoch,loss\n1\n", "epoch,cost\n1,2\n"):
        (tmp_path / "history.csv").write_text(text)
        line = fails("evaluate", *flags)
        assert f"{tmp_path / 'history.csv'} is not one of train's: " in line
