"""Timing a file in a process of its own: what is in it, not how long."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from keras_attend_fusion import export


def test_a_file_is_timed(frame):
    features = export.one_video(frame.model, frames=9)
    found = export.latency(frame.litert, features, num_threads=2, runs=5)
    assert 0.0 < found["p50_ms"] <= found["p95_ms"] < found["first_ms"]
    if sys.platform == "linux":
        assert 10.0 < found["peak_mb"] < 1000.0


def test_keras_is_not_in_that_process(video, monkeypatch, tmp_path):
    pytest.importorskip("ai_edge_litert")
    for name in ("keras", "tensorflow"):
        (tmp_path / f"{name}.py").write_text(f"raise ValueError('{name}!')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    features = export.one_video(video.model)
    assert export.latency(video.litert, features, runs=1)["p50_ms"] > 0.0
    with pytest.raises(
        ValueError, match=r"saved_model does not run: .*tensorf"
    ):
        export.latency(video.saved_model, features, runs=1)


def test_what_does_not_run_is_named(video):
    wrong = {"rgb": np.zeros((1, 3), "float32")}
    with pytest.raises(ValueError, match=r"tflite does not run: .*takes the"):
        export.latency(video.litert, wrong, runs=1)
