"""Exported models in place of trained ones: the same tables and files."""

from __future__ import annotations

import contextlib
import json
from typing import ClassVar

import numpy as np
import pytest

from keras_attend_fusion import export, models
from keras_attend_fusion.runs import load_model as any_model
from tests.cli import runs
from tests.cli.runs import predictions, read_json

THRESHOLD = 0.4321


@pytest.fixture(scope="module")
def exports(video, tmp_path_factory):
    """The video-level run's model in every format, by format."""
    import keras

    folder = tmp_path_factory.mktemp("exports")
    model = keras.saving.load_model(video.run / "model.keras", compile=False)
    paths = {
        "saved_model": export.saved_model(model, folder / "saved_model"),
        "litert": export.litert(model, folder / "model.tflite"),
    }
    with contextlib.suppress(ImportError):
        paths["onnx"] = export.onnx(model, folder / "model.onnx")
    for path in paths.values():
        names = [f"name {c}" for c in range(runs.CLASSES)]
        export.add_facts(path, {"threshold": THRESHOLD}, names)
    return paths


@pytest.mark.parametrize("kind", ["saved_model", "litert", "onnx"])
def test_every_format_is_scored_and_predicts(
    video, exports, command, tmp_path, kind
):
    if kind not in exports:
        pytest.skip("tf2onnx is not installed")
    words = [f"--model={exports[kind]}", f"--data={video.validate}"]
    answer = command("evaluate", *words, f"--json={tmp_path / 'a.json'}")
    assert (answer.status, answer.error) == (0, "")
    assert f"that {exports[kind].name} holds" in answer.out
    found = read_json(tmp_path / "a.json")
    command(
        "evaluate",
        f"--model={video.run}",
        f"--data={video.validate}",
        f"--threshold={THRESHOLD}",
        f"--json={tmp_path / 'b.json'}",
    )
    expected = read_json(tmp_path / "b.json")
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-5)

    out = tmp_path / "top.jsonl"
    answer = command("predict", *words, f"--out={out}", "--top-k=2")
    assert answer.status == 0
    ids, scores, _ = predictions(video)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["id"] for line in lines] == ids
    for line, row in zip(lines, scores, strict=True):
        best = line["labels"][0]
        assert best["name"] == f"name {best['index']}"
        assert best["score"] == pytest.approx(row.max(), abs=1e-5)


def test_segments_are_predicted(frame, command, tmp_path):
    import keras

    model = keras.saving.load_model(frame.run / "model.keras", compile=False)
    path = export.litert(model, tmp_path / "model.tflite")
    tables = []
    for name, given in (("a", path), ("b", frame.run)):
        out = tmp_path / f"{name}.csv"
        answer = command(
            "predict",
            f"--model={given}",
            f"--data={frame.validate}",
            f"--out={out}",
            "--segments",
            "--top-segments=3",
        )
        assert answer.status == 0, answer.error
        tables.append(out.read_text().splitlines())
    assert len(tables[0]) == len(tables[1]) == runs.CLASSES + 1
    same = np.mean([one == two for one, two in zip(*tables, strict=True)])
    assert same > 0.5  # scores that differ in the last digits may swap


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("text", "model.txt is neither a SavedModel folder nor a LiteRT or"),
        ("cut", "model.tflite cannot be loaded: "),
        ("others", "model.tflite holds a model that takes x (None, 2, 4)"),
    ],
)
def test_what_is_no_export_of_this_package(
    exports, fails, tmp_path, case, expected
):
    path = tmp_path / ("model.txt" if case == "text" else "model.tflite")
    if case == "text":
        path.write_text("no model")
    elif case == "cut":
        pytest.importorskip("ai_edge_litert")
        path.write_bytes(exports["litert"].read_bytes()[:9999])
    else:
        import keras

        x = keras.Input((2, 4), name="x")
        flat = keras.layers.Flatten()(x)
        model = keras.Model({"x": x}, keras.layers.Dense(3)(flat))
        export.litert(model, path)
    error = fails("evaluate", f"--model={path}", "--data=nope")
    assert expected in error


def test_a_model_of_more_classes_than_the_labels_is_fine(
    video, command, tmp_path
):
    model = models.build("logistic", "base", "video", runs.CLASSES + 3)
    path = export.litert(model, tmp_path / "model.tflite")
    answer = command("evaluate", f"--model={path}", f"--data={video.validate}")
    assert answer.status == 0, answer.error
    assert "picked on these videos" in answer.out


def test_a_threshold_of_0_is_one(exports):
    class Exported:
        name = "a.tflite"
        facts: ClassVar = {"threshold": 0.0}

    path = str(exports["litert"])
    found = any_model.threshold_of(path, Exported())
    assert found == (0.0, "that a.tflite holds")
    Exported.facts = {}
    assert any_model.threshold_of(path, Exported()) == (None, "")


@pytest.mark.parametrize("name", ["evaluate", "predict"])
def test_a_damaged_file_is_one_line(exports, fails, tmp_path, name):
    path = tmp_path / "model.tflite"
    content = bytearray(exports["litert"].read_bytes())
    content[len(content) // 2 : len(content) // 2 + 999] = bytes([255]) * 999
    path.write_bytes(content)
    line = fails(
        name,
        f"--model={path}",
        "--data=nope",
        *([f"--out={tmp_path / 'a.csv'}"] if name == "predict" else []),
    )
    assert f"{path} cannot be loaded: it is damaged: its checksum is" in line


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ("5", "export.json holds 5: expected a JSON object"),
        ("[" * 100_000, "export.json is nested too deep"),
        ("{}", "export.json: expected a list of files"),
        ('{"files": [1]}', "export.json: expected a list of files"),
        (
            '{"files": [{"file": "model.tflite", "sha256": "0"}]}',
            "model.tflite is damaged, or not the one that export.json beside",
        ),
    ],
)
def test_the_report_beside_a_file(exports, fails, tmp_path, report, expected):
    path = tmp_path / "model.tflite"
    path.write_bytes(exports["litert"].read_bytes())
    (tmp_path / "export.json").write_text(report)
    assert expected in fails("evaluate", f"--model={path}", "--data=nope")
