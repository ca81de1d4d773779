"""What the command exports, run."""

from __future__ import annotations

import hashlib
import sys

import keras
import numpy as np
import pytest

from keras_attend_fusion import data, export, models, training
from keras_attend_fusion.cli import common
from keras_attend_fusion.export import acceptance
from keras_attend_fusion.runs import exporting
from tests.cli import runs
from tests.cli.runs import predictions, read_json


def test_export_writes_files_that_run(trained, command, tmp_path):
    out = tmp_path / "exported"
    kinds = "none,float16,dynamic" if trained.level == "video" else "none"
    answer = command(
        "export",
        f"--model={trained.run}",
        f"--out={out}",
        f"--quantize={kinds}",
    )
    assert answer.status == 0
    assert answer.error == ""
    report = read_json(out / "export.json")
    assert report["level"] == trained.level
    assert report["num_classes"] == runs.CLASSES
    files = {file["file"]: file for file in report["files"]}
    names = {"saved_model", "model.tflite"}
    if trained.level == "video":
        names |= {"model_float16.tflite", "model_dynamic.tflite"}
    assert set(files) == names
    assert {path.name for path in out.iterdir()} == names | {
        "export.json",
        "README.md",
    }
    size = files["model.tflite"]["bytes"]
    assert size == (out / "model.tflite").stat().st_size
    digest = hashlib.sha256((out / "model.tflite").read_bytes()).hexdigest()
    assert files["model.tflite"]["sha256"] == digest
    if trained.level == "video":
        assert files["model_float16.tflite"]["bytes"] < 0.6 * size
        assert files["model_dynamic.tflite"]["bytes"] < 0.4 * size
    bounds = {"none": 1e-5, "float16": 1e-3, "dynamic": 0.05}
    for file in files.values():
        assert file["max_difference"] <= bounds[file["quantize"]]
        assert 0.0 < file["p50_ms"] <= file["p95_ms"]
    _, scores, _ = predictions(trained)
    load = data.load(
        trained.validate, batch_size=1000, num_classes=runs.CLASSES
    )
    ((features, _),) = load.as_numpy_iterator()
    for name in ("model.tflite", "saved_model"):
        found = export.load(out / name)(features)
        np.testing.assert_allclose(found, scores, atol=1e-5)


def test_export_can_leave_a_format_out(video, command, tmp_path):
    out = tmp_path / "exported"
    answer = command(
        "export",
        f"--model={video.run}",
        f"--out={out}",
        "--formats=litert,litert",
        "--quantize=float16",
    )
    assert answer.status == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "README.md",
        "export.json",
        "model_float16.tflite",
    ]
    assert len(read_json(out / "export.json")["files"]) == 1


def test_export_in_8_bits_takes_videos_to_measure(video, command, tmp_path):
    out = tmp_path / "exported"
    words = ["export", f"--model={video.run}", f"--out={out}"]
    words += ["--formats=litert", "--quantize=none,int8"]
    answer = command(*words)
    assert answer.status == 2
    assert "--quantize=int8 takes --calibration=GLOB" in answer.error
    answer = command(*words, f"--calibration={tmp_path}/*.tfrecord")
    assert answer.status == 1
    assert "matches no file" in answer.error
    assert not out.exists()
    answer = command(*words, f"--calibration={video.shards}/train-*")
    assert answer.status == 0, answer.error
    report = read_json(out / "export.json")
    files = {one["quantize"]: one for one in report["files"]}
    assert files["int8"]["bytes"] < 0.4 * files["none"]["bytes"]
    assert 0.0 < files["int8"]["max_difference"] < 0.25
    assert files["int8"]["videos"] == 40  # of 240, those behind 200


def test_too_few_videos_to_measure_leave_nothing(video, command, tmp_path):
    data.synthesize(tmp_path / "few", "video", videos=60, classes=runs.CLASSES)
    out = tmp_path / "exported"
    answer = command(
        "export",
        f"--model={video.run}",
        f"--out={out}",
        "--formats=litert",
        "--quantize=none,int8",  # the first is written, and goes again
        f"--calibration={tmp_path}/few/train-*",
    )
    assert answer.status == 1
    assert "calibration holds 60 videos: give 100 or more" in answer.error
    assert not out.exists()


def test_each_file_is_scored_and_says_what_it_is(
    video, command, fails, tmp_path
):
    out = tmp_path / "exported"
    vocabulary = tmp_path / "vocabulary.csv"
    rows = [f"{c},name {c}" for c in range(runs.CLASSES)]
    vocabulary.write_text("\n".join(["Index,Name", *rows]))
    words = [
        "export",
        f"--model={video.run}",
        f"--out={out}",
        "--formats=litert",
        "--quantize=none,dynamic",
        f"--data={video.validate}",
        f"--vocabulary={vocabulary}",
    ]
    answer = command(*words)
    assert (answer.status, answer.error) == (0, "")
    report = read_json(out / "export.json")
    threshold = read_json(video.run / "metrics.json")["threshold"]
    assert report["threshold"] == report["keras"]["threshold"] == threshold
    plain, small = report["files"]
    for key in ("gap_at_20", "f1_micro"):
        assert abs(plain[key] - report["keras"][key]) < 1e-6
        assert abs(small[key] - report["keras"][key]) < 0.1
    assert plain["two_threads"]["p50_ms"] > 0.0
    page = (out / "README.md").read_text()
    assert page.startswith("# attend_fusion mobile\n")
    for text in (
        f"| {plain['gap_at_20']:.4f} | {plain['f1_micro']:.4f} |",
        f"'--data={video.validate}'",
        "- `rgb`: float32 (batch, 1024).",
        f"Classes at {threshold:.4f} or more",
    ):
        assert text in page
    loaded = export.load(out / "model.tflite")
    assert loaded.labels == [f"name {c}" for c in range(runs.CLASSES)]
    assert loaded.facts["quantize"] == "none"
    assert loaded.facts["preset"] == "mobile"
    error = fails("evaluate", f"--model={out}", f"--data={video.validate}")
    assert f"an export folder: name one of the files in it, such as {out}" in (
        error
    )


def test_a_file_that_scores_worse_is_refused(
    video, fails, tmp_path, monkeypatch
):
    monkeypatch.setattr(acceptance, "ENOUGH", 10)
    monkeypatch.setitem(acceptance.LOSSES, "none", -1e-9)
    error = fails(
        "export",
        f"--model={video.run}",
        f"--out={tmp_path / 'out'}",
        "--formats=litert",
        f"--data={video.validate}",
    )
    assert "model.tflite has gap_at_20 0." in error
    assert "not exported" in error
    assert not any(tmp_path.iterdir())


def test_a_mixed_precision_model_is_scored_as_it_is_exported(
    video, command, tmp_path
):
    """In float32, or its own rounding would count as a file's loss."""
    trained = keras.saving.load_model(video.run / "model.keras", compile=False)
    keras.config.set_dtype_policy("mixed_bfloat16")
    mixed = models.build(
        "attend_fusion", "mobile", "video", runs.CLASSES, members=1
    )
    mixed.set_weights(trained.get_weights())
    mixed.save(tmp_path / "mixed.keras")
    reports = []
    for name, path in (
        ("plain", video.run / "model.keras"),
        ("mixed", tmp_path / "mixed.keras"),
    ):
        out = tmp_path / name
        answer = command(
            "export",
            f"--model={path}",
            f"--out={out}",
            "--formats=litert",
            f"--data={video.shards}/*.tfrecord",
        )
        assert answer.status == 0, answer.error
        reports.append(read_json(out / "export.json"))
    assert reports[0]["keras"] == reports[1]["keras"]
    rounded = training.score(
        mixed, data.load(f"{video.shards}/*.tfrecord", num_classes=8)
    ).result()
    assert rounded["gap_at_20"] != reports[0]["keras"]["gap_at_20"]


@pytest.mark.parametrize("package", ["onnx", "tf2onnx", "onnxruntime"])
def test_onnx_without_its_extra_is_one_line(
    fails, tmp_path, monkeypatch, package
):
    monkeypatch.setitem(sys.modules, package, None)
    line = fails("export", "--model=nope", "--formats=litert,onnx")
    assert f"{package}, which is not installed: pip install " in line
    assert '"keras-attend-fusion[onnx]"' in line


def test_the_help_names_every_format_and_kind():
    """It is written out where nothing has to be loaded for it."""
    assert common.FORMATS == exporting.FORMATS
    assert tuple(acceptance.BOUNDS) == common.QUANTIZED
