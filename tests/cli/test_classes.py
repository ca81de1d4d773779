"""Training on some of the classes, and all that reads such a model."""

from __future__ import annotations

import contextlib
import csv
import io
import json

import keras
import numpy as np
import pytest

from keras_attend_fusion import data, export, metrics
from keras_attend_fusion.cli.main import main
from tests.cli import runs

SOME = [1, 4, 6]


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """A vocabulary of the classes that are learned, and no others."""
    path = tmp_path_factory.mktemp("names") / "vocabulary.csv"
    rows = [f"{index},class number {index}" for index in SOME]
    path.write_text("\n".join(["Index,Name", *rows, ""]))
    return path


@pytest.fixture(scope="module")
def run(video, tmp_path_factory):
    """A run on the classes of a file."""
    folder = tmp_path_factory.mktemp("classes")
    chosen = folder / "chosen.csv"
    chosen.write_text("Index\n6\n1\n4\n")
    out = folder / "run"
    words = runs.train_flags(
        video.shards, out, f"--classes={chosen}", "--epochs=2"
    )
    with (
        contextlib.redirect_stdout(io.StringIO()) as said,
        contextlib.redirect_stderr(io.StringIO()) as error,
    ):
        assert main(words) == 0
    assert error.getvalue() == ""
    assert "video level, 3 of 8 classes" in said.getvalue()
    return out


@pytest.fixture(scope="module")
def truth(run, video):
    """Ids, scores and labels of the validation videos, by hand."""
    model = keras.saving.load_model(run / "model.keras", compile=False)
    assert model.output_shape == (None, 3)
    load = data.load(
        video.validate, batch_size=1000, num_classes=8, with_id=True
    )
    ((features, labels),) = load.as_numpy_iterator()
    ids = [one.decode() for one in features.pop("id")]
    return ids, model.predict(features, verbose=0), labels[:, SOME]


def test_the_run_says_which_they_are(run, truth):
    config = runs.read_json(run / "config.json")
    assert (config["num_classes"], config["classes"]) == (8, SOME)
    expected = metrics.evaluate(*truth[1:])
    found = runs.read_json(run / "metrics.json")
    for name in ("gap_at_20", "f1_micro", "videos", "classes_with_positives"):
        assert found[name] == pytest.approx(expected[name], abs=1e-6)


@pytest.mark.parametrize(
    "which", ["", "/model.keras", "/checkpoints/best.keras"]
)
def test_evaluate(run, video, truth, names, command, tmp_path, which):
    answer = command(
        "evaluate",
        f"--model={run}{which}",
        f"--data={video.validate}",
        f"--json={tmp_path / 'm.json'}",
        f"--per-class={tmp_path / 'c.csv'}",
        f"--vocabulary={names}",
    )
    assert answer.status == 0, answer
    found = runs.read_json(tmp_path / "m.json")
    expected = metrics.evaluate(*truth[1:])
    assert found["gap_at_20"] == pytest.approx(expected["gap_at_20"], abs=1e-6)
    with (tmp_path / "c.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["index"]) for row in rows] == SOME
    assert [row["name"] for row in rows] == [f"class number {c}" for c in SOME]
    assert [int(row["positives"]) for row in rows] == (
        truth[2].sum(axis=0).tolist()
    )


def test_predict_writes_the_labels_own_indices(
    run, video, truth, names, command, tmp_path
):
    out = tmp_path / "p.jsonl"
    answer = command(
        "predict",
        f"--model={run}",
        f"--data={video.validate}",
        f"--out={out}",
        f"--vocabulary={names}",
    )
    assert answer.status == 0, answer
    found = [json.loads(line) for line in out.read_text().splitlines()]
    ids, scores, _ = truth
    assert [one["id"] for one in found] == ids
    for one, mine in zip(found, scores, strict=True):
        labels = one["labels"]
        assert sorted(label["index"] for label in labels) == SOME
        for label in labels:
            assert label["name"] == f"class number {label['index']}"
            score = mine[SOME.index(label["index"])]
            assert label["score"] == pytest.approx(score, abs=1e-6)


def test_an_export_takes_them_along(
    run, video, truth, names, command, tmp_path
):
    out = tmp_path / "out"
    answer = command(
        "export",
        f"--model={run}",
        f"--out={out}",
        f"--data={video.validate}",
        f"--calibration={video.shards}/train-*",
        "--quantize=none,int8",
        "--formats=litert",
    )
    assert answer.status == 0, answer
    report = runs.read_json(out / "export.json")
    assert (report["classes"], report["classes_of"]) == (SOME, 8)
    expected = metrics.evaluate(*truth[1:])["gap_at_20"]
    assert report["files"][0]["gap_at_20"] == pytest.approx(expected, abs=1e-4)
    features = {"rgb": np.ones((1, 1024)), "audio": np.ones((1, 128))}
    exported = export.load(out / "model.tflite")
    features = {k: v.astype("float32") for k, v in features.items()}
    (best,) = exported.top_k(features, 3)
    manifest = runs.read_json(video.shards / "manifest.json")
    assert sorted(name for name, _ in best) == sorted(
        manifest["classes"][index]["name"] for index in SOME
    )
    path = tmp_path / "p.csv"
    answer = command(
        "predict",
        f"--model={out / 'model.tflite'}",
        f"--data={video.validate}",
        f"--out={path}",
    )
    assert answer.status == 0, answer
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            pairs = row["LabelConfidencePairs"].split()
            assert sorted(map(int, pairs[::2])) == SOME


def test_a_file_of_predictions_is_scored_on_them(
    run, video, truth, command, fails, tmp_path
):
    """Of a model of every class, and of one that learned these alone."""
    _, scores, labels = runs.predictions(video)
    for model, predicted, known in (
        (run, truth[1], truth[2]),
        (video.run, scores[:, SOME], labels[:, SOME]),
    ):
        path = tmp_path / f"{model.parent.name}.csv"
        words = [f"--data={video.validate}", f"--out={path}"]
        assert command("predict", f"--model={model}", *words).status == 0
        answer = command(
            "evaluate",
            f"--predictions={path}",
            f"--data={video.validate}",
            "--classes=6,4,1",
            f"--json={tmp_path / 'm.json'}",
            f"--per-class={tmp_path / 'c.csv'}",
        )
        assert answer.status == 0, answer
        expected = metrics.evaluate(predicted, known)
        found = runs.read_json(tmp_path / "m.json")
        for name in ("gap_at_20", "f1_micro", "perr"):
            assert found[name] == pytest.approx(expected[name], abs=1e-6)
        with (tmp_path / "c.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [int(row["index"]) for row in rows] == SOME
    line = fails(
        "evaluate",
        f"--model={run}",
        f"--data={video.validate}",
        "--classes=1",
        status=2,
    )
    assert "--classes goes with --predictions: a model has its own" in line


def test_what_tells_of_them(run, video, command, tmp_path):
    page = tmp_path / "video.html"
    answer = command(
        "explain",
        f"--model={run}",
        f"--data={video.validate}",
        f"--out={page}",
    )
    assert answer.status == 0, answer
    text = page.read_text()
    manifest = runs.read_json(video.shards / "manifest.json")
    known = [one["name"] for one in manifest["classes"]]
    for index in range(8):
        assert (known[index] in text) <= (index in SOME)
    assert any(known[index] in text for index in SOME)
    answer = command(
        "report",
        str(run),
        f"--data={video.validate}",
        f"--out={tmp_path / 'run.html'}",
    )
    assert answer.status == 0, answer
    text = (tmp_path / "run.html").read_text()
    assert "8 classes, 3 of them learned" in text
    assert known[6] in text
    assert known[0] not in text


def test_segments_of_some_of_them(frame, command, fails, tmp_path):
    run = tmp_path / "run"
    answer = command(
        *runs.train_flags(
            frame.shards, run, "--classes=4,1,6", "--epochs=1", *runs.QUICK
        )
    )
    assert answer.status == 0, answer
    words = [
        "predict",
        f"--model={run}",
        f"--data={frame.validate}",
        f"--out={tmp_path / 's.csv'}",
        "--segments",
        f"--segment-classes={tmp_path / 'classes.csv'}",
    ]
    (tmp_path / "classes.csv").write_text("Index\n6\n2\n")
    line = fails(*words)
    assert "1 unknown classes (Index 2): expected some of the model's 3" in line
    (tmp_path / "classes.csv").write_text("Index\n6\n1\n")
    assert command(*words).status == 0
    with (tmp_path / "s.csv").open(newline="") as file:
        rows = list(csv.DictReader(file, quoting=csv.QUOTE_MINIMAL))
    assert [row["Class"] for row in rows] == ["1", "6"]


def test_a_resumed_run_keeps_them(run, video, command, fails, tmp_path):
    words = runs.train_flags(video.shards, run, "--epochs=2", "--resume")
    line = fails(*words, "--classes=1,4")
    assert "with classes [1, 4, 6], now it is [1, 4]" in line
    assert "with classes [1, 4, 6], now it is None" in fails(*words)
    # The file that a run wrote makes another like it.
    out = tmp_path / "again"
    answer = command(
        "train",
        f"--config={run / 'config.json'}",
        f"--out={out}",
        "--epochs=1",
    )
    assert answer.status == 0, answer
    assert runs.read_json(out / "config.json")["classes"] == SOME


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,8", "--classes names 8, but there are 8: 0 to 7"),
        ("1,x", "No such file or directory: '1,x'"),
    ],
)
def test_classes_that_are_none(video, fails, tmp_path, text, expected):
    words = runs.train_flags(video.shards, tmp_path / "run", *runs.QUICK)
    assert expected in fails(*words, f"--classes={text}")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("value", [[], ["a"], 3, [-1]])
def test_a_config_whose_classes_are_none(video, fails, tmp_path, value):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"classes": value}))
    words = runs.train_flags(video.shards, tmp_path / "run", *runs.QUICK)
    line = fails(*words, f"--config={path}")
    assert f"classes is {value!r}: expected a list of class indices" in line
