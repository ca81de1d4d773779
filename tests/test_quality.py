"""benchmarks/quality: killed, resumed, and its tables."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import keras_attend_fusion as kaf

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.quality import fit  # noqa: E402
from benchmarks.quality.ablation import PARTS  # noqa: E402
from benchmarks.quality.rows import GRIDS, buildable  # noqa: E402
from benchmarks.quality.runs import (  # noqa: E402
    TUNING_SEED,
    Runs,
    digest,
    table,
)
from benchmarks.quality.tables import (  # noqa: E402
    KEYS,
    ablation_tables,
    curve_tables,
    model_tables,
)
from benchmarks.quality.videos import (  # noqa: E402
    Videos,
    from_shards,
    in_steps,
    lists,
    read,
)

MILD = {"dropout": 0.1, "weight_decay": 0.02, "epochs": 2}
GRID = [[{"rate": 0.25, **MILD}, {"rate": 1.0, **MILD}], [{"epochs": 3}]]
ROWS = ("early_fusion:small", "fully_connected:small")
TRAININGS = 2 * (3 + 2)  # rows × (settings + seeds)


def spawn(folder: Path, *others: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "benchmarks.quality"]
    words += ["--rows", *ROWS, "--seeds", "0", "1", "--batch-size", "32"]
    words += ["--grid", "grid.json", "--out", "runs", "--docs", "docs"]
    words += ["--arrays", "videos.npz", *others]
    return subprocess.Popen(
        words,
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "KERAS_BACKEND": "tensorflow",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    out, error = process.communicate(timeout=900)
    assert process.returncode == 0, error[-3000:]
    return out


def finished(folder: Path) -> dict[str, tuple[float, str]]:
    """The trainings that are there: when each was written, and what."""
    paths = (folder / "runs").glob("[!.]*.json")
    return {p.name: (p.stat().st_mtime, p.read_text()) for p in paths}


def test_without_trainings_there_is_no_row(tmp_path: Path) -> None:
    kept = tmp_path / "trainings.json"
    base = {"group": "plain"}
    runs = Runs(tmp_path, kept, None, base, train=False)
    assert table(runs, list(ROWS), GRID, [0], "gap_at_20") == []


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A run that was killed after a few trainings."""
    folder = tmp_path_factory.mktemp("quality")
    kaf.data.synthesize(folder / "shards", "video", 240, shards=8, classes=6)
    (folder / "grid.json").write_text(json.dumps(GRID))
    shards = folder / "shards"
    from_shards(f"{shards}/train-*", f"{shards}/validate-*").write(
        folder / "videos.npz"
    )
    process = spawn(folder)
    try:
        until = time.monotonic() + 600
        while len(finished(folder)) < 2 and process.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    return folder, finished(folder)


def test_a_killed_run_goes_on_and_writes_the_table(
    killed: tuple[Path, dict[str, Any]],
) -> None:
    folder, before = killed
    assert 2 <= len(before) < TRAININGS
    out = finish(spawn(folder))
    after = finished(folder)
    assert len(after) == TRAININGS
    assert out.count("GAP") == TRAININGS - len(before)
    assert before.items() <= after.items()
    written = (folder / "docs" / "results.json").read_text()
    rows = json.loads(written)
    assert {f"{row['model']}:{row['preset']}" for row in rows} == set(ROWS)
    results = [json.loads(text) for _, text in after.values()]
    for row in rows:
        mine = [r for r in results if r["job"]["model"] == row["model"]]
        tuned = [r for r in mine if r["job"]["seed"] == TUNING_SEED]
        best = max(tuned, key=lambda one: one["metrics"]["gap_at_20"])
        assert len(tuned) == row["trainings_to_tune"] == 3
        tried = [one["job"]["setting"] for one in tuned]
        first = [one for one in tried if one["epochs"] == 2]
        (second,) = (one for one in tried if one["epochs"] == 3)
        assert len(first) == 2
        assert {**second, "epochs": 2} in first
        assert row["setting"] == best["job"]["setting"]
        assert row["learning_rate"] == best["learning_rate"]
        scored = [r for r in mine if r["job"]["seed"] in (0, 1)]
        assert row["seeds"] == [0, 1]
        assert all(r["job"]["setting"] == row["setting"] for r in scored)
        for key in KEYS:
            one, two = (r["metrics"][key] for r in scored)
            assert row[key]["mean"] == pytest.approx((one + two) / 2)
            assert row[key]["std"] == pytest.approx(
                abs(one - two) / math.sqrt(2), abs=1e-12
            )
        assert row["gap_at_20"]["std"] > 0  # the seeds are different
        assert row["gap_at_20"]["mean"] > 0.4  # and it has learnt something
        assert (row["level"], row["group"]) == ("video", "plain")
    counts = {row["model"]: row for row in rows}
    small = counts["fully_connected"]
    # 2048 from the picture and from the sound, then 6 classes.
    products = (1024 + 128) * 2048 + 4096 * 6
    assert small["parameters"] == products + 4096 + 6
    assert small["flops"] == 2 * products
    text = (folder / "docs" / "results.md").read_text()
    assert text.count("\n| `") == 3 * 2  # three tables of two models
    assert str(folder) not in text
    # Without the folder, the file in docs is enough.
    (folder / "runs").rename(folder / "elsewhere")
    assert "GAP" not in finish(spawn(folder))
    assert (folder / "docs" / "results.json").read_text() == written
    if importlib.util.find_spec("matplotlib"):
        assert (folder / "docs" / "results.svg").stat().st_size > 10_000
    else:
        assert "No matplotlib" in out


@pytest.mark.parametrize(
    ("page", "tables"),
    [
        ("results", model_tables),
        ("frames", model_tables),
        ("learning_curve", curve_tables),
        ("ablation", ablation_tables),
    ],
)
def test_the_pages_show_the_numbers_beside_them(
    page: str, tables: Callable[[Any], str]
) -> None:
    """As the generator writes them, in tables of no more than 7 columns."""
    docs = ROOT / "docs"
    rows = json.loads((docs / f"{page}.json").read_text())
    text = (docs / f"{page}.md").read_text()
    assert text.endswith(f"```\n\n{tables(rows)}\n")
    for line in re.findall(r"^\|.*\|$", text, re.M):
        assert line.count("|") <= 1 + 7
        assert " ± " not in line  # which would break


def test_the_curve_is_a_page(killed: tuple[Path, Any]) -> None:
    """Of what is trained already: all of the videos, by both models."""
    folder, _ = killed
    finish(spawn(folder))  # what is finished is not trained again
    finish(spawn(folder, "--curve", "--report"))
    rows = json.loads((folder / "docs" / "learning_curve.json").read_text())
    assert [row["model"] for row in rows] == [one.split(":")[0] for one in ROWS]
    page = (folder / "docs" / "learning_curve.md").read_text()
    videos = rows[0]["videos_to_train"]
    for row in rows:
        epochs = row["setting"]["epochs"]
        steps = videos // 32 * epochs
        assert f"| `small` | {videos} | {epochs} | {steps} | " in page
    assert "benchmarks.quality --curve --grid grid.json" in page


BUILDER = """
import keras


@keras.saving.register_keras_serializable("mine")
class Scale(keras.layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.factor


def build(num_classes, dropout=0.0):
    inputs = {
        "rgb": keras.Input((1024,), name="rgb"),
        "audio": keras.Input((128,), name="audio"),
    }
    hidden = Scale()(keras.layers.concatenate(list(inputs.values())))
    hidden = keras.layers.Dropout(dropout, name="drop")(hidden)
    scores = keras.layers.Dense(num_classes, activation="sigmoid")(hidden)
    return keras.Model(inputs, scores)
"""


def test_a_builder_of_ones_own_is_a_row(
    killed: tuple[Path, Any], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(BUILDER)
    for name in ("grid.json", "videos.npz"):
        (tmp_path / name).write_bytes((killed[0] / name).read_bytes())
    rows = ["--rows", "mine:build", "logistic:base"]
    printed = finish(spawn(tmp_path, *rows))
    assert printed.count("mine:build plain seed") == 3 + 2
    results = json.loads((tmp_path / "docs" / "results.json").read_text())
    by_model = {row["model"]: row for row in results}
    assert set(by_model) == {"mine:build", "logistic"}
    own = by_model["mine:build"]
    assert own["parameters"] == 1152 + 1152 * 6 + 6
    assert own["flops"] == 2 * 1152 * 6
    assert own["setting"]["dropout"] == MILD["dropout"]
    page = (tmp_path / "docs" / "results.md").read_text()
    assert "--rows mine:build logistic:base\n" in page
    assert "GAP" not in finish(spawn(tmp_path, *rows))  # all is trained


def test_a_row_that_cannot_be_built_is_left_out(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "own_rows.py").write_text(BUILDER)
    monkeypatch.syspath_prepend(tmp_path)
    rows = ["lstm:base", "lstm:huge", "own_rows:build", "own_rows:nothing"]
    assert buildable(rows) == ["lstm:base", "own_rows:build"]
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("lstm:huge: left out: lstm has no preset 'huge'")
    assert "own_rows has no function 'nothing'" in second
    job = {"model": "own_rows:build", "preset": "base", "level": "video"}
    model = fit.build({**job, "setting": {"dropout": 0.4}}, 3)
    assert model.get_layer("drop").rate == 0.4


def test_videos_are_kept_in_bytes(killed: tuple[Path, Any]) -> None:
    folder, _ = killed
    videos = read(folder / "videos.npz")
    assert {v.dtype.name for v in videos.features.values()} == {"int8"}
    dataset = kaf.data.load(
        f"{folder}/shards/train-*", batch_size=10_000, num_classes=6
    )
    ((features, labels),) = dataset.as_numpy_iterator()
    rows = videos.train_rows()
    got, got_labels = videos.batch(rows)
    np.testing.assert_array_equal(got_labels, labels)
    for name, values in features.items():
        step = np.abs(values).max() / 127
        np.testing.assert_allclose(got[name], values, atol=0.51 * step)
    assert set(videos.train_rows(1 / 9)) < set(videos.train_rows(1 / 3))
    assert len(videos.train_rows(1 / 3)) == round(len(rows) / 3)
    halves = [len(videos.rows(part)) for part in (1, 2)]
    assert len(rows) + sum(halves) == len(videos.part)
    assert min(halves) > 0


def test_a_row_of_zeros_stays_one() -> None:
    values = np.float32([[0.0, 0.0], [1.27, -2.54], [-0.011, 2.0]])
    steps, scale = in_steps(values)
    np.testing.assert_allclose(scale, [0.01, 0.02], rtol=1e-6)
    np.testing.assert_array_equal(steps, [[0, 0], [127, -127], [-1, 100]])


def test_the_next_stage_changes_the_best_of_the_last(tmp_path: Path) -> None:
    scores = {(1, 0): 0.3, (2, 0): 0.5, (3, 0): 0.4, (2, 1): 0.6, (2, 2): 0.1}
    runs = Runs(tmp_path, tmp_path / "no", None, {"group": "g"})
    for (a, b), score in scores.items():
        job = {"setting": {"a": a, "b": b}, "group": "g", "seed": 1000}
        job |= {"model": "logistic", "preset": "base"}
        result = {"job": job, "metrics": {"map": score}}
        runs.finished[digest(job)] = result
    runs.train = False
    first = [{"a": a, "b": 0} for a in (1, 2, 3)]
    for second, expected in (
        ([{"b": 1}, {"b": 2}], (2, 1)),
        ([{"b": 2}], (2, 0)),  # nothing better: the first one stays
    ):
        best, tried = runs.tuned("logistic:base", [first, second], "map")
        assert tuple(best["setting"].values()) == expected
        assert len(tried) == 3 + len(second)
    assert runs.tuned("logistic:base", [first, [{"b": 3}]], "map") is None


def test_the_grids_are_whole() -> None:
    names = {"rate", "dropout", "weight_decay", "epochs"}
    for first, *more in GRIDS.values():
        assert all(set(one) == names for one in first)
        assert all(set(one) < names for stage in more for one in stage)


def test_the_parts_have_as_many_parameters_as_the_whole() -> None:
    job = {"model": "attend_fusion", "preset": "base", "level": "video"}
    whole = None
    for name, change in PARTS.items():
        setting = {"dropout": 0.2, **change.get("setting", {})}
        model = fit.build({**job, **change, "setting": setting}, 3862)
        whole = whole or model.count_params()
        assert abs(model.count_params() / whole - 1) < 0.02, name


def test_the_fingerprint_is_of_the_videos_not_of_their_order(
    killed: tuple[Path, Any],
) -> None:
    videos = read(killed[0] / "videos.npz")
    order = np.random.default_rng(0).permutation(len(videos.part))
    ends = videos.label_ends
    labels = [videos.label_classes[ends[i] : ends[i + 1]] for i in order]

    def changed(part: np.ndarray) -> str:
        return Videos(
            {name: v[order] for name, v in videos.features.items()},
            videos.scales,
            *lists(labels),
            part[order],
            videos.num_classes,
        ).fingerprint()

    assert changed(videos.part) == videos.fingerprint()
    assert changed(1 - videos.part) != videos.fingerprint()


@pytest.mark.real_data
def test_trainings_that_are_kept_are_of_the_shards_there_are(
    real_data: Path,
) -> None:
    folder = real_data / "yt8m_video"
    videos = from_shards(
        f"{folder}/validate00*.tfrecord", f"{folder}/validate01*.tfrecord"
    )
    kept = json.loads((ROOT / "docs" / "trainings.json").read_text())
    data = {
        one["job"]["data"] for one in kept if one["job"]["level"] == "video"
    }
    assert data == {videos.fingerprint()}
