"""What the benchmark prints and writes; how long it takes is not tested."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from keras_attend_fusion import export, models
from keras_attend_fusion.cli.benchmarks import exported
from keras_attend_fusion.cli.benchmarks.bandwidth import Memory
from tests.cli.runs import read_json

PRINTED = {
    "parameters": "{:,}",
    "bytes_of_first": "{:.4f}",
    "p50_ms": "{:.3f}",
    "p95_ms": "{:.3f}",
    "first_ms": "{:.0f}",
    "videos_a_second": "{:.1f}",
    "videos_a_second_in_batches": "{:.1f}",
    "limit": "{:.1f}",
    "of_limit": "{:.2f}",
    "of_warm_limit": "{:.2f}",
    "of_first": "{:.2f}",
}


def assert_they_fit(found):
    """The figures of each row follow from what was measured."""
    speeds = {one["threads"]: one["bytes_a_second"] for one in found["memory"]}
    firsts = {}
    for row in found["rows"]:
        group = row["frames"], row["threads"]
        first = firsts.setdefault(group, row)
        rate = 1000 / row["p50_ms"]
        assert row["videos_a_second"] == pytest.approx(rate)
        assert row["videos_a_second_in_batches"] == pytest.approx(
            1000 * found["batch_size"] / row["batch_ms"]
        )
        limit = speeds[row["threads"]] / row["bytes"]
        assert row["limit"] == pytest.approx(limit)
        assert row["of_limit"] == pytest.approx(rate / limit)
        assert row["of_warm_limit"] == pytest.approx(rate / row["warm_limit"])
        assert row["of_first"] == pytest.approx(first["p50_ms"] / row["p50_ms"])
        assert row["bytes_of_first"] == row["bytes"] / first["bytes"]


def assert_printed(found, text):
    """Every figure is in a line that names its file."""
    for row in found["rows"]:
        kind = "" if row["quantize"] == "none" else f" {row['quantize']}"
        name = f"{row['model']}:{row['preset']} {row['format']}{kind} "
        lines = [line for line in text.splitlines() if name in f"{line} "]
        words = {word for line in lines for word in line.split()}
        for key, form in PRINTED.items():
            assert form.format(row[key]) in words, (key, row)
        assert f"{row['bytes'] / 1e6:.2f}" in words
    for one in found["memory"]:
        speed = f"{one['bytes_a_second'] / 1e9:.1f} GB/s:"
        threads = f"{one['threads']} thread"
        assert any(
            line.startswith(threads) and line.endswith(speed)
            for line in text.splitlines()
        )


def test_files_are_timed(command, tmp_path):
    report = tmp_path / "report.json"
    answer = command(
        "benchmark",
        "inference",
        "--level=video",
        "--models=attend_fusion:mobile,logistic:base:dynamic",
        "--quantize=none,int8",
        "--classes=30",
        "--batch-size=3",
        "--steps=5",
        "--repeats=1",
        f"--json={report}",
    )
    assert answer.status == 0, answer.error
    found = read_json(report)
    kinds = [
        ("attend_fusion", "none"),
        ("attend_fusion", "int8"),
        ("logistic", "dynamic"),
    ]
    assert [
        (row["threads"], row["model"], row["quantize"]) for row in found["rows"]
    ] == [(threads, *kind) for threads in (1, 2) for kind in kinds]
    large, small, other = found["rows"][:3]
    model = models.build("attend_fusion", "mobile", num_classes=30)
    assert large["parameters"] == small["parameters"] == model.count_params()
    assert 3.9 < large["bytes"] / model.count_params() < 4.1
    assert small["bytes_of_first"] < 0.3
    assert other["parameters"] == (1024 + 128 + 1) * 30
    for row in found["rows"]:
        assert 0 < row["p50_ms"] <= row["p95_ms"] < row["first_ms"]
    assert_they_fit(found)
    assert_printed(found, answer.out)


OWN = """
import keras


@keras.saving.register_keras_serializable("timed")
class Scale(keras.layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.factor


def build(num_classes, level):
    inputs = {
        "rgb": keras.Input((1024,), name="rgb"),
        "audio": keras.Input((128,), name="audio"),
    }
    hidden = Scale()(keras.layers.concatenate(list(inputs.values())))
    scores = keras.layers.Dense(num_classes, activation="sigmoid")(hidden)
    return keras.Model(inputs, scores)
"""


def test_a_builder_of_ones_own_is_timed(command, tmp_path, monkeypatch):
    (tmp_path / "timed_model.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    report = tmp_path / "report.json"
    flags = ["--level=video", "--classes=5", "--batch-size=3", "--steps=2"]
    flags += ["--repeats=1", f"--json={report}"]
    answer = command(
        "benchmark",
        "inference",
        "--models=timed_model:build:dynamic,logistic:base:none",
        *flags,
    )
    assert answer.status == 0, answer.error
    figures = read_json(report)
    own, other = figures["rows"][:2]
    assert (own["model"], own["quantize"]) == ("timed_model:build", "dynamic")
    assert (other["model"], other["quantize"]) == ("logistic", "none")
    assert own["parameters"] == 1152 + (1152 + 1) * 5
    assert_printed(figures, answer.out)
    answer = command(
        "benchmark", "train", "--model=timed_model:build", "--videos=20", *flags
    )
    assert answer.status == 0, answer.error
    assert read_json(report)["model"] == "timed_model:build"


def test_every_format_and_length_by_turns(command, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    asked = []

    def latency(path, features, num_threads, runs):
        """The first round is the slower one, but for its last case."""
        asked.append((path.name, len(features["rgb"]), num_threads, runs))
        scores = export.load(path)(features)
        assert scores.shape == (len(features["rgb"]), 5)
        # Not to the last bit: the rows after the last full tile differ.
        np.testing.assert_allclose(
            scores, scores[:1].repeat(len(scores), 0), rtol=1e-5
        )
        frames = features["rgb"].shape[1]
        slow = 2.0 if len(asked) < 2 * 20 else 1.0
        return {
            "p50_ms": slow * frames * len(features["rgb"]),
            "p95_ms": 9.0,
            "first_ms": 40.0,
            "peak_mb": None,
        }

    # Files are written here, as a process for each takes long.
    monkeypatch.setattr(
        exported, "_alone", lambda job: exported._exported(*job)
    )
    monkeypatch.setattr(export, "latency", latency)
    monkeypatch.setattr(
        Memory,
        "bytes_a_second",
        lambda self, threads, size=None: 1e6 * threads * (2 if size else 1),
    )
    monkeypatch.setattr(Memory, "__init__", lambda self: None)
    report = tmp_path / "report.json"
    answer = command(
        "benchmark",
        "inference",
        "--models=logistic,logistic:base:float16+onnx",
        "--formats=saved_model,litert",
        "--quantize=none,dynamic",
        "--classes=5",
        "--frames=2,3",
        "--steps=4",
        "--repeats=2",
        f"--json={report}",
    )
    assert answer.status == 0, answer.error
    names = [
        "0_saved_model_none",
        "0_litert_none.tflite",
        "0_litert_dynamic.tflite",
        "1_litert_float16.tflite",
        "1_onnx_none.onnx",
    ]
    assert asked == 2 * [
        (name, *call)
        for _ in (2, 3)
        for threads in (1, 2)
        for name in names
        for call in ((1, threads, 4), (32, threads, 3))
    ]
    found = read_json(report)
    assert found["memory"] == [
        {"threads": 1, "bytes_a_second": 1e6},
        {"threads": 2, "bytes_a_second": 2e6},
    ]
    for row in found["rows"]:
        assert row["p50_ms"] == row["frames"]
        assert row["batch_ms"] == 32 * row["frames"]
        assert row["warm_limit"] == 2 * row["limit"]
    assert_they_fit(found)
    for frames in (2, 3):
        assert f"{frames} frames, 2 threads, batches of 32; " in answer.out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--formats=tflite"], "--formats is 'tflite': pass some of saved_"),
        (["--quantize=int2"], "--quantize is 'int2': pass some of none, fl"),
        (["--preset=huge"], "'attend_fusion:huge': attend_fusion comes as ba"),
        (["--models=gru"], "--models has 'gru': There is no model 'gru'; the"),
        (["--models=nowhere:build"], "nowhere cannot be imported"),
        (["--models=dbof:x"], "--models has 'dbof:x': dbof comes as base, sm"),
        (["--models=dbof:base:int2"], "after a second colon pass some of non"),
        (["--models=dbof:base:none:x"], "after a second colon pass some of "),
        (["--models=,"], "--models is ',': pass comma-separated NAME:PRESET"),
        (["--frames=0"], "--frames is '0': pass numbers of seconds, parted"),
        (["--frames=1,x"], "--frames is '1,x': pass numbers of seconds"),
    ],
)
def test_what_does_not_fit(fails, flags, message):
    assert message in fails("benchmark", "inference", *flags, status=2)


def test_a_file_that_cannot_be_written(fails, monkeypatch):
    """What goes wrong in the process of a file is told in one line."""
    monkeypatch.setitem(exported.SUFFIXES, "onnx", ".other")
    flags = ["--models=logistic:base:onnx", "--level=video", "--classes=5"]
    message = fails("benchmark", "inference", *flags)
    assert "other has to end in .onnx" in message


def test_a_process_that_ends_without_a_file(fails, monkeypatch):
    monkeypatch.setattr(exported, "_send", os._exit)
    flags = ["--models=logistic", "--level=video", "--classes=5"]
    message = fails("benchmark", "inference", *flags)
    assert "converting logistic:base ended without a file" in message
