"""What the command exports, run."""

from __future__ import annotations

import numpy as np

from keras_attend_fusion import data, export
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
    assert {path.name for path in out.iterdir()} == names | {"export.json"}
    size = files["model.tflite"]["bytes"]
    assert size == (out / "model.tflite").stat().st_size
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
        "--quantize=int8",
        f"--calibration={tmp_path}/few/train-*",
    )
    assert answer.status == 1
    assert "calibration holds 60 videos: give 100 or more" in answer.error
    assert not out.exists()
