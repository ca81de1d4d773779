"""What the command report writes, and what it refuses."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from keras_attend_fusion import data, metrics
from keras_attend_fusion.reports import hardest_videos as videos
from tests.cli import damage, runs
from tests.reports.made import HOSTILE
from tests.reports.test_run_page import Parsed


def page_of(path):
    return Parsed(path.read_text("utf-8"))


def run_without_model(trained, folder):
    """A copy of a run's small files."""
    folder.mkdir(parents=True)
    for name in ("config.json", "metrics.json", "history.csv"):
        shutil.copy(trained.run / name, folder / name)
    return folder


def vocabulary(folder, names):
    rows = [f'{c},"{name}"' for c, name in enumerate(names)]
    path = folder / "vocabulary.csv"
    path.write_text("\n".join(["Index,Name", *rows]) + "\n")
    return path


def test_a_run_alone(video, command, tmp_path):
    """Into the run's own folder, and again in place of the old page."""
    folder = run_without_model(video, tmp_path / "my <run>")
    for _ in range(2):
        answer = command("report", folder)
        assert answer.status == 0, answer
        assert answer.error == ""
        assert answer.out == f"Wrote {folder / 'report.html'}.\n"
    page = page_of(folder / "report.html")
    assert "Training report: my <run>" in page.text
    kept = runs.read_json(folder / "metrics.json")
    shown = dict(page.tables["Metrics"])
    assert shown["GAP@20"] == f"{kept['gap_at_20']:.4f}"
    assert shown["videos"] == str(kept["videos"])
    assert len(page.tables["Every epoch"]) == 1 + runs.EPOCHS["video"]
    assert dict(page.tables["Settings"])["batch_size"] == "16"


def test_the_videos_of_a_glob(trained, command, tmp_path):
    """The numbers are those of the metrics, and of the scores themselves."""
    out = tmp_path / "new" / "report.html"
    names = [f"{HOSTILE} {c}".replace('"', '""') for c in range(runs.CLASSES)]
    answer = command(
        "report",
        trained.run,
        f"--data={trained.validate}",
        f"--out={out}",
        f"--vocabulary={vocabulary(tmp_path, names)}",
        "--batch-size=9",
    )
    assert answer.status == 0, answer
    page = page_of(out)
    ids, scores, labels = runs.predictions(trained)
    threshold = runs.read_json(trained.run / "metrics.json")["threshold"]
    expected = metrics.evaluate(scores, labels, threshold=threshold)
    shown = {row[0]: row[2] for row in page.tables["Metrics"]}
    assert float(shown["GAP@20"]) == pytest.approx(
        expected["gap_at_20"], abs=1e-3
    )
    assert shown["threshold of F1"] == f"{threshold:.4f}"
    precisions = videos.average_precisions(scores, labels > 0)
    hardest = int(np.nanargmin(precisions))
    lowest = f"Average precision {precisions[hardest]:.4f}"
    assert lowest in page.text
    assert f"Video {ids[hardest]}" in page.text
    counted = dict(row[:2] for row in page.tables["Labels a video"][1:])
    sums = labels.sum(axis=1).tolist()
    assert {int(n): int(count) for n, count in counted.items()} == {
        n: sums.count(n) for n in range(max(sums) + 1)
    }
    held = dict(page.tables["What the shards hold"])
    assert held["Videos"] == str(len(ids))
    framed = [one for one in data.inspect(trained.validate) if one.frames_max]
    assert ("Frames a video" in held) == bool(framed)
    assert not page.of("script")
    assert HOSTILE in page.text


def test_records_that_cannot_be_used(video, command, fails, tmp_path):
    shard = damage.damaged(tmp_path / "one.tfrecord", "video", "size")
    out = tmp_path / "report.html"
    flags = ["report", video.run, f"--data={shard}", f"--out={out}"]
    assert str(shard) in fails(*flags)
    assert not out.exists()
    answer = command(*flags, "--on-corrupt=skip")
    assert answer.status == 0
    held = dict(page_of(out).tables["What the shards hold"])
    assert held["Records that cannot be used"] == "1"
    assert held["Videos"] == "6"
    assert held["Videos without sound"] == "3"


def test_exported_files(video, command, fails, tmp_path):
    folder = run_without_model(video, tmp_path / "run")
    export = tmp_path / "exported"
    export.mkdir()
    kept = runs.read_json(folder / "metrics.json")
    files = [{"file": HOSTILE, "format": "litert", "bytes": 1_000_000}]
    report = {"weights": kept["weights"], "files": files}
    (export / "export.json").write_text(json.dumps(report))
    assert command("report", folder, f"--export={export}").status == 0
    row = page_of(folder / "report.html").tables["Exported files"][1]
    assert row[:3] == [HOSTILE, "LiteRT", "1.0"]
    report["weights"] = "0123"
    (export / "export.json").write_text(json.dumps(report))
    line = fails("report", folder, f"--export={export}")
    assert "is of another model (the weights 0123" in line
    (export / "export.json").write_text('{"files": [3]}')
    assert "not an export folder" in fails(
        "report", folder, f"--export={export}"
    )
    line = fails("report", folder, f"--export={tmp_path / 'nope'}")
    assert "it has no whole export.json" in line


def test_the_projects_own_baselines(video, command, tmp_path):
    folder = run_without_model(video, tmp_path / "run")
    file = runs.ROOT / "docs" / "results.json"
    assert command("report", folder, f"--baselines={file}").status == 0
    page = page_of(folder / "report.html")
    rows = page.tables["This run and the baselines"]
    assert len(rows) == 2 + len(runs.read_json(file))
    assert rows[0][2:] == ["GAP@20", "mAP", "Hit@1", "PERR", "F1 (micro)"]
    best = next(row for row in rows if "attend_fusion, base, plain" in row[0])
    assert best[1] == "68,881,240"
    assert best[2].startswith("0.72")
    assert "Not comparable" in page.text


@pytest.mark.parametrize("text", ["[3]", "{}", '[{"preset": "base"}]', "["])
def test_baselines_of_another_form(video, fails, tmp_path, text):
    folder = run_without_model(video, tmp_path / "run")
    file = tmp_path / "other.json"
    file.write_text(text)
    assert f"--baselines {file}" in fails(
        "report", folder, f"--baselines={file}"
    )


def test_what_is_refused(video, fails, tmp_path):
    folder = run_without_model(video, tmp_path / "run")
    line = fails("report", tmp_path / "nope")
    assert "holds no run: it has no config.json" in line
    (tmp_path / "there.html").touch()
    line = fails("report", folder, f"--out={tmp_path / 'there.html'}")
    assert "exists: remove it or name another --out" in line
    line = fails("report", folder, "--data=nope-*")
    assert "is not a model folder (model.keras not found)" in line
    (folder / "metrics.json").write_text("[")
    assert "metrics.json is not JSON" in fails("report", folder)
    (folder / "metrics.json").unlink()
    (folder / "history.csv").write_text("a,b\n1,2\n")
    assert "history.csv is not one of train's" in fails("report", folder)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ([], "expected one folder DIR that train wrote, got none"),
        (["a", "b"], "expected one folder DIR that train wrote, got ["),
        (["a", "--out=x.pdf"], "--out is x.pdf: it has to end in .html"),
        (["a", "--vocabulary=x"], "--vocabulary goes with --data"),
    ],
)
def test_wrong_usage(fails, flags, said):
    assert said in fails("report", *flags, status=2)


@pytest.mark.real_data
def test_real_videos(command, real_data, tmp_path):
    """A shard of the real ones, with the real names."""
    shard = real_data / "yt8m_video" / "validate0000.tfrecord"
    folder = tmp_path / "run"
    train = ["train", f"--train={shard}", f"--validate={shard}"]
    train += ["--model=logistic", "--preset=base", "--epochs=1"]
    assert command(*train, f"--out={folder}").status == 0
    names = real_data / "vocabulary.csv"
    answer = command(
        "report", folder, f"--data={shard}", f"--vocabulary={names}"
    )
    assert answer.status == 0, answer
    page = page_of(folder / "report.html")
    held = dict(page.tables["What the shards hold"])
    assert int(held["Videos"]) == data.count(str(shard))
    assert len(page.tables["Best classes"]) == 1 + 10
    assert page.text.count("Average precision 0.") == 10
